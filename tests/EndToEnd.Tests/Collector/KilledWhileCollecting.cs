using System.Net;
using ArtifactStore.EndToEnd.Tests.Fixtures;

namespace ArtifactStore.EndToEnd.Tests.Collector;

/// <summary>
/// Three clients push and read the same few contents while sweeps and collections run every second and nodes are killed with -9: no byte that
/// was promised is lost, no reference dangles, no number drifts, and in the end every condemned byte is really gone.
/// </summary>
public sealed class KilledWhileCollecting
{
    private const int Clients = 3;
    private const string Prefix = "prod/artifact-store";
    private const string Lifetimes = "[retention_classes.transient]\ndefault_duration_seconds = 1\n";

    [Fact]
    public async Task On_sqlite_and_a_directory()
    {
        using var folder = new TemporaryFolder();
        await Run(folder, Deployment.Sqlite, "local", Counts.Full ? 600 : 20, OnDirectory, () => FilesOf(folder));
    }

    [Fact]
    public async Task On_postgresql_and_rgw()
    {
        await using var bucket = await RgwBucket.Create();
        using var folder = new TemporaryFolder();
        await Run(
            folder, Deployment.PostgresNode, "s3", Counts.Full ? 600 : 20,
            variables =>
            {
                bucket.Configure(variables, Prefix);
                OnlyBackend(variables, "s3");
            },
            async () => [.. (await bucket.Objects($"{Prefix}/blake3/")).Select(found => found.Key)]);
    }

    [Fact]
    public async Task On_three_nodes_with_postgresql_and_a_shared_directory()
    {
        using var folder = new TemporaryFolder();
        await Run(folder, Deployment.Cluster, "local", Counts.Full ? 600 : 20, OnDirectory, () => FilesOf(folder));
    }

    private static async Task Run(
        TemporaryFolder folder, Deployment deployment, string backend, int seconds, Action<Dictionary<string, string?>> configure,
        Func<Task<IReadOnlyList<string>>> objects)
    {
        var seed = Environment.TickCount;
        TestContext.Current.SendDiagnosticMessage($"seed {seed}");
        await File.WriteAllTextAsync(folder["retention.toml"], Lifetimes);
        await using var store = await StoreProcess.Start(
            folder.Path,
            variables =>
            {
                configure(variables);
                variables["ARTIFACTSTORE_RETENTION_CONFIG_PATH"] = folder["retention.toml"];
                variables["ARTIFACTSTORE_RETENTION_SWEEP_INTERVAL_SECONDS"] = "1";
                variables["ARTIFACTSTORE_RETENTION_GC_INTERVAL_SECONDS"] = "1";
            },
            deployment);
        // One address for as long as the run takes, whoever is killed and comes back on another port.
        await using var balancer = new Balancer();
        balancer.Use(Living(store));
        var work = new WorkDone();
        using var http = new PatientHttp(balancer.Url, work);
        var clients = Enumerable.Range(0, Clients).Select(client => new PushingClient(http, work, HashCode.Combine(seed, client))).ToArray();
        var laws = new CollectorLaws(store, backend, objects);

        using var over = new CancellationTokenSource(TimeSpan.FromSeconds(seconds));
        await Task.WhenAll(
        [
            .. clients.Select(client => StopAllWhenItFails(client.Run(over.Token), over)),
            StopAllWhenItFails(Collect(http, work, over.Token), over),
            StopAllWhenItFails(Kill(store, balancer, laws, work, new Random(seed), over.Token), over),
        ]);
        // The last packages still stand: what refers to bytes has them.
        await laws.NoDrift();
        await Task.WhenAll(clients.Select(client => client.Finish()));
        await laws.EverythingIsGone();

        var returned = laws.History.Settled.Count(copy => copy.Generation > 1);
        var story = $"{deployment.Name}, {seconds} s: {work}; {laws.History.Created.Count} packages and {laws.History.Condemned.Count} copies came and went, "
            + $"{returned} of them of a content that had been deleted before";
        TestContext.Current.SendDiagnosticMessage(story);
        // What a busy machine reaches; less, and the laws would say little.
        var enough = work.Kills >= seconds / 10 && work.Collections >= seconds / 2 && work.Pushed >= seconds * 2 && work.Read >= seconds
            && work.Ended >= seconds / 2 && returned >= seconds / 4;
        Assert.True(enough, $"too little was done. {story}");
    }

    /// <summary>kill -9 of one node after the other, until the time is over.</summary>
    private static async Task Kill(StoreProcess store, Balancer balancer, CollectorLaws laws, WorkDone work, Random random, CancellationToken over)
    {
        while (!over.IsCancellationRequested)
        {
            // The moment of death is drawn in answered pushes: there is always work to cut off.
            await Pushes(work, random.Next(5, 60), over);
            await store.Kill(work.Kills % store.Nodes);
            work.Kills++;
            await store.StartAgain();
            balancer.Use(Living(store));
            await Pushes(work, 1, over);
            if (work.Kills % 4 == 0) await laws.NoDrift();
        }
    }

    private static Task Pushes(WorkDone work, int more, CancellationToken over)
    {
        var wanted = work.Pushed + more;
        return Eventually.True(() => work.Pushed >= wanted || over.IsCancellationRequested, $"{more} more pushes are answered");
    }

    /// <summary>
    /// Nodes do so by themselves; but what a killed node did for all is done by another one only when it is known to be dead. So somebody asks
    /// for it as well, and often two collectors are at it.
    /// </summary>
    private static async Task Collect(PatientHttp http, WorkDone work, CancellationToken over)
    {
        while (!over.IsCancellationRequested)
        {
            foreach (var path in new[] { "/retention/sweeps", "/retention/collections?seconds=10" })
            {
                var said = await http.Send(HttpMethod.Post, path);
                Assert.True(said.Status == HttpStatusCode.OK, $"{path}: {(int)said.Status} {said.Text}");
            }
            work.Collections++;
        }
    }

    /// <summary>Nobody goes on for minutes after a law is broken.</summary>
    private static async Task StopAllWhenItFails(Task one, CancellationTokenSource over)
    {
        try
        {
            await one;
        }
        finally
        {
            if (!one.IsCompletedSuccessfully) await over.CancelAsync();
        }
    }

    private static IEnumerable<Uri> Living(StoreProcess store) => Enumerable.Range(0, store.Nodes).Select(index => store.Node(index).Url);

    private static void OnDirectory(Dictionary<string, string?> variables) => OnlyBackend(variables, "local");

    private static void OnlyBackend(Dictionary<string, string?> variables, string backend)
    {
        variables["ARTIFACTSTORE_STORAGE_BACKENDS"] = backend;
        variables["ARTIFACTSTORE_STORAGE_DEFAULT_BACKEND"] = backend;
        variables.Remove("ARTIFACTSTORE_STORAGE_BACKEND_ROUTES");
    }

    private static Task<IReadOnlyList<string>> FilesOf(TemporaryFolder folder)
    {
        var root = folder["storage", "blake3"];
        return Task.FromResult<IReadOnlyList<string>>(Directory.Exists(root) ? Directory.GetFiles(root, "*", SearchOption.AllDirectories) : []);
    }
}
