using ArtifactStore.Interfaces.Journal;
using ArtifactStore.Storage.Journal.Core;
using ArtifactStore.Storage.Journal.Projections;
using ArtifactStore.Storage.Journal.Queries;
using ArtifactStore.Storage.Journal.Replaying;
using ArtifactStore.Storage.Journal.Sqlite.Engine;

namespace ArtifactStore.Storage.Journal.Sqlite;

/// <summary>Keys from the shadow tables of a replay.</summary>
internal sealed class SqliteShadows(SqliteConnection db, string prefix) : IShadowKeys
{
    private readonly string _packageById = $"SELECT package_key FROM {prefix}artifact_packages WHERE tenant = $1 AND package_id = $2";
    private readonly string _contentByDigest = $"SELECT content_key FROM {prefix}contents WHERE tenant = $1 AND blake3 = $2";

    public long? Package(PackageRef package) => Find(_packageById, package.Tenant.Value, package.Id.Value);

    public long? Content(ContentRef content) => Find(_contentByDigest, content.Tenant.Value, content.Blake3);

    public void IndexContents() => db.Execute($"CREATE INDEX {prefix}contents_lookup ON {prefix}contents (tenant, blake3)");

    public void IndexReferences() => db.Execute(
        $"""
        CREATE INDEX {prefix}references_from ON {prefix}content_references (from_kind, from_key);
        CREATE INDEX {prefix}references_to ON {prefix}content_references (content_key)
        """);

    /// <summary>Releasing a hold takes its reference away: a seek among the few of their kind, from the start.</summary>
    public void IndexHolds() =>
        db.Execute($"CREATE INDEX {prefix}references_holds ON {prefix}content_references (from_key) WHERE from_kind = 4");

    /// <summary>The real tables have indexes of their own for this.</summary>
    public void DropIndexes() =>
        db.Execute(
            $"""
            DROP INDEX IF EXISTS {prefix}contents_lookup; DROP INDEX IF EXISTS {prefix}references_holds;
            DROP INDEX IF EXISTS {prefix}references_from; DROP INDEX IF EXISTS {prefix}references_to
            """);

    private long? Find(string sql, params ReadOnlySpan<SqlValue> values)
    {
        using var row = db.Query(sql, values);
        return row.Step() ? row.Int64(0) : null;
    }
}

internal sealed class SqliteLogReader(string path) : ILogReader
{
    private const string NextEvents = ViewRows.EventSelect + " WHERE sequence > $1 AND sequence <= $2 ORDER BY sequence LIMIT $3";

    private readonly SqliteConnection _db = SqliteConnection.OpenReader(path);

    public IReadOnlyList<EventRecord> Next(long after, long head, int limit)
    {
        // Holes are the business of who proves the lines.
        var page = new EventPage(after, everyLine: false);
        using var rows = _db.Query(NextEvents, after, head, (long)limit);
        while (!page.IsFull && rows.Step()) page.Add(ViewRows.Event(rows));
        return page.Events;
    }

    public void Dispose() => _db.Dispose();
}
