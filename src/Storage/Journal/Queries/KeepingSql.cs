using ArtifactStore.Interfaces.Collection;
using ArtifactStore.Interfaces.Ids;
using ArtifactStore.Storage.Journal.Projections;

namespace ArtifactStore.Storage.Journal.Queries;

/// <summary>What keeps a content and what became of its copies, in words that SQLite and PostgreSQL both understand. Seeks and short walks.</summary>
internal static class KeepingSql
{
    public const string Content =
        """
        SELECT content_key, tenant, blake3, size FROM contents
        WHERE content_key = COALESCE(
            (SELECT content_key FROM contents WHERE $2 = 'blake3' AND tenant = $1 AND blake3 = $3),
            (SELECT content_key FROM content_digests WHERE $2 <> 'blake3' AND tenant = $1 AND algorithm = $2 AND digest = $3
                ORDER BY content_key LIMIT 1))
        """;

    public static KnownContent KnownContent(IRow row) => new(row.Int64(0), new(row.Text(1)), row.Digest(2), row.OptionalInt64(3));

    public const string Locations =
        """
        SELECT c.blake3, l.backend_id, l.generation, l.physical_key, l.status, l.encoding, l.changed_at, l.reason,
            p.package_id, f.file_id, f.relative_path
        FROM storage_locations l
        JOIN contents c ON c.content_key = l.content_key
        LEFT JOIN artifact_packages p ON p.package_key = l.released_package_key
        LEFT JOIN artifact_files f ON f.file_key = l.released_file_key
        WHERE l.content_key = $1
        ORDER BY CASE WHEN l.status IN ('live', 'failed') THEN 0 ELSE 1 END, l.changed_at DESC, l.location_key DESC LIMIT $2
        """;

    public static KnownLocation KnownLocation(IRow row) => new(
        CollectionSql.Location(row)!, row.Time(6), row.OptionalText(7), row.IsNull(8) ? null : new PackageId(row.Uuid(8)),
        row.IsNull(9) ? null : new FileId(row.Uuid(9)), row.OptionalText(10));

    /// <summary>The numbers are those of <see cref="FromKind"/>.</summary>
    public const string Keepers =
        $"""
        SELECT {ViewRows.HoldColumns}, r.backend_id, r.edge_kind, r.from_kind, r.from_key, f.file_id, f.relative_path,
            p.package_id, p.name, p.producer, p.subject, p.retention_class, p.status, s.current_expires_at, s.eligible_since
        FROM content_references r
        LEFT JOIN holds h ON r.from_kind = 4 AND h.hold_key = r.from_key
        LEFT JOIN artifact_files f ON r.from_kind = 1 AND f.file_key = r.from_key
        LEFT JOIN artifact_packages p ON p.package_key = CASE r.from_kind WHEN 1 THEN f.package_key WHEN 2 THEN r.from_key END
        LEFT JOIN retention_state s ON s.package_key = p.package_key
        WHERE r.content_key = $1 AND (r.backend_id, r.edge_kind, r.from_kind, r.from_key) > ($2, $3, $4, $5)
        ORDER BY r.backend_id, r.edge_kind, r.from_kind, r.from_key LIMIT $6
        """;

    public static KeepingReference KeepingReference(IRow row)
    {
        var position = new ReferencePosition(row.Text(9), row.Int64(10), row.Int64(11), row.Int64(12));
        return new(
            position,
            position.Backend == HoldProjection.AnyBackend ? null : new BackendId(position.Backend),
            row.IsNull(15)
                ? null
                : new(
                    new(row.Uuid(15)), row.Text(16), row.Text(17), row.Text(18), row.Text(19), StatusNames.Package(row.Text(20)),
                    row.OptionalTime(21), !row.IsNull(22)),
            row.IsNull(13) ? null : new FileId(row.Uuid(13)),
            row.OptionalText(14),
            row.IsNull(0) ? null : ViewRows.Hold(row));
    }

    public const string IsQueued = "SELECT queued_by FROM collection_candidates WHERE tenant = $1 AND blake3 = $2";

    public const string File = ViewRows.FileSelect + " WHERE f.file_id = $1 AND f.tenant = $2";

    /// <summary>A walk backwards along the index that holds nothing else.</summary>
    public const string LastEvents = ViewRows.EventSelect +
        """
         WHERE tenant = $1 AND subject_kind = 2 AND subject_id = $2
            AND event_type IN ('v1.retention.extended', 'v1.retention.hold_applied', 'v1.retention.hold_released',
                'v1.retention.deletion_eligible', 'v1.package.collection_started', 'v1.package.garbage_collected')
        ORDER BY stream_version DESC LIMIT $3
        """;
}
