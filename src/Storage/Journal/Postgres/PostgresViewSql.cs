using System.Globalization;
using ArtifactStore.Interfaces.Views;
using ArtifactStore.Storage.Journal.Queries;

namespace ArtifactStore.Storage.Journal.Postgres;

/// <summary>
/// Questions that PostgreSQL answers in one round trip where SQLite is asked several times. Keys are found by scalar subqueries and rows
/// by seeks, in an order that an index has: no plan that reads a table is left to choose, whatever the statistics say.
/// </summary>
internal static class PostgresViewSql
{
    private const string PackageKey = "(SELECT package_key FROM artifact_packages WHERE tenant = $1 AND package_id = $2)";

    private static readonly string PageBytes = PageLimit.Bytes.ToString(CultureInfo.InvariantCulture);

    public static readonly string FilesAfter =
        $"{ViewRows.FileSelect} WHERE f.package_key = {PackageKey} AND f.relative_path > $3 ORDER BY f.relative_path LIMIT $4";

    public static readonly string FileByPath = $"{ViewRows.FileSelect} WHERE f.package_key = {PackageKey} AND f.relative_path = $3";

    /// <summary>One row for each location, or one without.</summary>
    public static readonly string ContentByBlake3 = Content("(SELECT content_key FROM contents WHERE tenant = $1 AND blake3 = $3)");

    public static readonly string ContentByDigest = Content(
        "(SELECT content_key FROM content_digests WHERE tenant = $1 AND algorithm = $2 AND digest = $3 ORDER BY content_key LIMIT 1)");

    public const string LiveLocation =
        """
        SELECT l.backend_id, l.generation, l.physical_key, l.status, l.encoding, c.blake3
        FROM contents c JOIN storage_locations l ON l.content_key = c.content_key AND l.backend_id = $4 AND l.status = 'live'
        WHERE c.content_key = COALESCE(
            (SELECT content_key FROM contents WHERE $2 = 'blake3' AND tenant = $1 AND blake3 = $3),
            (SELECT content_key FROM content_digests WHERE $2 <> 'blake3' AND tenant = $1 AND algorithm = $2 AND digest = $3
                ORDER BY content_key LIMIT 1))
        """;

    /// <summary>The places, counted from 1, of those that are not here.</summary>
    public const string Missing =
        """
        SELECT q.place
        FROM unnest($2::text[], $3::bytea[]) WITH ORDINALITY AS q (algorithm, digest, place)
        CROSS JOIN LATERAL (SELECT CASE WHEN q.algorithm = 'blake3'
            THEN (SELECT content_key FROM contents WHERE tenant = $1 AND blake3 = q.digest)
            ELSE (SELECT content_key FROM content_digests WHERE tenant = $1 AND algorithm = q.algorithm AND digest = q.digest
                ORDER BY content_key LIMIT 1) END AS content_key OFFSET 0) c
        WHERE (SELECT 1 FROM content_references r WHERE r.content_key = c.content_key LIMIT 1) IS NULL
            OR (SELECT 1 FROM storage_locations l WHERE l.content_key = c.content_key AND l.status = 'live' LIMIT 1) IS NULL
        ORDER BY q.place
        """;

    public const string HoldsOn =
        $"""
        SELECT {ViewRows.HoldColumns} FROM unnest($2::text[], $3::text[]) AS q (kind, covers)
        CROSS JOIN LATERAL (SELECT * FROM holds WHERE tenant = $1 AND kind = q.kind AND covers = q.covers OFFSET 0) h
        ORDER BY h.hold_key LIMIT $4
        """;

    public static readonly string SchemasAfter =
        $"""
        SELECT slug, document, registered_at, registered_by
        FROM (SELECT *, sum(octet_length(document)) OVER (ORDER BY slug ROWS UNBOUNDED PRECEDING) - octet_length(document) AS before
            FROM (SELECT * FROM metadata_schemas WHERE tenant = $1 AND slug > $2 ORDER BY slug LIMIT $3) s) page
        WHERE before < {PageBytes} ORDER BY slug
        """;

    public static readonly string EventsAfter = Events("SELECT * FROM events WHERE sequence > $1 ORDER BY sequence LIMIT $2");

    /// <summary>One walk along the index for each type, merged: rare types in a long log cost what they are, not what lies between.</summary>
    public static readonly string EventsOfTypes = Events(
        """
        SELECT e.* FROM (
            SELECT found.sequence FROM unnest($3::text[]) AS wanted (event_type)
            CROSS JOIN LATERAL (
                SELECT sequence FROM events WHERE event_type = wanted.event_type AND sequence > $1 ORDER BY event_type, sequence LIMIT $2) found
            ORDER BY found.sequence LIMIT $2) found
        CROSS JOIN LATERAL (SELECT * FROM events WHERE sequence = found.sequence LIMIT 1) e
        """);

    public static readonly string LogLines = Events(
        "SELECT * FROM events WHERE sequence > $1 AND sequence <= $3 ORDER BY sequence LIMIT $2");

    public const string Status =
        """
        SELECT s.store_id, s.incarnation, s.schema_version, s.head_sequence, f.backend_id, f.failed
        FROM store s LEFT JOIN failed_locations f ON true WHERE s.id = 1 ORDER BY f.backend_id
        """;

    private static string Content(string key) =>
        $"""
        SELECT l.backend_id, l.generation, l.physical_key, l.status, l.encoding, c.blake3, d.digest, c.size, c.content_key
        FROM contents c
        JOIN content_digests d ON d.content_key = c.content_key AND d.algorithm = 'sha256'
        LEFT JOIN storage_locations l ON l.content_key = c.content_key AND l.status IN ('live', 'failed')
        WHERE c.content_key = {key}
            AND (SELECT 1 FROM content_references r WHERE r.content_key = c.content_key LIMIT 1) IS NOT NULL
            AND $2 <> ''
        ORDER BY l.status DESC, l.backend_id, l.generation
        """;

    /// <summary>The lines of a page (<see cref="PageLimit"/>): a line that does not fit is not sent. The length of a payload is known unread.</summary>
    private static string Events(string lines) =>
        $"""
        SELECT sequence, created_at, event_type, tenant, subject_kind, subject_id, stream_version, actor, append_id, payload,
            payload_digest, leaf_digest, append_size
        FROM (SELECT *, sum(octet_length(payload)) OVER (ORDER BY sequence ROWS UNBOUNDED PRECEDING) - octet_length(payload) AS before
            FROM ({lines}) line) page
        WHERE before < {PageBytes} ORDER BY sequence
        """;
}
