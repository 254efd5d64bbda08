using System.Net;
using System.Text;
using ArtifactStore.EndToEnd.Tests.Fixtures;

namespace ArtifactStore.EndToEnd.Tests.Faults.Cluster;

/// <summary>Two nodes decide on the same thing at the same time: one of them wins, the other says so, and nobody sees a conflict.</summary>
public class OneWinner
{
    private const int AtOnce = 8;

    [Fact]
    public async Task Two_nodes_that_put_the_same_path_10000_times_have_one_winner_each_time()
    {
        using var folder = new TemporaryFolder();
        await using var store = await StoreProcess.Start(folder.Path, deployment: Deployment.Cluster);
        using var first = StoreProcess.Connect(store.Node(0).Url);
        using var second = StoreProcess.Connect(store.Node(1).Url);
        var package = await store.Http.CreatePackage();
        var parallel = new ParallelOptions { MaxDegreeOfParallelism = AtOnce };
        await Parallel.ForEachAsync(Enumerable.Range(0, Counts.Of(10_000)), parallel, async (number, stop) =>
        {
            var (one, two) = (Encoding.UTF8.GetBytes($"one {number}"), Encoding.UTF8.GetBytes($"two {number}"));
            var answers = await Task.WhenAll(first.PutFile(package, $"f{number}", one, stop), second.PutFile(package, $"f{number}", two, stop));
            var codes = answers.Select(answer => answer.StatusCode).Order();
            Assert.Equal([HttpStatusCode.Created, HttpStatusCode.Conflict], codes);
            foreach (var answer in answers) answer.Dispose();
        });
        Assert.Equal(Counts.Of(10_000), (await store.Http.Files(package)).Count);
    }

    [Fact]
    public async Task Two_nodes_that_bring_the_same_content_and_finalize_the_same_package_agree()
    {
        using var folder = new TemporaryFolder();
        await using var store = await StoreProcess.Start(folder.Path, deployment: Deployment.Cluster);
        using var first = StoreProcess.Connect(store.Node(0).Url);
        using var second = StoreProcess.Connect(store.Node(1).Url);
        for (var round = 0; round < Counts.Of(500); round++)
        {
            var package = await store.Http.CreatePackage();
            var bytes = Encoding.UTF8.GetBytes($"content {round}");
            var puts = await Task.WhenAll(first.PutFile(package, "a", bytes), second.PutFile(package, "b", bytes));
            foreach (var put in puts)
            {
                Assert.True(put.StatusCode == HttpStatusCode.Created, await put.Content.ReadAsStringAsync());
                put.Dispose();
            }
            var finalized = await Task.WhenAll(first.FinalizePackage(package), second.FinalizePackage(package));
            Assert.Equal(finalized[0].GetProperty("manifest_digest").GetString(), finalized[1].GetProperty("manifest_digest").GetString());
            using var late = await second.PutFile(package, "c", bytes);
            Assert.Equal(HttpStatusCode.Conflict, late.StatusCode);
        }
    }
}
