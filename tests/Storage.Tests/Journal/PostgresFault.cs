using ArtifactStore.Conformance.Time;
using ArtifactStore.Storage.Journal.Postgres;
using Npgsql;

namespace ArtifactStore.Storage.Tests.Journal;

/// <summary>What happens to a database from outside.</summary>
internal static class PostgresFault
{
    private const string Waiting = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'";

    /// <summary>The journal's lock in other hands, until it is disposed.</summary>
    public static async Task<NpgsqlConnection> HoldLock(PostgresFixture fixture)
    {
        var db = await Connect(fixture);
        await using var take = new NpgsqlCommand("SELECT pg_advisory_lock($1)", db) { Parameters = { new() { Value = StoreNames.Of("public").LockKey } } };
        await take.ExecuteNonQueryAsync();
        return db;
    }

    /// <summary>Until somebody waits for a lock.</summary>
    public static async Task WaitForWaiter(PostgresFixture fixture)
    {
        await using var db = await Connect(fixture);
        await using var count = new NpgsqlCommand(Waiting, db);
        await Eventually.True(() => count.ExecuteScalar() is > 0L, "nobody waits for a lock");
    }

    /// <summary>Not pooled: it ends when it is disposed, and its locks with it.</summary>
    public static async Task<NpgsqlConnection> Connect(PostgresFixture fixture)
    {
        var builder = PostgresUrl.Parse(new(fixture.Url));
        builder.Pooling = false;
        var db = new NpgsqlConnection(builder.ConnectionString);
        await db.OpenAsync();
        return db;
    }

    /// <summary>Ends the backends of one kind, (append) or (listen), of every node. Returns how many there were.</summary>
    public static async Task<long> Terminate(NpgsqlConnection db, string kind)
    {
        await using var command = new NpgsqlCommand(
            """
            SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity WHERE datname = current_database() AND application_name LIKE '%' || $1
            """,
            db)
        { Parameters = { new() { Value = kind } } };
        return (long)(await command.ExecuteScalarAsync())!;
    }
}
