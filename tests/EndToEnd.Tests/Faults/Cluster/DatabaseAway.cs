using System.Net;
using ArtifactStore.Conformance.Servers;
using ArtifactStore.EndToEnd.Tests.Fixtures;

namespace ArtifactStore.EndToEnd.Tests.Faults.Cluster;

/// <summary>PostgreSQL stops or dies under the nodes: they say so at once, lose nothing, and recover by themselves.</summary>
public class DatabaseAway
{
    private static readonly TimeSpan Outage = TimeSpan.FromSeconds(Counts.Full ? 20 : 5);

    [Fact]
    public async Task A_database_that_is_stopped_and_started_again_costs_503s_and_nothing_else()
    {
        using var folder = new TemporaryFolder();
        await using var server = await PostgresServer.StartNew();
        await using var store = await StoreProcess.Start(folder.Path, deployment: Deployment.Cluster, server: server);
        string[] packages = [await store.Http.CreatePackage()];
        using var stop = new CancellationTokenSource();
        var load = new WriteLoad(seed: 7);
        var writing = load.Run(store.Http, packages, stop.Token, persist: true);
        await Eventually.True(() => load.Answers.Count > 50, "some writes before the outage");

        await server.Stop();

        using (var refused = await store.Http.PutFile(packages[0], "while/away", [1, 2, 3]))
        {
            Assert.Equal(HttpStatusCode.ServiceUnavailable, refused.StatusCode);
            Assert.Equal("database_unavailable", await refused.ErrorCode());
            Assert.NotNull(refused.Headers.RetryAfter);
        }
        var health = await store.Http.Json("/health");
        Assert.Equal("degraded", health.GetProperty("status").GetString());
        Assert.False(health.GetProperty("db").GetProperty("healthy").GetBoolean());
        // The outage itself: nothing is waited for.
        await Task.Delay(Outage);
        var before = load.Answers.Count;
        await server.Start();

        await Eventually.True(() => load.Answers.Count > before + 50, "writes are answered again");
        await Eventually.True(async () => (await store.Http.Json("/health")).GetProperty("status").GetString() == "ok", "health is ok again");
        await stop.CancelAsync();
        await writing;
        await WriteLoad.Check(store.Http, load.Answers, load.Asked);
    }

    [Fact]
    public async Task A_database_killed_under_load_loses_nothing_that_was_answered()
    {
        using var folder = new TemporaryFolder();
        await using var server = await PostgresServer.StartNew();
        await using var store = await StoreProcess.Start(folder.Path, deployment: Deployment.Cluster, server: server);
        string[] packages = [await store.Http.CreatePackage(), await store.Http.CreatePackage()];
        using var stop = new CancellationTokenSource();
        var load = new WriteLoad(seed: 8);
        var writing = load.Run(store.Http, packages, stop.Token, persist: true);
        using var reading = StoreProcess.Connect(store.Node(2).Url);
        var feed = new FeedReader();
        var following = feed.Run(reading, stop.Token);
        for (var kill = 0; kill < Counts.Of(30); kill++)
        {
            var before = load.Answers.Count;
            await Eventually.True(() => load.Answers.Count > before + 100, "writes are answered");
            await server.Kill();
            await server.Start();
        }
        await Eventually.True(
            async () =>
            {
                using var written = await store.Http.PutFile(packages[0], $"after/{Guid.NewGuid():N}", [4]);
                return written.StatusCode == HttpStatusCode.Created;
            },
            "writes are answered after the last kill");
        await stop.CancelAsync();
        await writing;
        await following;
        await WriteLoad.Check(store.Http, load.Answers, load.Asked);
        await feed.Finish(reading);
        Assert.True(feed.Last > load.Answers.Count, $"{feed.Last} events for {load.Answers.Count} answers");
    }
}
