using ArtifactStore.Conformance.Journal;
using ArtifactStore.Interfaces.Journal;
using ArtifactStore.Storage.Journal.Postgres;

namespace ArtifactStore.Storage.Tests.Journal.Postgres;

/// <summary>Replay of a whole store, with nodes that go on working.</summary>
public sealed class PostgresNodesReplayTests
{
    [Theory]
    [InlineData(31)]
    [InlineData(32)]
    public async Task One_history_appended_to_both_databases_gives_the_same_views_byte_for_byte(int seed)
    {
        await using var sqlite = await PostgresReplayTests.WithHistory(seed, steps: 300);
        await using var fixture = await PostgresFixture.Create();
        await new RandomHistory(seed, fixture.Journal, fixture.Views).Run(steps: 300);
        Assert.Equal(sqlite.Journal.Head, fixture.Journal.Head);
        var expected = await SqliteReplayTests.Dump(sqlite.Store);
        Assert.Equal(expected, await Dump(fixture.Store));
        var report = await fixture.Store.Maintenance.Replay(null);
        Assert.Equal((fixture.Journal.Head, true), (report.HighestSequence, report.Identical));
        Assert.Equal(expected, await Dump(fixture.Store));
        await new RandomHistory(seed + 1000, sqlite.Journal, sqlite.Views).Run(steps: 50);
        await new RandomHistory(seed + 1000, fixture.Journal, fixture.Views).Run(steps: 50);
        Assert.Equal(await SqliteReplayTests.Dump(sqlite.Store), await Dump(fixture.Store));
    }

    [Fact]
    public async Task What_is_under_way_survives_a_replay()
    {
        await using var fixture = await PostgresFixture.Create();
        var story = new Story();
        var content = story.NewContent();
        Assert.IsType<ReserveResult.Granted>(await fixture.Journal.Reserve(story.Reserve(content)));
        await fixture.Store.Maintenance.Replay(null);
        Assert.IsNotType<ReserveResult.Granted>(await fixture.Journal.Reserve(story.Reserve(content)));
    }

    [Fact]
    public async Task Nodes_append_all_the_time_while_another_replays_and_nothing_is_lost()
    {
        await using var fixture = await PostgresFixture.Create();
        PostgresStore[] nodes = [fixture.Store, await fixture.OpenNode(), await fixture.OpenNode()];
        using var enough = new CancellationTokenSource();
        var writing = Enumerable.Range(0, 4).Select(writer => Task.Run(async () =>
        {
            var node = nodes[writer % 2];
            var story = new Story(1_000_000 + writer);
            var answered = new List<(Append Append, AppendResult.Committed Result)>();
            while (!enough.IsCancellationRequested)
            {
                await new RandomHistory(10_000 * (writer + 1) + answered.Count, node.Journal, node.Views).Run(steps: 20);
                var append = story.CreatePackage(story.NewPackageId());
                answered.Add((append, Assert.IsType<AppendResult.Committed>((await node.Journal.Append([append]))[0])));
            }
            return answered;
        })).ToList();
        var heads = new List<long>();
        try
        {
            for (var i = 0; i < 6; i++)
            {
                var report = await nodes[2].Maintenance.Replay(null);
                Assert.True(report.Identical);
                heads.Add(report.HighestSequence);
            }
        }
        finally
        {
            await enough.CancelAsync();
        }
        Assert.Equal(heads.Distinct(), heads);
        var answered = (await Task.WhenAll(writing)).SelectMany(list => list).ToList();
        Assert.True(answered.Count > 10);
        foreach (var (append, result) in answered)
        {
            var line = (await nodes[2].Views.Events(result.FirstSequence - 1, 1, []))[0];
            Assert.Equal((append.Id, append.Events[0].Stream), (line.AppendId, line.Stream));
        }
        var before = await Dump(nodes[0]);
        Assert.True((await nodes[0].Maintenance.Replay(null)).Identical);
        Assert.Equal(before, await Dump(nodes[1]));
    }

    private static async Task<string> Dump(PostgresStore store)
    {
        var text = new StringWriter();
        await store.DumpViews(text);
        return text.ToString();
    }
}
