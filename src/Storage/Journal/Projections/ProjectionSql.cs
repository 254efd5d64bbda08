namespace ArtifactStore.Storage.Journal.Projections;

/// <summary>
/// The statements that keep the views, for tables with a prefix: none for the real ones, another for the shadows that a replay builds.
/// </summary>
internal sealed class ProjectionSql(string prefix)
{
    public string InsertPackage { get; } =
        $"""
        INSERT INTO {prefix}artifact_packages (package_key, tenant, package_id, name, producer, subject, retention_class, status,
            backend_id, metadata, metadata_schema, created_at, created_by, file_count, total_bytes, stream_version, last_event_sequence)
        VALUES ($1, $2, $3, $4, $5, $6, $7, 'created', $8, $9, $10, $11, $12, 0, 0, 1, $1)
        """;

    public string InsertMetadata { get; } =
        $"INSERT INTO {prefix}package_metadata (tenant, name, value, package_key) VALUES ($1, $2, $3, $4)";

    public string TouchPackage { get; } =
        $"""
        UPDATE {prefix}artifact_packages
        SET file_count = file_count + $2, total_bytes = total_bytes + $3, stream_version = $4, last_event_sequence = $5,
            released_count = released_count + $6
        WHERE package_key = $1
        """;

    public string FinalizePackage { get; } =
        $"""
        UPDATE {prefix}artifact_packages SET status = 'finalized', manifest_content_key = $2, finalized_at = $3 WHERE package_key = $1
        """;

    public string StartCollection { get; } = $"UPDATE {prefix}artifact_packages SET status = 'collecting' WHERE package_key = $1";

    public string EndCollection { get; } = $"UPDATE {prefix}artifact_packages SET status = 'garbage_collected' WHERE package_key = $1";

    public string CollectRetention { get; } =
        $"UPDATE {prefix}retention_state SET collection_started_at = $2, collection_plan = $3 WHERE package_key = $1";

    public string InsertRetention { get; } =
        $"""
        INSERT INTO {prefix}retention_state (package_key, tenant, retention_class, current_expires_at, eligible_for_deletion)
        VALUES ($1, $2, $3, $4, 0)
        """;

    /// <summary>What is kept longer is not to be deleted, whoever had asked for that.</summary>
    public string ExtendRetention { get; } =
        $"""
        UPDATE {prefix}retention_state SET current_expires_at = $2, eligible_for_deletion = 0, eligible_since = NULL, eligible_cause = NULL,
            eligible_reason = NULL
        WHERE package_key = $1
        """;

    public string MarkEligible { get; } =
        $"""
        UPDATE {prefix}retention_state SET eligible_for_deletion = 1, eligible_since = $2, eligible_cause = $3, eligible_reason = $4
        WHERE package_key = $1
        """;

    public string InsertHold { get; } =
        $"""
        INSERT INTO {prefix}holds (hold_key, tenant, hold_id, kind, covers, reason, owner, applied_at, until)
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)
        """;

    public string DropHold { get; } = $"DELETE FROM {prefix}holds WHERE tenant = $1 AND hold_id = $2";

    /// <summary>The 4 is <see cref="FromKind.Hold"/>, written out for the partial index that finds these few rows.</summary>
    public string DropHoldReference { get; } =
        $"""
        DELETE FROM {prefix}content_references
        WHERE from_kind = 4 AND from_key = (SELECT hold_key FROM {prefix}holds WHERE tenant = $1 AND hold_id = $2)
        """;

    public string InsertPlan { get; } =
        $"""
        INSERT INTO {prefix}retention_plans (plan_key, tenant, plan_id, made_at, made_by, position, valid_until, packages, files, bytes,
            freed_bytes, stream_version)
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)
        """;

    public string InsertPlanItem { get; } =
        $"""
        INSERT INTO {prefix}retention_plan_items (tenant, plan_id, package_key, stream_version, cause, reason, since, files, bytes)
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)
        """;

    public string StartPlan { get; } =
        $"UPDATE {prefix}retention_plans SET started_at = $3, stream_version = $4 WHERE tenant = $1 AND plan_id = $2";

    public string EndPlan { get; } =
        $"""
        UPDATE {prefix}retention_plans SET ended_at = $3, started = $4, skipped = $5, stream_version = $6
        WHERE tenant = $1 AND plan_id = $2
        """;

    public string InsertFile { get; } =
        $"""
        INSERT INTO {prefix}artifact_files (file_key, tenant, package_key, file_id, relative_path, media_type, digest_algorithm,
            content_key, size, backend_id, ingested_at, ingested_by)
        VALUES ($1, $2, $3, $4, $5, $6, 'blake3', $7, $8, $9, $10, $11)
        """;

    public string InsertReference { get; } =
        $"""
        INSERT INTO {prefix}content_references (content_key, edge_kind, from_kind, from_key, tenant, backend_id)
        VALUES ($1, $2, $3, $4, $5, $6)
        """;

    public string DropReference { get; } = $"DELETE FROM {prefix}content_references WHERE from_kind = $1 AND from_key = $2";

    public string MoveReferences { get; } =
        $"UPDATE {prefix}content_references SET backend_id = $3 WHERE content_key = $1 AND backend_id = $2";

    /// <summary>The 1 is <see cref="FromKind.File"/>.</summary>
    public string MoveFiles { get; } =
        $"""
        UPDATE {prefix}artifact_files SET backend_id = $3 WHERE file_key IN (SELECT from_key FROM {prefix}content_references
            WHERE content_key = $1 AND backend_id = $2 AND from_kind = 1)
        """;

    public string InsertContent { get; } =
        $"INSERT INTO {prefix}contents (content_key, tenant, blake3, size) VALUES ($1, $2, $3, $4)";

    public string SizeContent { get; } =
        $"UPDATE {prefix}contents SET size = $2 WHERE content_key = $1 AND size IS NULL";

    public string InsertDigest { get; } =
        $"INSERT INTO {prefix}content_digests (content_key, tenant, algorithm, digest) VALUES ($1, $2, $3, $4)";

    public string EnsureDigest { get; } =
        $"""
        INSERT INTO {prefix}content_digests (content_key, tenant, algorithm, digest)
        SELECT $1, $2, $3, $4 WHERE NOT EXISTS (SELECT 1 FROM {prefix}content_digests WHERE content_key = $1 AND algorithm = $3)
        """;

    public string InsertLocation { get; } =
        $"""
        INSERT INTO {prefix}storage_locations (location_key, tenant, backend_id, content_key, generation, status, physical_key, encoding,
            retrieval_tier, changed_at, reason, last_event_sequence)
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8, 'hot', $9, $10, $1)
        """;

    public string ChangeLocation { get; } =
        $"""
        UPDATE {prefix}storage_locations SET status = $4, changed_at = $5, reason = $6, last_event_sequence = $7
        WHERE content_key = $1 AND backend_id = $2 AND generation = $3
        """;

    public string LeaveLocation { get; } =
        $"""
        UPDATE {prefix}storage_locations SET status = 'gone', changed_at = $4, last_event_sequence = $5
        WHERE content_key = $1 AND backend_id = $2 AND generation = $3
        """;

    public string RememberReleased { get; } =
        $"""
        UPDATE {prefix}storage_locations SET released_package_key = $4, released_file_key = $5
        WHERE content_key = $1 AND backend_id = $2 AND generation = $3
        """;

    public string VerifyLocation { get; } =
        $"""
        UPDATE {prefix}storage_locations SET verified_at = $4, last_event_sequence = $5
        WHERE content_key = $1 AND backend_id = $2 AND generation = $3
        """;

    /// <summary>Either a location that was live or failed, or a reservation that never had a row.</summary>
    public string CondemnLocation { get; } =
        $"""
        INSERT INTO {prefix}storage_locations (location_key, tenant, backend_id, content_key, generation, status, physical_key, encoding,
            retrieval_tier, changed_at, reason, last_event_sequence)
        VALUES ($1, $2, $3, $4, $5, 'condemned', $6, '', 'hot', $7, $8, $1)
        ON CONFLICT (content_key, backend_id, generation) DO UPDATE SET status = excluded.status, changed_at = excluded.changed_at,
            reason = excluded.reason, last_event_sequence = excluded.last_event_sequence
        """;

    public string CountFailed { get; } =
        $"""
        INSERT INTO {prefix}failed_locations (backend_id, failed) VALUES ($1, 1)
        ON CONFLICT (backend_id) DO UPDATE SET failed = {prefix}failed_locations.failed + 1
        """;

    /// <summary>Run before the location changes: only a failed one is taken off the count.</summary>
    public string UncountFailed { get; } =
        $"""
        UPDATE {prefix}failed_locations SET failed = failed - 1
        WHERE backend_id = $2 AND EXISTS (SELECT 1 FROM {prefix}storage_locations
            WHERE content_key = $1 AND backend_id = $2 AND generation = $3 AND status = 'failed')
        """;

    public string DefineClass { get; } =
        $"""
        INSERT INTO {prefix}retention_classes (class_key, tenant, slug, default_duration_seconds, description, last_event_sequence)
        VALUES ($1, $2, $3, $4, $5, $1)
        ON CONFLICT (tenant, slug) DO UPDATE SET default_duration_seconds = excluded.default_duration_seconds,
            description = excluded.description, last_event_sequence = excluded.last_event_sequence
        """;

    public string InsertSchema { get; } =
        $"""
        INSERT INTO {prefix}metadata_schemas (schema_key, tenant, slug, document, registered_at, registered_by)
        VALUES ($1, $2, $3, $4, $5, $6)
        """;
}
