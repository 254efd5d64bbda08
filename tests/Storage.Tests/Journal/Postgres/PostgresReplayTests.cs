using ArtifactStore.Conformance.Journal;
using ArtifactStore.Interfaces.Journal;
using ArtifactStore.Storage.Journal;
using ArtifactStore.Storage.Journal.Postgres;
using Npgsql;

namespace ArtifactStore.Storage.Tests.Journal.Postgres;

public sealed class PostgresReplayTests
{
    [Theory]
    [InlineData(11)]
    [InlineData(12)]
    [InlineData(13)]
    public async Task E05_the_same_log_gives_the_same_views_on_both_databases_byte_for_byte(int seed)
    {
        await using var sqlite = await WithHistory(seed, steps: 300);
        await using var database = await PostgresDatabase.Create();
        await database.CopyLog(sqlite);
        var empty = await database.Maintenance.Replay(null);
        Assert.Equal((sqlite.Journal.Head, false), (empty.HighestSequence, empty.Identical));
        var expected = await SqliteReplayTests.Dump(sqlite.Store);
        Assert.Equal(expected, await database.Dump());
        Assert.True((await database.Maintenance.Replay(null)).Identical);
        Assert.Equal(expected, await database.Dump());
    }

    [Fact]
    public async Task A_replay_that_may_remember_few_contents_gives_the_same_views()
    {
        await using var sqlite = await WithHistory(8, steps: 300);
        await using var database = await PostgresDatabase.Create();
        await database.CopyLog(sqlite);
        new PostgresReplay(database.Source, PostgresDatabase.JournalLock, null, CancellationToken.None, maxRememberedContents: 5).Run();
        Assert.Equal(await SqliteReplayTests.Dump(sqlite.Store), await database.Dump());
    }

    [Fact]
    public async Task After_a_replay_the_tables_have_the_indexes_the_storage_and_the_rights_of_before()
    {
        await using var sqlite = await WithHistory(8, steps: 50);
        await using var database = await PostgresDatabase.Create();
        await database.CopyLog(sqlite);
        await database.Execute("GRANT SELECT ON artifact_files TO PUBLIC");
        var before = await Shape(database);
        Assert.Contains("CREATE UNIQUE INDEX locations_live", before, StringComparison.Ordinal);
        Assert.Contains("fillfactor=80", before, StringComparison.Ordinal);
        await database.Maintenance.Replay(null);
        Assert.Equal(before, await Shape(database));
    }

    [Theory]
    [InlineData("DELETE FROM artifact_files WHERE file_key % 2 = 0")]
    [InlineData("UPDATE artifact_packages SET name = 'x' WHERE package_key = (SELECT min(package_key) FROM artifact_packages)")]
    [InlineData("INSERT INTO content_references VALUES (1, 1, 1, 1, 'default')")]
    public async Task A_replay_tells_and_makes_good_what_was_done_to_the_views(string damage)
    {
        await using var database = await Replayed(7);
        var before = await database.Dump();
        await database.Execute(damage);
        Assert.NotEqual(before, await database.Dump());
        Assert.False((await database.Maintenance.Replay(null)).Identical);
        Assert.Equal(before, await database.Dump());
    }

    [Theory]
    [InlineData("UPDATE events SET payload = '\\xa0' WHERE sequence = 9", "event 9 is damaged: its payload")]
    [InlineData("UPDATE events SET actor = 'eve' WHERE sequence = 9", "event 9 is damaged: its fields")]
    [InlineData("DELETE FROM events WHERE sequence = 9", "after event 8 comes event 10")]
    [InlineData("DELETE FROM events WHERE sequence = (SELECT max(sequence) FROM events)", "the log ends")]
    [InlineData("UPDATE store SET head_leaf_digest = sha256('x')", "the log ends")]
    public async Task A_damaged_log_stops_the_replay_and_leaves_the_views(string damage, string says)
    {
        await using var database = await Replayed(7);
        var before = await database.Dump();
        await database.Execute($"DROP TRIGGER events_never_change ON events; {damage}");
        var failure = await Assert.ThrowsAsync<DamagedLogException>(() => database.Maintenance.Replay(null));
        Assert.Contains(says, failure.Message);
        Assert.Equal(before, await database.Dump());
        Assert.Equal(0, await Shadows(database));
    }

    [Fact]
    public async Task A_replay_that_was_cancelled_leaves_the_views_and_nothing_else()
    {
        await using var database = await Replayed(7);
        var before = await database.Dump();
        using var cancelled = new CancellationTokenSource();
        var onIndexing = new OnProgress(_ => cancelled.Cancel());
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => database.Maintenance.Replay(onIndexing, cancelled.Token));
        Assert.Equal(before, await database.Dump());
        Assert.Equal(0, await Shadows(database));
        Assert.True((await database.Maintenance.Replay(null)).Identical);
    }

    [Fact]
    public async Task What_a_killed_replay_left_over_harms_nobody_and_the_next_one_drops_it()
    {
        await using var database = await Replayed(7);
        var before = await database.Dump();
        var killing = new OnProgress(_ => Kill(database));
        await Assert.ThrowsAsync<JournalUnavailableException>(() => database.Maintenance.Replay(killing));
        Assert.True(await Shadows(database) > 0);
        Assert.Equal(before, await database.Dump());
        Assert.True((await database.Maintenance.Replay(null)).Identical);
        Assert.Equal(0, await Shadows(database));
        Assert.Equal(before, await database.Dump());
    }

    [Fact]
    public async Task One_replay_at_a_time()
    {
        await using var database = await Replayed(7);
        JournalUnavailableException? refused = null;
        var second = new OnProgress(_ => refused ??= Record.Exception(
            () => new PostgresReplay(database.Source, PostgresDatabase.JournalLock, null, CancellationToken.None).Run())
            as JournalUnavailableException);
        Assert.True((await database.Maintenance.Replay(second)).Identical);
        Assert.Contains("a replay is running already", refused!.Message);
        Assert.True((await database.Maintenance.Replay(null)).Identical);
    }

    [Fact]
    public async Task Readers_that_hold_the_views_for_long_stop_the_replay_and_not_the_other_way_round()
    {
        await using var database = await Replayed(7);
        var before = await database.Dump();
        await using var reader = await database.Source.OpenConnectionAsync();
        await using var transaction = await reader.BeginTransactionAsync();
        await using (var read = new NpgsqlCommand("SELECT count(*) FROM holds", reader)) await read.ExecuteScalarAsync();
        var failure = await Assert.ThrowsAsync<JournalUnavailableException>(() => database.Maintenance.Replay(null));
        Assert.Contains("held by a long transaction", failure.Message);
        await transaction.RollbackAsync();
        Assert.Equal(before, await database.Dump());
        Assert.True((await database.Maintenance.Replay(null)).Identical);
    }

    [Fact]
    public async Task Questions_are_answered_all_the_time_while_replays_swap_the_tables()
    {
        await using var database = await Replayed(7);
        var packages = await database.Number("SELECT count(*) FROM artifact_packages");
        var replays = Task.Run(async () =>
        {
            for (var i = 0; i < 10; i++) Assert.True((await database.Maintenance.Replay(null)).Identical);
        });
        var asked = 0;
        await Task.WhenAll(Enumerable.Range(0, 3).Select(_ => Task.Run(async () =>
        {
            while (!replays.IsCompleted)
            {
                var page = await database.Views.Packages(Story.Tenant, new(null, null, null, null, []), null, 1_000);
                Assert.Equal(packages, page.Count);
                Interlocked.Increment(ref asked);
            }
        })));
        await replays;
        Assert.True(asked > 10);
    }

    private static void Kill(PostgresDatabase database)
    {
        using var db = database.Source.OpenConnection();
        using var kill = new NpgsqlCommand(
            """
            SELECT count(pg_terminate_backend(pid)) FROM pg_locks WHERE locktype = 'advisory'
                AND database = (SELECT oid FROM pg_database WHERE datname = current_database())
            """,
            db);
        kill.ExecuteScalar();
    }

    private static Task<long> Shadows(PostgresDatabase database) =>
        database.Number("SELECT count(*) FROM pg_class WHERE relname LIKE 'shadow%' AND relkind = 'r'");

    private static async Task<string> Shape(PostgresDatabase database)
    {
        await using var command = database.Source.CreateCommand(
            """
            SELECT string_agg(line, E'\n' ORDER BY line) FROM (
                SELECT indexdef AS line FROM pg_indexes WHERE schemaname = 'public'
                UNION ALL
                SELECT concat_ws(' ', relname, reloptions, relacl) FROM pg_class WHERE relnamespace = 'public'::regnamespace
                UNION ALL
                SELECT concat_ws(' ', c.relname, a.attname, a.atttypid::regtype, a.attnotnull, a.attcollation)
                FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid WHERE relnamespace = 'public'::regnamespace AND a.attnum > 0) shape
            """);
        return (string)(await command.ExecuteScalarAsync())!;
    }

    private static async Task<PostgresDatabase> Replayed(int seed)
    {
        await using var sqlite = await WithHistory(seed, steps: 100);
        var database = await PostgresDatabase.Create();
        await database.CopyLog(sqlite);
        await database.Maintenance.Replay(null);
        return database;
    }

    internal static async Task<SqliteFixture> WithHistory(int seed, int steps)
    {
        var fixture = await SqliteFixture.Create();
        await new RandomHistory(seed, fixture.Journal, fixture.Views).Run(steps);
        return fixture;
    }

    private sealed class OnProgress(Action<long> act) : IProgress<long>
    {
        public void Report(long value) => act(value);
    }
}
