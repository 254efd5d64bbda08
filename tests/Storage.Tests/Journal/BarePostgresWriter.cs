using ArtifactStore.Conformance.Journal;
using ArtifactStore.Conformance.Servers;
using ArtifactStore.Interfaces.Hashing;
using ArtifactStore.Storage.Journal;
using ArtifactStore.Storage.Journal.Postgres;
using ArtifactStore.Storage.Journal.Projections;

namespace ArtifactStore.Storage.Tests.Journal;

/// <summary>A writer on a database of its own, without the queue before it.</summary>
internal sealed class BarePostgresWriter : IAsyncDisposable
{
    private readonly PostgresServer _server;
    private readonly string _url;
    private readonly PostgresConnections _connections;

    private BarePostgresWriter(PostgresServer server, string url, PostgresConnections connections, PostgresWriter writer)
    {
        _server = server;
        _url = url;
        _connections = connections;
        Writer = writer;
    }

    public PostgresWriter Writer { get; }

    public static async Task<BarePostgresWriter> Create()
    {
        var server = await PostgresServer.Shared();
        var options = new PostgresOptions { Url = new(await server.NewDatabase()) };
        var connections = new PostgresConnections(options);
        var names = StoreNames.Of("public");
        await using (var db = await connections.OpenMigrating())
            await new PostgresMigrations(db, "the database").Migrate(names, () => Guid.Empty, Story.Time);
        var time = TimeProvider.System;
        var opened = new HeadFact(Guid.Empty, 1, 0, default, null);
        var queue = new JournalQueue(new(1, TimeSpan.Zero, 1, 1), time);
        return new(server, options.Url.AbsoluteUri, connections, new(connections, names, opened, Guid.Empty, queue, new(time), options, time));
    }

    /// <summary>Every row of every table but the times that are not of events.</summary>
    public async Task<string> Dump()
    {
        var text = new StringWriter();
        foreach (var table in ViewTables.All.Append("events").Append("idempotency_keys"))
            await text.WriteLineAsync(await Rows($"SELECT t::text FROM {table} t ORDER BY 1"));
        await text.WriteLineAsync(await Rows("SELECT backend_id, blake3, generation, sha256, size, owner, physical_key FROM settling ORDER BY 1, 2, 3"));
        await text.WriteLineAsync(await Rows("SELECT head_sequence, head_leaf_digest FROM store"));
        return text.ToString();
    }

    private Task<string> Rows(string sql) => _server.Sql(sql, new Uri(_url).AbsolutePath[1..]);

    public async ValueTask DisposeAsync()
    {
        await Writer.DisposeAsync();
        await _connections.DisposeAsync();
        await _server.Drop(_url);
    }
}
