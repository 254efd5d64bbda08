using ArtifactStore.Conformance.Journal;
using ArtifactStore.Conformance.Time;
using ArtifactStore.Interfaces.Contents;
using ArtifactStore.Interfaces.Events;
using ArtifactStore.Interfaces.Ids;
using ArtifactStore.Interfaces.Journal;
using ArtifactStore.Interfaces.Views;
using ArtifactStore.Storage.Journal.Postgres;

namespace ArtifactStore.Storage.Tests.Journal;

/// <summary>Several nodes on one store: one order, one winner, one feed.</summary>
public sealed class PostgresNodesJournalTests
{
    private readonly Story _story = new();

    [Fact]
    public async Task Sixteen_writers_on_two_nodes_make_one_gapless_log_and_readers_see_only_prefixes()
    {
        await using var fixture = await PostgresFixture.Create();
        PostgresStore[] nodes = [fixture.Store, await fixture.OpenNode()];
        var writing = Task.WhenAll(Enumerable.Range(0, 16).Select(writer => Task.Run(async () =>
        {
            var answers = new List<(Append Append, AppendResult.Committed Result)>();
            for (var i = 0; i < 60; i++)
            {
                var append = i % 2 == 0 ? Define($"w{writer}") : _story.CreatePackage(_story.NewPackageId());
                answers.Add((append, Assert.IsType<AppendResult.Committed>((await nodes[writer % 2].Journal.Append([append]))[0])));
            }
            return answers;
        })));
        var reading = nodes.Select(node => Task.Run(() => Tail(node, writing))).ToList();
        var committed = (await writing).SelectMany(list => list).ToList();
        var log = await Log(fixture.Views);
        Assert.Equal(5 + 16 * (30 + 60), log.Count);
        foreach (var (append, result) in committed)
        {
            Assert.Equal(append.Events.Length, result.Count);
            for (var i = 0; i < result.Count; i++)
            {
                var record = log[(int)result.FirstSequence - 1 + i];
                Assert.Equal((append.Id, append.Events[i].Stream), (record.AppendId, record.Stream));
            }
        }
        foreach (var stream in log.GroupBy(record => record.Stream))
            Assert.Equal(Enumerable.Range(1, stream.Count()).Select(i => (long)i), stream.Select(record => record.StreamVersion));
        foreach (var seen in await Task.WhenAll(reading)) Assert.Equal(log.Select(record => record.Sequence), seen);
        // In commit order: a transaction that wrote later lines began to write later.
        Assert.Equal("t", await fixture.Sql("SELECT bool_and(ok) FROM (SELECT xmin::text::bigint >= lag(xmin::text::bigint, 1, 0) OVER (ORDER BY sequence) ok FROM events) t"));
    }

    [Fact]
    public async Task Of_two_nodes_that_want_the_same_exactly_one_gets_it()
    {
        await using var fixture = await PostgresFixture.Create();
        PostgresStore[] nodes = [fixture.Store, await fixture.OpenNode()];
        var content = _story.NewContent();
        var mine = Assert.IsType<ReserveResult.Granted>(await nodes[0].Journal.Reserve(_story.Reserve(content))).Reservation;
        Assert.IsType<ReserveResult.Busy>(await nodes[1].Journal.Reserve(_story.Reserve(content)));
        await nodes[1].Journal.Append([_story.Settle(mine)]);
        for (var round = 0; round < 50; round++)
        {
            var package = _story.NewPackageId();
            var created = await Both(nodes, () => _story.CreatePackage(package));
            Assert.Single(created.OfType<AppendResult.Committed>());
            Assert.Equal(0, Assert.Single(created.OfType<AppendResult.Refused>()).ConditionIndex);
            var linked = await Both(nodes, () => _story.Link(package, "a", content));
            Assert.Single(linked.OfType<AppendResult.Committed>());
            Assert.Equal(1, Assert.Single(linked.OfType<AppendResult.Refused>()).ConditionIndex);
            var reserved = _story.NewContent();
            var answers = await Task.WhenAll(nodes.Select(node => Task.Run(() => node.Journal.Reserve(_story.Reserve(reserved)))));
            Assert.Single(answers.OfType<ReserveResult.Granted>());
        }
    }

    [Fact]
    public async Task A_repeat_on_another_node_answers_as_the_first_time()
    {
        await using var fixture = await PostgresFixture.Create();
        var other = await fixture.OpenNode();
        for (var round = 0; round < 20; round++)
        {
            var append = _story.CreatePackage(_story.NewPackageId());
            var answers = await Both([fixture.Store, other], () => append);
            Assert.Single(answers.Distinct());
            Assert.True(other.Journal.Head >= ((AppendResult.Committed)answers[1]).LastSequence);
        }
        Assert.Equal(45, (await fixture.Views.Status()).Head);
    }

    [Fact]
    public async Task An_append_wakes_those_who_wait_on_another_node()
    {
        await using var fixture = await PostgresFixture.Create();
        var other = await fixture.OpenNode();
        await Listening(fixture);
        for (var round = 0; round < 20; round++)
        {
            var waiting = other.Journal.WaitForEvents(other.Journal.Head, TimeSpan.FromMinutes(5));
            Assert.False(waiting.IsCompleted);
            await fixture.Journal.Append([Define("x")]);
            Assert.Equal(fixture.Journal.Head, await Eventually.In(waiting));
        }
    }

    [Fact]
    public async Task A_listener_whose_connection_ends_again_and_again_misses_nothing()
    {
        await using var fixture = await PostgresFixture.Create();
        var other = await fixture.OpenNode();
        await using var db = await PostgresFault.Connect(fixture);
        var ended = 0L;
        for (var round = 0; round < 10; round++)
        {
            if (round % 2 == 0) await Listening(fixture);
            ended += await PostgresFault.Terminate(db, "(listen)");
            await fixture.Journal.Append([Define("x")]);
            await Eventually.True(() => other.Journal.Head == fixture.Journal.Head, "the other node did not hear of an append");
        }
        Assert.True(ended >= 10, $"{ended} connections ended");
    }

    private static async Task<List<long>> Tail(PostgresStore node, Task writing)
    {
        var seen = new List<long>();
        while (true)
        {
            var isOver = writing.IsCompleted;
            var page = await node.Views.Events(seen.Count, 100, []);
            // What comes after N begins with N + 1, whoever is writing.
            Assert.Equal(Enumerable.Range(seen.Count + 1, page.Count).Select(i => (long)i), page.Select(record => record.Sequence));
            seen.AddRange(page.Select(record => record.Sequence));
            if (isOver && page.Count == 0) return seen;
        }
    }

    private static async Task<AppendResult[]> Both(PostgresStore[] nodes, Func<Append> make) =>
        await Task.WhenAll(nodes.Select(node => Task.Run(async () => (await node.Journal.Append([make()]))[0])));

    private static async Task Listening(PostgresFixture fixture)
    {
        await using var db = await PostgresFault.Connect(fixture);
        await using var count = new Npgsql.NpgsqlCommand(
            "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND application_name LIKE '%(listen)' AND state = 'idle'", db);
        await Eventually.True(() => count.ExecuteScalar() is 2L, "two nodes do not listen");
    }

    internal static async Task<List<EventRecord>> Log(IViews views)
    {
        var all = new List<EventRecord>();
        while (await views.Events(all.Count, 500, []) is { Count: > 0 } page) all.AddRange(page);
        Assert.Equal(Enumerable.Range(1, all.Count).Select(i => (long)i), all.Select(record => record.Sequence));
        return all;
    }

    private Append Define(string slug) => _story.Append(
        new(Story.Tenant, SubjectKind.RetentionClass, slug), new RetentionClassDefined(slug, 60, "a class of the tests"));
}
