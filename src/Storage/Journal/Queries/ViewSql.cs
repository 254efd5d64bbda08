namespace ArtifactStore.Storage.Journal.Queries;

/// <summary>
/// Questions to the views, in words that SQLite and PostgreSQL both understand. Each is one seek, or one seek and a walk.
/// </summary>
internal static class ViewSql
{
    public const string PackageById = ViewRows.PackageSelect + " WHERE p.tenant = $1 AND p.package_id = $2";
    public const string PackageByKey = ViewRows.PackageSelect + " WHERE p.package_key = $1";
    public const string PackageKeyById = "SELECT package_key FROM artifact_packages WHERE tenant = $1 AND package_id = $2";
    public const string FilesAfter =
        ViewRows.FileSelect + " WHERE f.package_key = $1 AND f.relative_path > $2 ORDER BY f.relative_path LIMIT $3";
    public const string FileById = ViewRows.FileSelect + " WHERE f.file_id = $1 AND f.tenant = $2 AND p.status IN ('created', 'finalized')";
    public const string FileByPath = ViewRows.FileSelect + " WHERE f.package_key = $1 AND f.relative_path = $2";
    public const string ClassBySlug = ViewRows.ClassSelect + " WHERE tenant = $1 AND slug = $2";
    public const string ClassesOf = ViewRows.ClassSelect + " WHERE tenant = $1 ORDER BY class_key";
    public const string SchemaBySlug = ViewRows.SchemaSelect + " WHERE tenant = $1 AND slug = $2";
    public const string SchemasAfter = ViewRows.SchemaSelect + " WHERE tenant = $1 AND slug > $2 ORDER BY slug LIMIT $3";
    public const string HoldById = ViewRows.HoldSelect + " WHERE h.tenant = $1 AND h.hold_id = $2";
    public const string HoldsOnCover =
        ViewRows.HoldSelect + " WHERE h.tenant = $1 AND h.kind = $2 AND h.covers = $3 ORDER BY h.hold_key LIMIT $4";
    public const string HoldsAfter = ViewRows.HoldSelect + " WHERE h.tenant = $1 AND h.hold_key > $2 ORDER BY h.hold_key LIMIT $3";
    public const string EndedHolds =
        ViewRows.HoldSelect + " WHERE h.until IS NOT NULL AND h.until <= $1 AND (h.until, h.hold_key) > ($2, $3) ORDER BY h.until, h.hold_key LIMIT $4";
    public const string DueAfter = ViewRows.DueSelect +
        """
         WHERE r.current_expires_at IS NOT NULL AND r.eligible_for_deletion = 0 AND r.current_expires_at <= $1
            AND (r.current_expires_at, r.package_key) > ($2, $3)
        ORDER BY r.current_expires_at, r.package_key LIMIT $4
        """;

    /// <summary>The first is the second event of the stream, always; the others have an index of their own.</summary>
    public const string RetentionHistory = "SELECT * FROM (" + ViewRows.EventSelect +
        """
         WHERE tenant = $1 AND subject_kind = 2 AND subject_id = $2 AND stream_version = 2 AND stream_version > $3
            AND event_type = 'v1.retention.default_applied'
        UNION ALL
        """ + "\n" + ViewRows.EventSelect +
        """
         WHERE tenant = $1 AND subject_kind = 2 AND subject_id = $2 AND stream_version > $3
            AND event_type IN ('v1.retention.extended', 'v1.retention.hold_applied', 'v1.retention.hold_released',
                'v1.retention.deletion_eligible', 'v1.package.collection_started', 'v1.package.garbage_collected')
        ) history ORDER BY stream_version LIMIT $4
        """;
    public const string IdempotencyEntryOf =
        "SELECT request_digest, result_id, created_at FROM idempotency_keys WHERE tenant = $1 AND actor = $2 AND idempotency_key = $3";
    public const string StoreRow = "SELECT store_id, incarnation, schema_version, head_sequence FROM store WHERE id = 1";
    public const string FailedOf = "SELECT backend_id, failed FROM failed_locations ORDER BY backend_id";
    public const string ContentKeyByBlake3 = "SELECT content_key FROM contents WHERE tenant = $1 AND blake3 = $2";
    public const string ContentKeyByDigest = "SELECT content_key FROM content_digests WHERE tenant = $1 AND algorithm = $2 AND digest = $3";
    public const string IsReferenced = "SELECT 1 FROM content_references WHERE content_key = $1 LIMIT 1";
    public const string IsLive = "SELECT 1 FROM storage_locations WHERE content_key = $1 AND status = 'live' LIMIT 1";
    public const string DigestsOf =
        """
        SELECT c.blake3, d.digest, c.size FROM contents c
        JOIN content_digests d ON d.content_key = c.content_key AND d.algorithm = 'sha256'
        WHERE c.content_key = $1
        """;
    public const string ReadableLocations =
        ViewRows.LocationSelect + " WHERE content_key = $1 AND status IN ('live', 'failed') ORDER BY status DESC, backend_id, generation";
    public const string LiveLocationIn = ViewRows.LocationSelect + " WHERE content_key = $1 AND backend_id = $2 AND status = 'live'";
    public const string LocationsAfter = ViewRows.StoredLocationSelect + " WHERE l.location_key > $1 ORDER BY l.location_key LIMIT $2";

    /// <summary>The 1 and the 2 are <see cref="Projections.FromKind.File"/> and <see cref="Projections.FromKind.Package"/>.</summary>
    public const string LocationsUsedBy =
        """
        SELECT l.location_key FROM storage_locations l
        WHERE l.location_key > $3 AND l.location_key <= $4 AND l.backend_id = $1 AND l.status IN ('live', 'failed') AND (
            EXISTS (SELECT 1 FROM content_references r
                JOIN artifact_files f ON f.file_key = r.from_key
                JOIN artifact_packages p ON p.package_key = f.package_key
                WHERE r.content_key = l.content_key AND r.backend_id = l.backend_id AND r.from_kind = 1 AND p.retention_class = $2)
            OR EXISTS (SELECT 1 FROM content_references r
                JOIN artifact_packages p ON p.package_key = r.from_key
                WHERE r.content_key = l.content_key AND r.backend_id = l.backend_id AND r.from_kind = 2 AND p.retention_class = $2))
        ORDER BY l.location_key
        """;
    public const string Blake3Of = "SELECT blake3 FROM contents WHERE content_key = $1";
    public const string EventsAfter = ViewRows.EventSelect + " WHERE sequence > $1 ORDER BY sequence LIMIT $2";
    public const string EventAt = ViewRows.EventSelect + " WHERE sequence = $1";
    public const string SequencesOfType = "SELECT sequence FROM events WHERE event_type = $1 AND sequence > $2 ORDER BY sequence LIMIT $3";
}
