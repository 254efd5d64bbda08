using System.Collections.Concurrent;
using System.Diagnostics;
using ArtifactStore.Conformance.Journal;
using ArtifactStore.Conformance.Servers;
using ArtifactStore.Conformance.Time;
using ArtifactStore.Interfaces.Events;
using ArtifactStore.Interfaces.Journal;
using ArtifactStore.Storage.Journal.Postgres;
using Npgsql;

namespace ArtifactStore.Storage.Tests.Journal;

/// <summary>Whatever happens to the database: who was answered "written" is in the log, who was answered "not written" is not.</summary>
public sealed class PostgresFaultTests
{
    private readonly Story _story = new();
    private readonly ConcurrentDictionary<Append, AppendResult.Committed?> _answers = new();

    [Fact]
    public async Task Every_append_is_answered_truthfully_while_the_appending_backends_are_ended_again_and_again()
    {
        await using var fixture = await PostgresFixture.Create();
        var other = await fixture.OpenNode();
        using var stop = new CancellationTokenSource();
        var writing = Write([fixture.Store, other], stop.Token);
        await using var db = await PostgresFault.Connect(fixture);
        var random = new Random(1);
        var ended = 0L;
        var began = Stopwatch.GetTimestamp();
        int Answered() => _answers.Count(answer => answer.Value is not null);
        while ((ended < 150 || Answered() < 100) && Stopwatch.GetElapsedTime(began) < TimeSpan.FromSeconds(60))
        {
            ended += await PostgresFault.Terminate(db, "(append)");
            // At another moment of the next transactions each time.
            await Task.Delay(random.Next(25));
        }
        await stop.CancelAsync();
        await writing;
        var (written, refused) = await RequireTruth(fixture);
        TestContext.Current.TestOutputHelper?.WriteLine($"{ended} backends ended, {written} written, {refused} refused");
        Assert.True(ended >= 50 && written >= 50, $"{ended} backends ended, {written} written: too few to prove anything");
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Every_append_is_answered_truthfully_when_the_server_stops_and_comes_back(bool crash)
    {
        await using var server = await PostgresServer.StartNew();
        await using var fixture = await PostgresFixture.Create(server);
        using var stop = new CancellationTokenSource();
        var writing = Write([fixture.Store], stop.Token);
        for (var round = 0; round < 3; round++)
        {
            await Progress(_answers.Count(answer => answer.Value is not null));
            if (crash) await server.Kill();
            else await server.Stop();
            var refusal = await Assert.ThrowsAsync<JournalUnavailableException>(async () =>
            {
                while (true)
                {
                    var append = _story.CreatePackage(_story.NewPackageId());
                    _answers[append] = null;
                    _answers[append] = (AppendResult.Committed)(await Eventually.In(fixture.Journal.Append([append])))[0];
                }
            });
            Assert.False(refusal.Overloaded);
            await server.Start();
        }
        await Progress(_answers.Count(answer => answer.Value is not null));
        await stop.CancelAsync();
        await writing;
        var (written, refused) = await RequireTruth(fixture);
        TestContext.Current.TestOutputHelper?.WriteLine($"{written} written, {refused} refused");
        Assert.True(refused >= 3);
        var waiting = fixture.Journal.WaitForEvents(fixture.Journal.Head, TimeSpan.FromMinutes(5));
        await fixture.Journal.Append([_story.CreatePackage(_story.NewPackageId())]);
        await Eventually.In(waiting);
    }

    [Fact]
    public async Task A_commit_whose_answer_was_lost_is_answered_as_committed_with_its_true_place()
    {
        await using var fixture = await PostgresFixture.Create();
        await using var proxy = new CuttingProxy(fixture.Url);
        await using var node = await PostgresFixture.Open(proxy.Url);
        for (var round = 0; round < 10; round++)
        {
            var head = node.Journal.Head;
            proxy.Arm(1);
            // The second was refused by what the first did, and stays refused. A reservation has no event to be found by.
            var (append, mine) = (_story.CreatePackage(_story.NewPackageId()), _story.Reserve(_story.NewContent()));
            var answers = await Eventually.In(node.Journal.Append([append, append with { Id = new(_story.NextGuid()) }]));
            Assert.Equal([new AppendResult.Committed(head + 1, 2), new AppendResult.Refused(0)], answers);
            Assert.Equal([append.Id, append.Id], (await fixture.Views.Events(head, 10, [])).Select(record => record.AppendId));
            proxy.Arm(1);
            Assert.Equal(mine.Attempt, Assert.IsType<ReserveResult.Granted>(await Eventually.In(node.Journal.Reserve(mine))).Reservation.Owner);
        }
        Assert.Equal("10", await fixture.Sql("SELECT count(*) FROM settling"));
    }

    [Fact]
    public async Task A_commit_that_never_happened_is_decided_again_without_a_word()
    {
        await using var fixture = await PostgresFixture.Create();
        await SleepInCommits(fixture, "0.5");
        var append = Define("x");
        var answer = fixture.Journal.Append([append]);
        await WaitForSleeper(fixture);
        await using var db = await PostgresFault.Connect(fixture);
        await PostgresFault.Terminate(db, "(append)");
        Assert.Equal(new AppendResult.Committed(6, 1), (await Eventually.In(answer))[0]);
        Assert.Equal([append.Id], (await fixture.Views.Events(5, 10, [])).Select(record => record.AppendId));
    }

    [Fact]
    public async Task While_the_fate_of_one_batch_is_unknown_the_others_are_refused_at_once_and_it_waits_for_its_end()
    {
        await using var server = await PostgresServer.StartNew();
        await using var fixture = await PostgresFixture.Create(server, options => options with { MaxDoubt = TimeSpan.FromSeconds(2) });
        await SleepInCommits(fixture, "60");
        var doubtful = fixture.Journal.Append([Define("x")]);
        await WaitForSleeper(fixture);
        await server.Kill();
        var began = Stopwatch.GetTimestamp();
        await Assert.ThrowsAsync<JournalUnavailableException>(() => Eventually.In(fixture.Journal.Append([Define("y")])));
        Assert.False(doubtful.IsCompleted);
        Assert.True(Stopwatch.GetElapsedTime(began) < TimeSpan.FromSeconds(2));
        var unknown = await Assert.ThrowsAsync<JournalUnavailableException>(() => Eventually.In(doubtful));
        Assert.Contains("unknown", unknown.Message);
        await server.Start();
        await fixture.Sql("DROP TRIGGER pause ON events");
        Assert.IsType<AppendResult.Committed>((await fixture.Journal.Append([Define("z")]))[0]);
    }

    [Fact]
    public async Task What_the_database_does_not_take_harms_none_of_its_neighbours()
    {
        await using var fixture = await PostgresFixture.Create();
        await fixture.Sql("ALTER TABLE retention_classes ADD CONSTRAINT poison CHECK (slug <> 'poison')");
        await using var holder = await PostgresFault.HoldLock(fixture);
        var first = fixture.Journal.Append([Define("first")]);
        await PostgresFault.WaitForWaiter(fixture);
        var poison = fixture.Journal.Append([Define("poison")]);
        var broken = fixture.Journal.Append([Define("half a character: \ud800")]);
        var neighbours = Enumerable.Range(0, 20).Select(i => fixture.Journal.Append([Define($"n{i}")])).ToList();
        await holder.DisposeAsync();
        await Assert.ThrowsAsync<InvalidOperationException>(() => Eventually.In(poison));
        await Assert.ThrowsAnyAsync<Exception>(() => Eventually.In(broken));
        await Task.WhenAll(neighbours.Append(first));
        Assert.Equal(5 + 21, (await PostgresNodesJournalTests.Log(fixture.Views)).Count);
    }

    [Fact]
    public async Task A_full_disk_of_the_server_is_told_as_such_and_heals()
    {
        await using var fixture = await PostgresFixture.Create();
        await fixture.Sql(
            """
            CREATE FUNCTION full_disk() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION 'no space' USING ERRCODE = '53100'; END $$;
            CREATE TRIGGER full_disk BEFORE INSERT ON events EXECUTE FUNCTION full_disk()
            """);
        var refusals = await Task.WhenAll(Enumerable.Range(0, 5).Select(
            i => Assert.ThrowsAsync<JournalUnavailableException>(() => fixture.Journal.Append([Define($"x{i}")]))));
        Assert.All(refusals, refusal => Assert.True(refusal.DiskFull));
        await fixture.Sql("DROP TRIGGER full_disk ON events");
        Assert.Equal(6, Assert.IsType<AppendResult.Committed>((await fixture.Journal.Append([Define("x")]))[0]).FirstSequence);
    }

    [Fact]
    public async Task A_node_that_froze_with_the_lock_in_hand_stalls_the_others_for_a_second()
    {
        await using var fixture = await PostgresFixture.Create();
        await using var connections = new PostgresConnections(new() { Url = new(fixture.Url) });
        await using var frozen = await connections.OpenAppending();
        await using (var begin = new NpgsqlCommand($"BEGIN; SELECT pg_advisory_xact_lock({StoreNames.Of("public").LockKey})", frozen))
            await begin.ExecuteNonQueryAsync();
        Assert.IsType<AppendResult.Committed>((await Eventually.In(fixture.Journal.Append([Define("x")])))[0]);
        // What it still sends, when it wakes up, comes too late.
        await using var late = new NpgsqlCommand("UPDATE store SET head_sequence = 0", frozen);
        await Assert.ThrowsAnyAsync<NpgsqlException>(() => late.ExecuteNonQueryAsync());
    }

    private const string WithoutTheLast =
        """
        ALTER TABLE events DISABLE TRIGGER ALL; DELETE FROM events WHERE sequence = 6; DELETE FROM retention_classes WHERE class_key = 6;
        UPDATE store SET (head_sequence, head_leaf_digest) = (SELECT 5, leaf_digest FROM events WHERE sequence = 5)
        """;
    private const string WithAnotherLast =
        """
        ALTER TABLE events DISABLE TRIGGER ALL; UPDATE events SET leaf_digest = payload_digest WHERE sequence = 6;
        UPDATE store SET head_leaf_digest = (SELECT leaf_digest FROM events WHERE sequence = 6)
        """;

    [Theory]
    [InlineData(WithoutTheLast, "restored")]
    [InlineData(WithAnotherLast, "restored")]
    [InlineData("UPDATE store SET incarnation = 2", "incarnation")]
    public async Task A_node_that_finds_another_history_than_it_knows_stops_until_it_is_started_again(string change, string word)
    {
        await using var fixture = await PostgresFixture.Create();
        await fixture.Journal.Append([Define("x")]);
        await fixture.Sql(change);
        for (var i = 0; i < 2; i++)
        {
            var refusal = await Assert.ThrowsAsync<JournalUnavailableException>(() => fixture.Journal.Append([Define("y")]));
            Assert.Contains(word, refusal.Message);
            Assert.Contains("restart", refusal.Message);
        }
        var again = await fixture.OpenNode();
        Assert.IsType<AppendResult.Committed>((await again.Journal.Append([Define("y")]))[0]);
    }

    /// <summary>A deferred trigger runs at the beginning of the commit.</summary>
    private static async Task SleepInCommits(PostgresFixture fixture, string seconds) => await fixture.Sql(
        $"""
        CREATE FUNCTION pause() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN PERFORM pg_sleep({seconds}); RETURN NULL; END $$;
        CREATE CONSTRAINT TRIGGER pause AFTER INSERT ON events DEFERRABLE INITIALLY DEFERRED FOR EACH ROW
            WHEN (NEW.actor = 'tester') EXECUTE FUNCTION pause()
        """);

    private static async Task WaitForSleeper(PostgresFixture fixture)
    {
        await using var db = await PostgresFault.Connect(fixture);
        await using var sleeping = new NpgsqlCommand(
            "SELECT count(*) FROM pg_stat_activity WHERE wait_event = 'PgSleep' AND datname = current_database()", db);
        await Eventually.True(() => sleeping.ExecuteScalar() is 1L, "nobody sleeps in a commit");
    }

    private Task Write(PostgresStore[] nodes, CancellationToken stop) => Task.WhenAll(Enumerable.Range(0, 8).Select(writer => Task.Run(async () =>
    {
        while (!stop.IsCancellationRequested)
        {
            var append = writer % 2 == 0 ? Define($"w{writer}") : _story.CreatePackage(_story.NewPackageId());
            try
            {
                _answers[append] = (AppendResult.Committed)(await nodes[writer % nodes.Length].Journal.Append([append], CancellationToken.None))[0];
            }
            catch (JournalUnavailableException e)
            {
                Assert.DoesNotContain("unknown", e.Message);
                _answers[append] = null;
                // So that writers who are refused at once leave the machine to the server that they wait for.
                await Task.Delay(5, CancellationToken.None);
            }
        }
    })));

    private Task Progress(int from) =>
        Eventually.True(() => _answers.Count(answer => answer.Value is not null) > from + 30, "nothing more was committed");

    private async Task<(int Written, int Refused)> RequireTruth(PostgresFixture fixture)
    {
        var log = await PostgresNodesJournalTests.Log(fixture.Views);
        var places = log.GroupBy(record => record.AppendId).ToDictionary(group => group.Key, group => group.Select(record => record.Sequence).ToList());
        foreach (var (append, answer) in _answers)
        {
            if (answer is null) Assert.False(places.ContainsKey(append.Id), $"{append.Id} was answered as not written and is there");
            else Assert.Equal(Enumerable.Range(0, answer.Count).Select(i => answer.FirstSequence + i), places[append.Id]);
        }
        return (_answers.Count(answer => answer.Value is not null), _answers.Count(answer => answer.Value is null));
    }

    private Append Define(string slug) => _story.Append(
        new(Story.Tenant, SubjectKind.RetentionClass, slug), new RetentionClassDefined(slug, 60, "a class of the tests"));
}
