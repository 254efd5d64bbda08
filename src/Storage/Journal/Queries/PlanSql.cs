using ArtifactStore.Interfaces.Collection;
using ArtifactStore.Interfaces.Events;
using ArtifactStore.Interfaces.Retention;

namespace ArtifactStore.Storage.Journal.Queries;

/// <summary>Plans and what they are made from, in words that SQLite and PostgreSQL both understand.</summary>
internal static class PlanSql
{
    private const string PlanSelect =
        """
        SELECT plan_key, tenant, plan_id, made_at, made_by, position, valid_until, packages, files, bytes, freed_bytes, started_at, ended_at,
            started, skipped, stream_version
        FROM retention_plans
        """;

    public const string PlanById = PlanSelect + " WHERE tenant = $1 AND plan_id = $2";

    public const string PlansBefore = PlanSelect + " WHERE tenant = $1 AND plan_key < $2 ORDER BY plan_key DESC LIMIT $3";

    public static PlanView Plan(IRow row)
    {
        var (started, ended) = (row.OptionalTime(11), row.OptionalTime(12));
        return new(
            row.Int64(0), new(row.Text(1)), new(row.Uuid(2)), row.Time(3), row.Text(4),
            new(row.Int64(5), row.Time(6), row.Int64(7), row.Int64(8), row.Int64(9), row.Int64(10)),
            ended is not null ? PlanStatus.Ended : started is not null ? PlanStatus.Running : PlanStatus.Made,
            started, ended, row.OptionalInt64(13), row.OptionalInt64(14), row.Int64(15));
    }

    /// <summary>Only of a plan that was made to the end: a part of one that was not is no plan.</summary>
    public const string Items =
        """
        SELECT i.package_key, p.package_id, i.stream_version, i.cause, i.reason, i.since, i.files, i.bytes, r.collection_plan
        FROM retention_plan_items i
        JOIN artifact_packages p ON p.package_key = i.package_key
        JOIN retention_state r ON r.package_key = i.package_key
        WHERE i.tenant = $1 AND i.plan_id = $2 AND i.package_key > $3
            AND EXISTS (SELECT 1 FROM retention_plans WHERE tenant = $1 AND plan_id = $2)
        ORDER BY i.package_key LIMIT $4
        """;

    public static PlanItem Item(IRow row) => new(row.Int64(0), Planned(row), row.OptionalText(8));

    public const string Candidates =
        """
        SELECT r.package_key, p.package_id, p.stream_version, r.eligible_cause, r.eligible_reason, r.eligible_since, p.file_count, p.total_bytes,
            p.producer, p.subject
        FROM retention_state r JOIN artifact_packages p ON p.package_key = r.package_key
        WHERE r.eligible_for_deletion = 1 AND r.collection_started_at IS NULL AND r.package_key > $2 AND r.tenant = $1
        ORDER BY r.package_key LIMIT $3
        """;

    public static PlanCandidate Candidate(IRow row) => new(row.Int64(0), Planned(row), row.Text(8), row.Text(9));

    public const string IsHeld = "SELECT 1 FROM holds WHERE tenant = $1 AND kind = $2 AND covers = $3 LIMIT 1";

    /// <summary>
    /// One walk along what the plan lists. A copy counts at the first reference to it, in the order of their index, and only when every
    /// reference that keeps it is of a package in the plan that has not changed. LIMIT 1 OFFSET 0 is for PostgreSQL: a question that has it
    /// stays a seek for each row, and never becomes a join that reads the whole table.
    /// </summary>
    public const string Totals =
        $"""
        SELECT (SELECT head_sequence FROM store WHERE id = 1), unchanged.packages, unchanged.files, unchanged.bytes,
            (SELECT COALESCE(sum(c.size), 0) FROM retention_plan_items i
                JOIN artifact_packages p ON p.package_key = i.package_key AND p.stream_version = i.stream_version
                JOIN artifact_files f ON f.package_key = i.package_key
                JOIN content_references r ON r.from_kind = 1 AND r.from_key = f.file_key
                {Freed})
            + (SELECT COALESCE(sum(c.size), 0) FROM retention_plan_items i
                JOIN artifact_packages p ON p.package_key = i.package_key AND p.stream_version = i.stream_version
                JOIN content_references r ON r.from_kind = 2 AND r.from_key = i.package_key
                {Freed})
        FROM (SELECT count(*) AS packages, COALESCE(sum(p.file_count), 0) AS files, COALESCE(sum(p.total_bytes), 0) AS bytes
            FROM retention_plan_items i
            JOIN artifact_packages p ON p.package_key = i.package_key AND p.stream_version = i.stream_version
            WHERE i.tenant = $1 AND i.plan_id = $2) unchanged
        """;

    private const string Freed =
        """
        JOIN contents c ON c.content_key = r.content_key
        JOIN storage_locations l ON l.content_key = r.content_key AND l.backend_id = r.backend_id AND l.status IN ('live', 'failed')
        WHERE i.tenant = $1 AND i.plan_id = $2
            AND NOT EXISTS (SELECT 1 FROM content_references e
                WHERE e.content_key = r.content_key AND e.backend_id = r.backend_id
                    AND (e.edge_kind, e.from_kind, e.from_key) < (r.edge_kind, r.from_kind, r.from_key) LIMIT 1 OFFSET 0)
            AND NOT EXISTS (SELECT 1 FROM content_references k
                LEFT JOIN artifact_files kf ON k.from_kind = 1 AND kf.file_key = k.from_key
                LEFT JOIN retention_plan_items ki ON ki.tenant = $1 AND ki.plan_id = $2
                    AND ki.package_key = CASE k.from_kind WHEN 1 THEN kf.package_key WHEN 2 THEN k.from_key END
                LEFT JOIN artifact_packages kp ON kp.package_key = ki.package_key AND kp.stream_version = ki.stream_version
                WHERE k.content_key = r.content_key AND k.backend_id IN (r.backend_id, '') AND kp.package_key IS NULL LIMIT 1 OFFSET 0)
        """;

    public static PlanTotals Total(IRow row) => new(row.Int64(0), row.Int64(1), row.Int64(2), row.Int64(3), row.Int64(4));

    public const string Progress =
        """
        SELECT count(*), COALESCE(sum(CASE WHEN r.collection_plan = $3 THEN 1 ELSE 0 END), 0)
        FROM retention_plan_items i JOIN retention_state r ON r.package_key = i.package_key
        WHERE i.tenant = $1 AND i.plan_id = $2
        """;

    public static PlanProgress Progressed(IRow row) => new(row.Int64(0), row.Int64(1));

    private static PlannedPackage Planned(IRow row) => new(
        new(row.Uuid(1)), row.Int64(2),
        RetentionNames.TryCause(row.Text(3)) ?? throw new InvalidDataException($"stored cause '{row.Text(3)}' is unknown"),
        row.OptionalText(4), row.Time(5), row.Int64(6), row.Int64(7));
}
