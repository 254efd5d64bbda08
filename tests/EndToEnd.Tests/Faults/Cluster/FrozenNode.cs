using ArtifactStore.Conformance.Servers;
using ArtifactStore.EndToEnd.Tests.Fixtures;

namespace ArtifactStore.EndToEnd.Tests.Faults.Cluster;

/// <summary>A node that is stopped (SIGSTOP) stalls nobody, loses its background work to another, and believes nothing when it goes on.</summary>
public class FrozenNode
{
    /// <summary>Longer than any lease and than a node's lifetime.</summary>
    private static readonly TimeSpan Freeze = TimeSpan.FromSeconds(40);

    [Fact]
    public async Task A_frozen_node_stalls_nobody_and_does_not_act_on_what_it_believed()
    {
        using var folder = new TemporaryFolder();
        await using var server = await PostgresServer.StartNew();
        await using var store = await StoreProcess.Start(folder.Path, deployment: Deployment.Cluster, server: server);
        string[] packages = [await store.Http.CreatePackage(), await store.Http.CreatePackage()];
        using var stop = new CancellationTokenSource();
        var load = new WriteLoad(seed: 9);
        // Straight to the two that stay awake, and to the third: its requests hang with it and are answered, or not, when it wakes.
        using var awake = StoreProcess.Connect(store.Node(1).Url);
        using var asleep = StoreProcess.Connect(store.Node(0).Url);
        var writing = Task.WhenAll(load.Run(awake, packages, stop.Token, persist: true), load.Run(asleep, packages, stop.Token, persist: true));
        await Eventually.True(() => load.Answers.Count > 100, "some writes before the freeze");

        await store.Node(0).Signal("STOP");
        var frozen = DateTimeOffset.UtcNow;
        while (DateTimeOffset.UtcNow - frozen < Freeze)
        {
            var before = load.Answers.Count;
            await Eventually.True(() => load.Answers.Count > before, "the others go on", seconds: 10);
            await Task.Delay(500);
        }
        await store.Node(0).Signal("CONT");

        await Eventually.True(
            async () =>
            {
                using var written = await asleep.PutFile(packages[0], $"after/{Guid.NewGuid():N}", [5]);
                return written.IsSuccessStatusCode;
            },
            "the woken node answers");
        await stop.CancelAsync();
        await writing;
        await WriteLoad.Check(store.Http, load.Answers, load.Asked);
        var feed = new FeedReader();
        await feed.Finish(store.Http);
        var replay = await store.Run("replay", "--json");
        Assert.True(replay.ExitCode == 0, replay.ToString());
        Assert.Contains("\"identical\":true", replay.Output.Replace(" ", "", StringComparison.Ordinal));
    }
}
