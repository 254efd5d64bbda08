using ArtifactStore.Interfaces.Events;
using ArtifactStore.Interfaces.Hashing;
using ArtifactStore.Interfaces.Journal;
using ArtifactStore.Storage.Journal.Core;

namespace ArtifactStore.Storage.Journal.Projections;

/// <summary>The rows of contents and of their copies. Location rows are never deleted: a generation is never used again.</summary>
internal static class LocationProjection
{
    public static void Settle(ProjectionSql sql, IStatements statements, IViewKeys keys, EventRecord record, LocationSettled e)
    {
        var tenant = record.Stream.Tenant.Value;
        var content = keys.ContentOrNew(new(record.Stream.Tenant, e.Content.Blake3), record.Sequence);
        if (content == record.Sequence)
        {
            statements.Run(sql.InsertContent, content, tenant, e.Content.Blake3, e.Content.Size);
            statements.Run(sql.InsertDigest, content, tenant, "sha256", e.Content.Sha256);
        }
        else
        {
            // The content may be known only from a reservation that was condemned, which did not know its size and other digests.
            statements.Run(sql.SizeContent, content, e.Content.Size);
            statements.Run(sql.EnsureDigest, content, tenant, "sha256", e.Content.Sha256);
        }
        statements.Run(
            sql.InsertLocation, record.Sequence, tenant, e.Backend.Value, content, (long)e.Generation, "live", e.PhysicalKey, e.Encoding,
            SqlValue.Time(record.Time), default(string));
    }

    public static void Condemn(ProjectionSql sql, IStatements statements, IViewKeys keys, EventRecord record, LocationCondemned e)
    {
        var tenant = record.Stream.Tenant.Value;
        var content = keys.ContentOrNew(new(record.Stream.Tenant, e.Content), record.Sequence);
        if (content == record.Sequence) statements.Run(sql.InsertContent, content, tenant, e.Content, default(long?));
        else statements.Run(sql.UncountFailed, content, e.Backend.Value, (long)e.Generation);
        statements.Run(
            sql.CondemnLocation, record.Sequence, tenant, e.Backend.Value, content, (long)e.Generation, e.PhysicalKey,
            SqlValue.Time(record.Time), e.Reason);
    }

    public static void Verify(ProjectionSql sql, IStatements statements, IViewKeys keys, EventRecord record, LocationVerified e)
    {
        var content = keys.Content(new(record.Stream.Tenant, e.Content))
            ?? throw new InvalidDataException($"event {record.Sequence} is about content {e.Content}, which no event brought");
        statements.Run(
            sql.VerifyLocation, content, e.Backend.Value, (long)e.Generation, SqlValue.Time(record.Time), record.Sequence);
    }

    public static void Fail(ProjectionSql sql, IStatements statements, IViewKeys keys, EventRecord record, LocationFailed e)
    {
        var content = keys.Content(new(record.Stream.Tenant, e.Content))
            ?? throw new InvalidDataException($"event {record.Sequence} is about content {e.Content}, which no event brought");
        statements.Run(
            sql.ChangeLocation, content, e.Backend.Value, (long)e.Generation, "failed", SqlValue.Time(record.Time), e.Reason,
            record.Sequence);
        statements.Run(sql.CountFailed, e.Backend.Value);
    }
}
