using ArtifactStore.Conformance.Servers;
using ArtifactStore.Storage.Journal;
using ArtifactStore.Storage.Journal.Postgres;
using ArtifactStore.Storage.Journal.Projections;
using ArtifactStore.Storage.Journal.Queries;
using ArtifactStore.Storage.Journal.Sqlite.Engine;
using Npgsql;

namespace ArtifactStore.Storage.Tests.Journal.Postgres;

/// <summary>The tables of a store in a database of their own, without a journal: the log is copied from a SQLite store, row by row.</summary>
internal sealed class PostgresDatabase : IAsyncDisposable
{
    public const long JournalLock = 77;

    private const string Settings =
        "-c jit=off -c plan_cache_mode=force_generic_plan -c enable_seqscan=off -c enable_hashjoin=off -c enable_mergejoin=off";

    private readonly PostgresServer _server;

    private PostgresDatabase(PostgresServer server, string url, int connections)
    {
        _server = server;
        Url = url;
        Source = NpgsqlDataSource.Create(ConnectionString(url, connections));
        Readers = new(Source, connections);
        Views = new(Readers);
    }

    public string Url { get; }

    public NpgsqlDataSource Source { get; }

    public PostgresReaders Readers { get; }

    public PostgresViews Views { get; }

    public static async Task<PostgresDatabase> Create(PostgresServer? server = null, int connections = 10)
    {
        server ??= await PostgresServer.Shared();
        var database = new PostgresDatabase(server, await server.NewDatabase(), connections);
        foreach (var (_, script) in new NumberedScripts("Postgres/Migrations/").All) await database.Execute(NumberedScripts.Read(script));
        await database.Execute(
            "INSERT INTO store VALUES (1, '00000000-0000-0000-0000-000000000007', 1, 1, 0, decode(repeat('00', 32), 'hex'), 0)");
        return database;
    }

    public static string ConnectionString(string url, int connections)
    {
        var uri = new Uri(url);
        return new NpgsqlConnectionStringBuilder
        {
            Host = uri.Host,
            Port = uri.Port,
            Username = uri.UserInfo,
            Database = uri.AbsolutePath[1..],
            MaxPoolSize = connections,
            Options = Settings,
        }.ConnectionString;
    }

    /// <summary>The events and the head as they are in the SQLite store; the views stay empty until a replay.</summary>
    public async Task CopyLog(SqliteFixture from)
    {
        using var log = SqliteConnection.OpenReader(from.DatabasePath);
        using var rows = log.Query(
            ViewRows.EventSelect.Replace("leaf_digest", "leaf_digest, append_size", StringComparison.Ordinal) + " ORDER BY sequence");
        await using var db = await Source.OpenConnectionAsync();
        while (rows.Step())
        {
            var e = ViewRows.Event(rows);
            await using var insert = new NpgsqlCommand(
                """
                INSERT INTO events (sequence, created_at, event_type, tenant, subject_kind, subject_id, stream_version, actor, append_id,
                    append_size, payload_digest, leaf_digest, payload) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)
                """,
                db);
            object[] values =
            [
                e.Sequence, SqlValue.Time(e.Time).Integer, e.Type, e.Stream.Tenant.Value, (long)e.Stream.Kind, e.Stream.Id, e.StreamVersion,
                e.Actor, e.AppendId.Value, rows.Int64(12), e.PayloadDigest.ToArray(), e.LeafDigest.ToArray(), e.Payload.ToArray(),
            ];
            foreach (var value in values) insert.Parameters.Add(new() { Value = value });
            await insert.ExecuteNonQueryAsync();
        }
        await Execute(
            "UPDATE store SET (head_sequence, head_leaf_digest) = (SELECT sequence, leaf_digest FROM events ORDER BY sequence DESC LIMIT 1)");
    }

    /// <summary>As the owner of the tables, past the rules of the store.</summary>
    public async Task Execute(string sql)
    {
        await using var command = Source.CreateCommand(sql);
        await command.ExecuteNonQueryAsync();
    }

    public async Task<long> Number(string sql)
    {
        await using var command = Source.CreateCommand(sql);
        return (long)(await command.ExecuteScalarAsync())!;
    }

    public async Task<string> Dump()
    {
        await using var db = await Source.OpenConnectionAsync();
        var text = new StringWriter();
        PostgresViewDump.Write(db, "", text);
        return text.ToString();
    }

    /// <summary>For its replay: there are no nodes here whose reservations could be abandoned.</summary>
    public PostgresMaintenance Maintenance => new(Source, JournalLock, abandoned: null!, Readers, TimeProvider.System);

    public async ValueTask DisposeAsync()
    {
        Readers.Dispose();
        await Source.DisposeAsync();
        await _server.Drop(Url);
    }
}
