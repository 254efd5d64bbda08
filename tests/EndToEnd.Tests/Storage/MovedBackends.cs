using System.Collections.Concurrent;
using System.Net;
using System.Text.Json;
using System.Text.RegularExpressions;
using ArtifactStore.Conformance.Servers;
using ArtifactStore.EndToEnd.Tests.Fixtures;

namespace ArtifactStore.EndToEnd.Tests.Storage;

/// <summary><c>artifactstore storage move</c> between a directory and a real Ceph RGW, while everything runs.</summary>
public partial class MovedBackends
{
    [Fact]
    public async Task Contents_move_to_the_bucket_and_back_while_they_are_read_and_pushed()
    {
        await using var bucket = await RgwBucket.Create();
        using var folder = new TemporaryFolder();
        await using var store = await Start(folder, bucket);
        var package = await Push(store, Enumerable.Range(1, 50));
        await store.Http.FinalizePackage(package);
        using var stop = new CancellationTokenSource();
        var reads = new ConcurrentBag<int>();
        var readers = Enumerable.Range(0, 3).Select(reader => ReadUntil(store, package, reader, reads, stop.Token)).ToList();
        var pushed = new ConcurrentBag<string>();
        var pusher = PushUntil(store, pushed, stop.Token);
        await Eventually.True(() => reads.Count > 10 && !pushed.IsEmpty, "readers and pushers at work");

        var moved = await Move(store, "local", "s3");
        Assert.True(moved.GetProperty("moved").GetInt32() + moved.GetProperty("already_there").GetInt32() >= 50, moved.ToString());
        var readBefore = reads.Count;
        await Eventually.True(() => reads.Count > readBefore + 10, "readers go on after the move");
        await stop.CancelAsync();
        await Task.WhenAll([.. readers, pusher]);

        // What was pushed behind its back: an open package stays where it was routed to.
        await Move(store, "local", "s3");
        await RequireAll(store, package, "s3");
        foreach (var other in pushed) await RequireAll(store, other, "s3");
        Assert.Equal(0, (await Move(store, "local", "s3")).GetProperty("locations").GetInt32());
        await RequireHealthy(store);
        using (var collected = await store.Http.PostAsync("/retention/collections?seconds=60", null))
            Assert.True(collected.IsSuccessStatusCode, await collected.Content.ReadAsStringAsync());
        // The collector takes empty directories away as well.
        Assert.DoesNotContain(Directory.GetFiles(folder["storage"], "*", SearchOption.AllDirectories), file => file.Contains("/blake3/", StringComparison.Ordinal));
        await RequireAll(store, package, "s3");

        await store.Stop();
        // Without a server the verb opens the store itself.
        var back = await Move(store, "s3", "local");
        Assert.True(back.GetProperty("moved").GetInt32() >= 50, back.ToString());
        var replay = await store.Run("replay", "--json");
        Assert.True(JsonSerializer.Deserialize<JsonElement>(replay.Output).GetProperty("identical").GetBoolean(), replay.ToString());
        await store.StartAgain();
        await RequireAll(store, package, "local");
        await RequireHealthy(store);
        var events = await store.Http.GetStringAsync("/events?limit=1000");
        await store.Stop();
        RgwBucket.RequireNoSecretIn(store.Log + events + moved + back, folder.Path);
    }

    [Fact]
    public async Task A_move_that_is_killed_in_the_middle_loses_nothing_and_goes_on_where_it_says()
    {
        await using var bucket = await RgwBucket.Create();
        using var folder = new TemporaryFolder();
        await using var store = await Start(folder, bucket);
        var package = await Push(store, Enumerable.Range(1, 400));
        var running = store.Run("storage", "move", "--from", "local", "--to", "s3", "--jobs", "2");
        // The first page is done then, and the second one is not.
        while (await CountMoved(store) < 270) Assert.False(running.IsCompleted, "the move was over before it was killed");
        await store.Kill();
        var killed = await running;
        Assert.NotEqual(0, killed.ExitCode);
        var after = Continue().Match(killed.Errors).Groups["key"].Value;
        Assert.True(after.Length > 0, killed.ToString());
        await store.StartAgain();
        await RequireReadable(store, package);

        var rest = await Move(store, "local", "s3", "--after", after);
        Assert.InRange(rest.GetProperty("moved").GetInt32(), 1, 144);
        await RequireAll(store, package, "s3");
        Assert.Equal(0, (await Move(store, "local", "s3")).GetProperty("locations").GetInt32());
        await RequireHealthy(store);
        await store.Stop();
        var replay = await store.Run("replay", "--json");
        Assert.True(JsonSerializer.Deserialize<JsonElement>(replay.Output).GetProperty("identical").GetBoolean(), replay.ToString());
    }

    [Fact]
    public async Task A_bucket_that_takes_nothing_ends_the_run_with_its_name_and_what_cannot_be_is_told_in_a_sentence()
    {
        await using var bucket = await RgwBucket.Create();
        using var folder = new TemporaryFolder();
        await using var proxy = new FaultProxy(bucket.Server.Endpoint);
        await using var store = await Start(folder, bucket, proxy.Endpoint);
        var package = await Push(store, [1, 2, 3]);
        await store.Stop();
        var wrong = await store.Run("storage", "move", "--from", "local", "--to", "attic");
        Assert.Equal(4, wrong.ExitCode);
        Assert.Contains("there is no storage backend 'attic'", wrong.Errors);
        var none = await store.Run("storage", "move", "--from", "local", "--to", "s3", "--class", "none");
        Assert.Equal(1, none.ExitCode);
        Assert.Contains("there is no retention class 'none'", none.Errors);

        proxy.Rule = request => request.IsPut ? new Fault.Answer(403, "AccessDenied") : new Fault.None();
        var stopped = await store.Run("storage", "move", "--from", "local", "--to", "s3");
        Assert.True(stopped.ExitCode == 1, stopped.ToString());
        Assert.Contains("error: backend s3: ", stopped.Errors);
        Assert.DoesNotContain("   at ", stopped.Errors);
        proxy.Rule = _ => new Fault.None();
        await store.StartAgain();
        await RequireAll(store, package, "local");
        Assert.Equal(3, (await Move(store, "local", "s3", "--class", "transient")).GetProperty("moved").GetInt32());
        await RequireAll(store, package, "s3");
    }

    private static Task<StoreProcess> Start(TemporaryFolder folder, RgwBucket bucket, Uri? endpoint = null) => StoreProcess.Start(folder.Path, variables =>
    {
        bucket.Configure(variables);
        if (endpoint is not null) variables["ARTIFACTSTORE_S3_ENDPOINT_URL"] = endpoint.ToString();
        variables["ARTIFACTSTORE_STORAGE_BACKENDS"] = "local,s3";
        variables["ARTIFACTSTORE_STORAGE_DEFAULT_BACKEND"] = "local";
    });

    private static async Task<JsonElement> Move(StoreProcess store, string from, string to, params string[] more)
    {
        var run = await store.Run(["storage", "move", "--from", from, "--to", to, "--json", .. more]);
        Assert.True(run.ExitCode == 0, run.ToString());
        return JsonSerializer.Deserialize<JsonElement>(run.Output);
    }

    private static async Task<string> Push(StoreProcess store, IEnumerable<int> seeds)
    {
        var package = await store.Http.CreatePackage();
        await Parallel.ForEachAsync(seeds, async (seed, cancellation) =>
        {
            using var stored = await store.Http.PutFile(package, $"f{seed}", Bytes(seed), cancellation);
            Assert.True(stored.StatusCode == HttpStatusCode.Created, await stored.Content.ReadAsStringAsync(cancellation));
        });
        return package;
    }

    /// <summary>Packages of which one half is known bytes, which are moving, and the other is new.</summary>
    private static async Task PushUntil(StoreProcess store, ConcurrentBag<string> pushed, CancellationToken stop)
    {
        for (var round = 0; !stop.IsCancellationRequested; round++)
            pushed.Add(await Push(store, [1 + round % 50, 26 + round % 25, 1000 + 2 * round, 1001 + 2 * round]));
    }

    private static async Task ReadUntil(StoreProcess store, string package, int reader, ConcurrentBag<int> reads, CancellationToken stop)
    {
        var files = (await store.Http.Files(package)).ToArray();
        for (var i = reader * 17; !stop.IsCancellationRequested; i++)
        {
            var (path, file) = files[i % files.Length];
            // To its end: what begins before the stop has to be right as well.
            var bytes = await store.Http.GetByteArrayAsync($"/files/{file.GetProperty("id").GetString()}/download", CancellationToken.None);
            Assert.Equal(Bytes(SeedOf(path)), bytes);
            reads.Add(i);
        }
    }

    private static async Task RequireAll(StoreProcess store, string package, string backend)
    {
        await RequireReadable(store, package);
        Assert.All((await store.Http.Files(package)).Values, file => Assert.Equal(backend, file.GetProperty("backend_id").GetString()));
    }

    private static async Task RequireReadable(StoreProcess store, string package)
    {
        foreach (var (path, file) in await store.Http.Files(package))
            Assert.Equal(Bytes(SeedOf(path)), await store.Http.GetByteArrayAsync($"/files/{file.GetProperty("id").GetString()}/download"));
    }

    private static async Task RequireHealthy(StoreProcess store)
    {
        Assert.Equal("ok", (await store.Http.Json("/health")).GetProperty("status").GetString());
        foreach (var backend in new[] { "local", "s3" })
        {
            var verified = await store.Run("storage", "verify", "--backend", backend);
            Assert.True(verified.ExitCode == 0, verified.ToString());
        }
    }

    private static async Task<int> CountMoved(StoreProcess store)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, "/events?types=v1.storage.content_moved&limit=1000");
        request.Headers.Accept.ParseAdd("application/json");
        using var answer = await store.Http.SendAsync(request);
        return JsonSerializer.Deserialize<JsonElement>(await answer.Content.ReadAsStringAsync()).GetProperty("items").GetArrayLength();
    }

    private static int SeedOf(string path) => int.Parse(path[1..]);

    /// <summary>Some that need no stage, some that do, and one that goes in parts.</summary>
    private static byte[] Bytes(int seed)
    {
        var bytes = new byte[seed == 7 ? 9_000_000 : seed % 10 == 0 && seed < 100 ? 1_200_000 : 2000];
        new Random(seed).NextBytes(bytes);
        return bytes;
    }

    [GeneratedRegex(@"to continue: artifactstore storage move --from local --to s3 --jobs 2 --after (?<key>\d+)", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex Continue();
}
