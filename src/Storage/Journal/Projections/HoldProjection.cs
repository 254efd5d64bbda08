using ArtifactStore.Interfaces.Events;
using ArtifactStore.Interfaces.Journal;
using ArtifactStore.Interfaces.Retention;
using ArtifactStore.Storage.Journal.Core;

namespace ArtifactStore.Storage.Journal.Projections;

/// <summary>The rows of holds that stand. A released one leaves the table: what was is in the log.</summary>
internal static class HoldProjection
{
    /// <summary>A hold is content with any copy, so it keeps every one.</summary>
    public const string AnyBackend = "";

    public static void Apply(ProjectionSql sql, IStatements statements, IViewKeys keys, EventRecord record, HoldApplied e)
    {
        var tenant = record.Stream.Tenant.Value;
        statements.Run(
            sql.InsertHold, record.Sequence, tenant, e.Hold.Value, RetentionNames.Of(e.Kind), e.Covers, e.Reason, e.Owner,
            SqlValue.Time(record.Time), SqlValue.Time(e.Until));
        if (e.Kind != HoldKind.Content) return;
        var content = keys.Content(BatchQuestions.ContentOf(record.Stream, e))
            ?? throw new InvalidDataException($"event {record.Sequence} holds content {e.Covers}, which no event brought");
        statements.Run(sql.InsertReference, content, EdgeKind.Use, FromKind.Hold, record.Sequence, tenant, AnyBackend);
    }

    public static void Release(ProjectionSql sql, IStatements statements, EventRecord record, HoldReleased e)
    {
        var tenant = record.Stream.Tenant.Value;
        statements.Run(sql.DropHoldReference, tenant, e.Hold.Value);
        statements.Run(sql.DropHold, tenant, e.Hold.Value);
    }
}
