using ArtifactStore.Interfaces.Collection;
using ArtifactStore.Interfaces.Contents;
using ArtifactStore.Interfaces.Events;
using ArtifactStore.Interfaces.Ids;
using ArtifactStore.Storage.Journal.Projections;

namespace ArtifactStore.Storage.Journal.Queries;

/// <summary>The collector's work lists, in words that SQLite and PostgreSQL both understand. Each is a walk along an index of what goes.</summary>
internal static class CollectionSql
{
    /// <summary>References of a package that are not released for good.</summary>
    public const string Left = "file_count + (CASE WHEN manifest_content_key IS NULL THEN 0 ELSE 1 END) - released_count";

    public const string Eligible =
        """
        SELECT p.tenant, p.package_id, r.eligible_since, p.stream_version, r.package_key
        FROM retention_state r JOIN artifact_packages p ON p.package_key = r.package_key
        WHERE r.eligible_for_deletion = 1 AND r.collection_started_at IS NULL AND (r.eligible_since, r.package_key) > ($1, $2)
        ORDER BY r.eligible_since, r.package_key LIMIT $3
        """;

    public static EligiblePackage EligiblePackage(IRow row) =>
        new(new(row.Text(0)), new(row.Uuid(1)), row.Time(2), row.Int64(3), row.Int64(4));

    public const string Collecting =
        $"""
        SELECT p.tenant, p.package_id, {Left}, p.package_key, r.collection_plan
        FROM artifact_packages p JOIN retention_state r ON r.package_key = p.package_key
        WHERE p.status = 'collecting' AND p.package_key > $1 ORDER BY p.package_key LIMIT $2
        """;

    public static CollectingPackage CollectingPackage(IRow row) =>
        new(new(row.Text(0)), new(row.Uuid(1)), row.Int64(2), row.Int64(3), row.OptionalText(4));

    public const string Files =
        """
        SELECT c.blake3, l.backend_id, l.generation, l.physical_key, l.status, l.encoding, f.file_id, f.file_key, f.relative_path
        FROM artifact_files f
        JOIN content_references r ON r.from_kind = 1 AND r.from_key = f.file_key
        JOIN contents c ON c.content_key = f.content_key
        LEFT JOIN storage_locations l ON l.location_key = (SELECT location_key FROM storage_locations
            WHERE content_key = f.content_key AND backend_id = r.backend_id AND status IN ('live', 'failed')
            ORDER BY status DESC, generation DESC LIMIT 1)
        WHERE f.package_key = $1 AND f.relative_path > $2 ORDER BY f.relative_path LIMIT $3
        """;

    public static StandingReference File(IRow row, PackageId package) =>
        new(row.Text(8), new(package, new FileId(row.Uuid(6)), row.Int64(7)), Location(row));

    public const string Manifest =
        """
        SELECT c.blake3, l.backend_id, l.generation, l.physical_key, l.status, l.encoding
        FROM artifact_packages p
        JOIN content_references r ON r.from_kind = 2 AND r.from_key = p.package_key
        JOIN contents c ON c.content_key = p.manifest_content_key
        LEFT JOIN storage_locations l ON l.location_key = (SELECT location_key FROM storage_locations
            WHERE content_key = p.manifest_content_key AND backend_id = r.backend_id AND status IN ('live', 'failed')
            ORDER BY status DESC, generation DESC LIMIT 1)
        WHERE p.package_key = $1
        """;

    public static StandingReference ManifestReference(IRow row, PackageId package) => new(null, new(package), Location(row));

    public const string Locations =
        """
        SELECT c.blake3, l.backend_id, l.generation, l.physical_key, l.status, l.encoding, l.location_key, l.tenant,
            p.package_id, f.file_id, f.file_key, c.size, r.collection_plan
        FROM storage_locations l
        JOIN contents c ON c.content_key = l.content_key
        LEFT JOIN artifact_packages p ON p.package_key = l.released_package_key
        LEFT JOIN retention_state r ON r.package_key = l.released_package_key
        LEFT JOIN artifact_files f ON f.file_key = l.released_file_key
        WHERE l.status = $1 AND l.status IN ('failed', 'condemned') AND l.location_key > $2 ORDER BY l.location_key LIMIT $3
        """;

    public static DoomedLocation DoomedLocation(IRow row) => new(
        row.Int64(6), new(row.Text(7)), Location(row)!, row.OptionalInt64(11),
        row.IsNull(8) ? null : new Keeper(new(row.Uuid(8)), row.IsNull(9) ? null : new FileId(row.Uuid(9)), row.IsNull(10) ? null : row.Int64(10)),
        row.OptionalText(12));

    public const string Candidates = "SELECT tenant, blake3, queued_by FROM collection_candidates WHERE queued_by > $1 ORDER BY queued_by LIMIT $2";

    public static CollectionCandidate Candidate(IRow row) => new(new(row.Text(0)), row.Digest(1), row.Int64(2));

    public const string HoldOnAll = "SELECT hold_key FROM holds WHERE tenant = $1 AND kind = 'everything' AND covers = '' LIMIT 1";

    public const string LocationsOf =
        """
        SELECT c.blake3, l.backend_id, l.generation, l.physical_key, l.status, l.encoding
        FROM contents c JOIN storage_locations l ON l.content_key = c.content_key AND l.status IN ('live', 'failed')
        WHERE c.tenant = $1 AND c.blake3 = $2 ORDER BY l.location_key
        """;

    /// <summary>One content on SQLite; PostgreSQL asks the same of many at once.</summary>
    public const string KnownKeys =
        """
        SELECT l.generation, l.physical_key, l.status
        FROM contents c JOIN storage_locations l ON l.content_key = c.content_key AND l.backend_id = $3
        WHERE c.tenant = $1 AND c.blake3 = $2
        UNION ALL
        SELECT generation, physical_key, NULL FROM settling WHERE tenant = $1 AND blake3 = $2 AND backend_id = $3
        """;

    public static KnownKey KnownKey(IRow row, StoredContent content) => new(
        content, row.Int32(0), row.Text(1), row.IsNull(2) ? null : StatusNames.Location(row.Text(2)));

    public static LocationView? Location(IRow row) => row.IsNull(1)
        ? null
        : new(
            Backend: new(row.Text(1)),
            Content: row.Digest(0),
            Generation: row.Int32(2),
            PhysicalKey: row.Text(3),
            State: StatusNames.Location(row.Text(4)),
            Encoding: row.Text(5));
}
