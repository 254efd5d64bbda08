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
        // The one that is frozen does background work: it holds leases.
        await Eventually.True(async () => (await Leases(server, store)).Count > 0, "somebody does the background work");
        var before = await Leases(server, store);
        var frozenName = before.Values.First().Owner;
        var frozenNode = Enumerable.Range(0, store.Nodes).Single(index => StoreProcess.NameOf(index) == frozenName);
        // Straight to one that stays awake, and to the frozen one: its requests hang with it and are answered, or not, when it wakes.
        using var awake = StoreProcess.Connect(store.Node((frozenNode + 1) % store.Nodes).Url);
        using var asleep = StoreProcess.Connect(store.Node(frozenNode).Url);
        var writing = Task.WhenAll(load.Run(awake, packages, stop.Token, persist: true), load.Run(asleep, packages, stop.Token, persist: true));
        await Eventually.True(() => load.Answers.Count > 100, "some writes before the freeze");

        await store.Node(frozenNode).Signal("STOP");
        var frozen = DateTimeOffset.UtcNow;
        while (DateTimeOffset.UtcNow - frozen < Freeze)
        {
            var answered = load.Answers.Count;
            await Eventually.True(() => load.Answers.Count > answered + 20, "the others go on", seconds: 10);
        }
        // Every minute at the latest somebody wants to do it.
        await Eventually.True(
            async () => (await Leases(server, store)).Values.All(lease => lease.Owner != frozenName), "the others take over its work", seconds: 90);
        var taken = await Leases(server, store);
        await store.Node(frozenNode).Signal("CONT");

        await Eventually.True(
            async () =>
            {
                using var written = await asleep.PutFile(packages[0], $"after/{Guid.NewGuid():N}", [5]);
                return written.IsSuccessStatusCode;
            },
            "the woken node answers");
        // What it believed to hold it has lost, and it finds that out before it does anything with it.
        var after = await Leases(server, store);
        foreach (var (name, lease) in taken)
        {
            if (before.TryGetValue(name, out var former) && former.Owner == frozenName) Assert.True(lease.Epoch > former.Epoch, name);
            Assert.Equal(lease, after[name]);
        }
        await stop.CancelAsync();
        await writing;
        await WriteLoad.Check(store.Http, load.Answers, load.Asked);
        var feed = new FeedReader();
        await feed.Finish(store.Http);
        var replay = await store.Run("replay", "--json");
        Assert.True(replay.ExitCode == 0, replay.ToString());
        Assert.Contains("\"identical\":true", replay.Output.Replace(" ", "", StringComparison.Ordinal));
    }

    /// <summary>Who does which background work, and how often that has changed hands.</summary>
    private static async Task<Dictionary<string, (string Owner, long Epoch)>> Leases(PostgresServer server, StoreProcess store)
    {
        var rows = await server.Sql("SELECT l.name, n.name, l.epoch FROM leases l JOIN nodes n ON n.node_id = l.owner", store.Database);
        return rows.Split('\n', StringSplitOptions.RemoveEmptyEntries)
            .Select(row => row.Split('|'))
            .ToDictionary(row => row[0], row => (row[1], long.Parse(row[2], System.Globalization.CultureInfo.InvariantCulture)));
    }
}
