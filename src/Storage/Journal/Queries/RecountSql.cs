using ArtifactStore.Interfaces.Journal;

namespace ArtifactStore.Storage.Journal.Queries;

/// <summary>
/// The numbers that views keep against the rows that they count, in words that SQLite and PostgreSQL both understand. Each is one statement over a
/// range of keys, so that number and rows are of one moment, and answers only with what differs.
/// </summary>
internal static class RecountSql
{
    public const string PackagesAfter = "SELECT package_key, file_count FROM artifact_packages WHERE package_key > $1 ORDER BY package_key LIMIT $2";

    public const string ContentsAfter = "SELECT content_key FROM contents WHERE content_key > $1 ORDER BY content_key LIMIT $2";

    /// <summary>A reference is left to release while it stands, or while the bytes that it was the last to keep are still to be deleted.</summary>
    public const string Packages =
        $"""
        SELECT p.package_id, p.file_count, COALESCE(f.files, 0), p.total_bytes, COALESCE(f.bytes, 0), {CollectionSql.Left},
            COALESCE(f.standing, 0) + COALESCE(m.standing, 0) + COALESCE(d.condemned, 0)
        FROM artifact_packages p
        LEFT JOIN (
            SELECT a.package_key, COUNT(*) AS files, CAST(SUM(a.size) AS BIGINT) AS bytes, COUNT(r.from_key) AS standing
            FROM artifact_files a LEFT JOIN content_references r ON r.from_kind = 1 AND r.from_key = a.file_key
            WHERE a.package_key > $1 AND a.package_key <= $2 GROUP BY a.package_key) f ON f.package_key = p.package_key
        LEFT JOIN (
            SELECT from_key, COUNT(*) AS standing FROM content_references
            WHERE from_kind = 2 AND from_key > $1 AND from_key <= $2 GROUP BY from_key) m ON m.from_key = p.package_key
        LEFT JOIN (
            SELECT released_package_key, COUNT(*) AS condemned FROM storage_locations
            WHERE status = 'condemned' AND released_package_key > $1 AND released_package_key <= $2
            GROUP BY released_package_key) d ON d.released_package_key = p.package_key
        WHERE p.package_key > $1 AND p.package_key <= $2 AND (p.file_count <> COALESCE(f.files, 0) OR p.total_bytes <> COALESCE(f.bytes, 0)
            OR {CollectionSql.Left} <> COALESCE(f.standing, 0) + COALESCE(m.standing, 0) + COALESCE(d.condemned, 0))
        ORDER BY p.package_key
        """;

    public static IEnumerable<RecountDrift> PackageDrifts(IRow row)
    {
        var of = row.Uuid(0).ToString("D");
        RecountDrift[] all =
        [
            new("files", of, row.Int64(1), row.Int64(2)), new("bytes", of, row.Int64(3), row.Int64(4)), new("left", of, row.Int64(5), row.Int64(6)),
        ];
        return all.Where(drift => drift.Shown != drift.Counted);
    }

    /// <summary>The first invariant of the store: a reference has a location that is live, or failed and reported.</summary>
    public const string Dangling =
        """
        SELECT c.blake3, COUNT(*) FROM content_references r JOIN contents c ON c.content_key = r.content_key
        WHERE r.content_key > $1 AND r.content_key <= $2 AND r.backend_id <> '' AND NOT EXISTS (SELECT 1 FROM storage_locations l
            WHERE l.content_key = r.content_key AND l.backend_id = r.backend_id AND l.status IN ('live', 'failed'))
        GROUP BY r.content_key, c.blake3 ORDER BY r.content_key
        """;

    /// <summary>Nothing is left lying: what nobody keeps waits for the collector.</summary>
    public const string Unkept =
        """
        SELECT c.blake3, COUNT(*) FROM storage_locations l JOIN contents c ON c.content_key = l.content_key
        WHERE l.content_key > $1 AND l.content_key <= $2 AND l.status = 'live'
            AND NOT EXISTS (SELECT 1 FROM content_references r WHERE r.content_key = l.content_key AND r.backend_id IN (l.backend_id, ''))
            AND NOT EXISTS (SELECT 1 FROM collection_candidates q WHERE q.tenant = c.tenant AND q.blake3 = c.blake3)
        GROUP BY l.content_key, c.blake3 ORDER BY l.content_key
        """;

    public static RecountDrift ContentDrift(string what, IRow row) => new(what, $"blake3:{row.Digest(0).ToHex()}", 0, row.Int64(1));

    public const string Failed =
        """
        SELECT backend_id, CAST(SUM(shown) AS BIGINT), CAST(SUM(counted) AS BIGINT) FROM (
            SELECT backend_id, failed AS shown, 0 AS counted FROM failed_locations
            UNION ALL SELECT backend_id, 0, 1 FROM storage_locations WHERE status = 'failed') x
        GROUP BY backend_id HAVING SUM(shown) <> SUM(counted) ORDER BY backend_id
        """;

    public static RecountDrift FailedDrift(IRow row) => new("failed_locations", row.Text(0), row.Int64(1), row.Int64(2));
}
