using ArtifactStore.Interfaces.Contents;
using ArtifactStore.Interfaces.Ids;
using ArtifactStore.Interfaces.Journal;
using ArtifactStore.Storage.Journal.Core;

namespace ArtifactStore.Storage.Journal.Projections;

/// <summary>
/// Writes the plan of a batch inside its transaction, on every database: events, their projections, the head, the working tables.
/// </summary>
internal sealed class PlanWrites(IStatements statements, Guid nodeEpoch)
{
    private const string InsertEvent =
        """
        INSERT INTO events (sequence, created_at, event_type, tenant, subject_kind, subject_id, stream_version, actor, append_id,
            append_size, payload_digest, leaf_digest, payload)
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)
        """;
    private const string MoveHead = "UPDATE store SET head_sequence = $1, head_leaf_digest = $2 WHERE id = 1";
    private const string InsertSettling =
        """
        INSERT INTO settling (tenant, backend_id, blake3, generation, sha256, size, owner, physical_key, node_epoch, reserved_at)
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)
        """;
    private const string DropSettling = "DELETE FROM settling WHERE tenant = $1 AND backend_id = $2 AND blake3 = $3 AND generation = $4";
    private const string InsertIdempotencyKey =
        """
        INSERT INTO idempotency_keys (tenant, actor, idempotency_key, request_digest, result_id, created_at) VALUES ($1, $2, $3, $4, $5, $6)
        """;

    private const string QueueCandidate =
        """
        INSERT INTO collection_candidates (tenant, blake3, queued_by) VALUES ($1, $2, $3)
        ON CONFLICT (tenant, blake3) DO UPDATE SET queued_by = excluded.queued_by
        """;
    private const string DropCandidate = "DELETE FROM collection_candidates WHERE tenant = $1 AND blake3 = $2 AND queued_by = $3";

    private static readonly ProjectionSql Views = new("");

    public void Write(BatchPlan plan, BatchState state, DateTimeOffset now)
    {
        if (plan.Events.Count > 0) WriteEvents(plan.Events, state);
        foreach (var work in plan.Work) Write(work, now);
    }

    private void WriteEvents(List<PlacedEvent> events, BatchState state)
    {
        var projection = new Projection(Views, statements, new StateKeys(state));
        foreach (var placed in events)
        {
            Insert(statements, placed.Record, placed.AppendSize);
            projection.Apply(placed.Record, placed.Body);
        }
        projection.Flush();
        var last = events[^1].Record;
        SetHead(statements, last);
    }

    public static void SetHead(IStatements statements, EventRecord last) => statements.Run(MoveHead, last.Sequence, last.LeafDigest);

    public static void Insert(IStatements statements, EventRecord record, int appendSize) => statements.Run(
        InsertEvent,
        record.Sequence, SqlValue.Time(record.Time), record.Type, record.Stream.Tenant.Value, (long)record.Stream.Kind, record.Stream.Id,
        record.StreamVersion, record.Actor, record.AppendId.Value, (long)appendSize, record.PayloadDigest, record.LeafDigest,
        SqlValue.Blob(record.Payload));

    private void Write(PlannedWork work, DateTimeOffset now)
    {
        switch (work)
        {
            case PlannedWork.Reserve { Reservation: var r }:
                statements.Run(
                    InsertSettling, r.Tenant.Value, r.Backend.Value, r.Content.Blake3, (long)r.Generation, r.Content.Sha256, r.Content.Size,
                    r.Owner.Value, r.PhysicalKey, nodeEpoch, SqlValue.Time(now));
                break;
            case PlannedWork.Change { Work: WorkChange.DropReservation drop }:
                statements.Run(DropSettling, drop.Tenant.Value, drop.Backend.Value, drop.Content, (long)drop.Generation);
                break;
            case PlannedWork.Queue queue:
                statements.Run(QueueCandidate, queue.Tenant.Value, queue.Content, queue.Sequence);
                break;
            case PlannedWork.Change { Work: WorkChange.DropCandidate drop }:
                statements.Run(DropCandidate, drop.Tenant.Value, drop.Content, drop.QueuedBy);
                break;
            case PlannedWork.Change { Work: WorkChange.RememberIdempotencyKey { Entry: var entry } }:
                statements.Run(
                    InsertIdempotencyKey, entry.Tenant.Value, entry.Actor, entry.Key, entry.RequestDigest, entry.ResultId,
                    SqlValue.Time(entry.CreatedAt));
                break;
            default:
                throw new InvalidOperationException($"nothing writes {work.GetType().Name}");
        }
    }
}
