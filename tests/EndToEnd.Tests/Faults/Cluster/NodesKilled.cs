using System.Text.Json;
using ArtifactStore.EndToEnd.Tests.Fixtures;

namespace ArtifactStore.EndToEnd.Tests.Faults.Cluster;

/// <summary>kill -9 of one of three nodes under load: the others go on, and nothing that any of them answered is lost.</summary>
public class NodesKilled
{
    [Fact]
    public async Task Nothing_answered_is_lost_and_a_reader_misses_no_event_over_50_kills_of_one_of_three_nodes()
    {
        var seed = Environment.TickCount;
        TestContext.Current.SendDiagnosticMessage($"seed {seed}");
        var random = new Random(seed);
        using var folder = new TemporaryFolder();
        await using var store = await StoreProcess.Start(folder.Path, deployment: Deployment.Cluster);
        string[] packages = [await store.Http.CreatePackage(), await store.Http.CreatePackage()];
        using var stop = new CancellationTokenSource();
        var load = new WriteLoad(seed);
        var writing = load.Run(store.Http, packages, stop.Token, persist: true);
        // The last node survives: its reader stands for everybody who follows the log.
        var survivor = store.Nodes - 1;
        using var reading = StoreProcess.Connect(store.Node(survivor).Url);
        var feed = new FeedReader();
        var following = feed.Run(reading, stop.Token);

        for (var kill = 0; kill < Counts.Of(50); kill++)
        {
            var victim = random.Next(survivor);
            var answered = load.Answers.Count;
            // The moment of death is drawn, not waited for.
            await Task.Delay(random.Next(50, 1000));
            await store.Kill(victim);
            await store.StartAgain(victim);
            await Eventually.True(() => load.Answers.Count > answered, "the other nodes answer");
        }

        await stop.CancelAsync();
        await writing;
        await following;
        await WriteLoad.Check(store.Http, load.Answers, load.Asked);
        await feed.Finish(reading);
        Assert.True(feed.Last > load.Answers.Count, $"{feed.Last} events for {load.Answers.Count} answers");
        var replay = await store.Run("replay", "--json");
        Assert.True(replay.ExitCode == 0, replay.ToString());
        Assert.True(JsonSerializer.Deserialize<JsonElement>(replay.Output).GetProperty("identical").GetBoolean(), replay.Output);
    }
}
