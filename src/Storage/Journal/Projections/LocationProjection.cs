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
        if (e.Releases is not { } keeper) return;
        var package = keys.Package(new(record.Stream.Tenant, keeper.Package))
            ?? throw new InvalidDataException($"event {record.Sequence} releases a reference of package {keeper.Package}, which no event made");
        Release(sql, statements, keys, keeper.FileKey, package);
        statements.Run(sql.RememberReleased, content, e.Backend.Value, (long)e.Generation, package, keeper.FileKey);
    }

    /// <summary>Without a file it is the reference of the package's manifest.</summary>
    public static void Release(ProjectionSql sql, IStatements statements, IViewKeys keys, long? file, long package)
    {
        keys.ReferencesGo();
        statements.Run(sql.DropReference, file is null ? FromKind.Package : FromKind.File, file ?? package);
    }

    /// <summary>The bytes are gone.</summary>
    public static void Leave(
        ProjectionSql sql, IStatements statements, IViewKeys keys, EventRecord record, LocationDeleted e, int generation) =>
        statements.Run(
            sql.LeaveLocation, ContentKey(keys, record, e.Content), e.Backend.Value, (long)generation, SqlValue.Time(record.Time), record.Sequence);

    public static void Move(ProjectionSql sql, IStatements statements, IViewKeys keys, EventRecord record, ContentMoved e)
    {
        var content = ContentKey(keys, record, e.Content);
        keys.ReferencesGo();
        statements.Run(sql.MoveFiles, content, e.From.Value, e.To.Value);
        statements.Run(sql.MoveReferences, content, e.From.Value, e.To.Value);
    }

    public static void Verify(ProjectionSql sql, IStatements statements, IViewKeys keys, EventRecord record, LocationVerified e)
    {
        var content = ContentKey(keys, record, e.Content);
        statements.Run(
            sql.VerifyLocation, content, e.Backend.Value, (long)e.Generation, SqlValue.Time(record.Time), record.Sequence);
    }

    public static void Fail(ProjectionSql sql, IStatements statements, IViewKeys keys, EventRecord record, LocationFailed e)
    {
        var content = ContentKey(keys, record, e.Content);
        statements.Run(
            sql.ChangeLocation, content, e.Backend.Value, (long)e.Generation, "failed", SqlValue.Time(record.Time), e.Reason,
            record.Sequence);
        statements.Run(sql.CountFailed, e.Backend.Value);
    }

    private static long ContentKey(IViewKeys keys, EventRecord record, Digest256 content) =>
        keys.Content(new(record.Stream.Tenant, content))
        ?? throw new InvalidDataException($"event {record.Sequence} is about content {content}, which no event brought");
}
