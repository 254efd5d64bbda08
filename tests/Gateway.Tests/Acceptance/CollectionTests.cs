using System.Collections.Concurrent;
using System.Net;
using System.Security.Cryptography;
using System.Text.Json;
using ArtifactStore.Gateway.Tests.Fixtures;
using ArtifactStore.Interfaces.Blobs;
using ArtifactStore.Interfaces.Errors;
using ArtifactStore.Interfaces.Ids;
using ArtifactStore.Interfaces.Retention;

namespace ArtifactStore.Gateway.Tests.Acceptance;

/// <summary>Rows R05 and R08 to R13: what the collector deletes, what it keeps, and that nobody loses bytes beside it.</summary>
public sealed class CollectionTests : IAsyncLifetime
{
    private readonly ConcurrentDictionary<string, int> _deletes = [];
    private RealStore _store = null!;
    private volatile bool _refuse;

    private HttpClient Client => _store.Client;

    public async ValueTask InitializeAsync() => _store = await RealStore.Start(wrap: real => new Counting(real, this));

    public ValueTask DisposeAsync() => _store.DisposeAsync();

    [Fact]
    public async Task R08_R11_an_eligible_package_goes_with_its_bytes_and_says_so()
    {
        var package = await Doomed(("a", [1]), ("b", [2, 2]));
        await Client.Finalize(package).Json();
        var file = (await Client.GetAsync($"/packages/{package}/files").Json()).Items().First().Text("id");
        Assert.Equal(3, _store.Objects().Count());
        await Sweep();

        var said = await Collect();
        Assert.Equal((1, 3, 3, 1), (said.Count("started"), said.Count("released"), said.Count("deleted"), said.Count("collected")));
        Assert.Empty(_store.Objects());
        Assert.Equal("garbage_collected", (await Client.GetAsync($"/packages/{package}").Json()).Text("status"));
        await Client.GetAsync($"/files/{file}").Problem("file_unknown");
        await Client.GetAsync($"/files/{file}/download").Problem("file_unknown");
        await Client.GetAsync($"/packages/{package}/manifest").Problem("package_gone");
        await Client.PutFile(package, "late", [3]).Problem("package_not_open");
        await Client.PostJson($"/packages/{package}/retention/holds", """{"reason":"late"}""").Problem("package_gone");
        await Client.DeleteAsync($"/packages/{package}?reason=again").Problem("package_gone");
        var history = (await Client.GetAsync($"/packages/{package}/retention/history").Json()).Items().Select(item => item.Text("event_type")).ToList();
        Assert.Equal(["v1.package.collection_started", "v1.package.garbage_collected"], history[^2..]);
        Assert.Equal(0, (await Collect()).Count("started"));
        Assert.All(_deletes.Values, times => Assert.Equal(1, times));
    }

    [Fact]
    public async Task R05_R08_a_hold_that_comes_after_the_mark_blocks_and_its_release_lets_go()
    {
        var package = await Doomed(("a", [1]));
        await Sweep();
        var hold = (await Client.PostJson($"/packages/{package}/retention/holds", """{"reason":"case"}""").Json(HttpStatusCode.Created)).Text("hold_id");
        var said = await Collect();
        Assert.Equal((0, 1), (said.Count("started"), said.Count("held")));
        Assert.Single(_store.Objects());
        await Client.DeleteAsync($"/packages/{package}/retention/holds/{hold}?reason=settled").Nothing();
        Assert.Equal(1, (await Collect()).Count("collected"));
        Assert.Empty(_store.Objects());
    }

    [Fact]
    public async Task R09_R10_shared_bytes_stay_until_the_last_package_goes_and_each_release_is_told()
    {
        var first = await Doomed(("a", [1]), ("again", [1]));
        var kept = await Client.CreatePackage();
        await Client.PutFile(kept, "a", [1]).Json(HttpStatusCode.Created);
        await Sweep();
        Assert.Equal((1, 0), await CollectedAndDeleted());
        Assert.Equal([false, false], await BytesDeleted(first));
        Assert.Single(_store.Objects());
        Assert.Equal([1], await Client.GetByteArrayAsync($"/files/{await FileOf(kept)}/download"));

        await Client.DeleteAsync($"/packages/{kept}?reason=done").Json(HttpStatusCode.Accepted);
        Assert.Equal((1, 1), await CollectedAndDeleted());
        Assert.Equal([true], await BytesDeleted(kept));
        Assert.Empty(_store.Objects());
    }

    /// <summary>Found by the simulation: each is released as one of several, and whichever is decided last is the last after all.</summary>
    [Fact]
    public async Task R09_a_package_with_the_same_bytes_under_two_paths_goes_in_one_run()
    {
        var package = await Doomed(("a", [1]), ("again", [1]), ("b", [2]));
        await Sweep();
        Assert.Equal((1, 2), await CollectedAndDeleted());
        Assert.Equal([false, true, true], (await BytesDeleted(package)).Order());
        Assert.Empty(_store.Objects());
    }

    [Fact]
    public async Task R11_a_deletion_that_fails_leaves_it_pending_and_the_next_run_finishes()
    {
        var package = await Doomed(("a", [1]), ("b", [2]));
        await Sweep();
        _refuse = true;
        var said = await Collect();
        Assert.Equal((2, 0, 2, 0), (said.Count("released"), said.Count("deleted"), said.Count("failed"), said.Count("collected")));
        Assert.Equal("collecting", (await Client.GetAsync($"/packages/{package}").Json()).Text("status"));
        // The same bytes come again meanwhile: they are a new generation, which the late deletion does not touch.
        var again = await Client.CreatePackage();
        await Client.PutFile(again, "a", [1]).Json(HttpStatusCode.Created);
        _refuse = false;
        said = await Collect();
        Assert.Equal((2, 1), (said.Count("deleted"), said.Count("collected")));
        Assert.Equal([1], await Client.GetByteArrayAsync($"/files/{await FileOf(again)}/download"));
        Assert.Single(_store.Objects());
    }

    [Fact]
    public async Task A_package_that_holds_the_same_bytes_many_times_goes_in_one_run()
    {
        for (var i = 0; i < 5; i++) await Doomed(("a", [1]), ("b", [1]), ("c", [1]), ("d", [1]));
        await Sweep();
        Assert.Equal((5, 1), await CollectedAndDeleted());
    }

    [Fact]
    public async Task A_hold_on_a_content_keeps_its_bytes_and_its_release_lets_them_go()
    {
        var package = await Doomed(("a", [1]), ("b", [2]));
        var address = (await Client.GetAsync($"/packages/{package}/files").Json()).Items().First().Text("content_address");
        var hold = (await Client.PostJson("/holds", JsonSerializer.Serialize(new { kind = "content", covers = address, reason = "evidence" })).Json(HttpStatusCode.Created)).Text("hold_id");
        await Sweep();
        Assert.Equal((1, 1), await CollectedAndDeleted());
        Assert.Equal([1], await Client.GetByteArrayAsync($"/contents/{address}"));
        await Client.DeleteAsync($"/holds/{hold}?reason=settled").Nothing();
        Assert.Equal((0, 1), await CollectedAndDeleted());
        Assert.Empty(_store.Objects());
        await Client.GetAsync($"/contents/{address}").Problem("content_unknown");
    }

    [Fact]
    public async Task A_hold_on_everything_stops_the_collector_wherever_it_is()
    {
        await Doomed(("a", [1]));
        var second = await Doomed(("b", [2]));
        await Sweep();
        _refuse = true;
        await Client.DeleteAsync($"/packages/{second}?reason=r");
        await Collect();
        var hold = (await Client.PostJson("/holds", """{"kind":"everything","reason":"litigation"}""").Json(HttpStatusCode.Created)).Text("hold_id");
        _refuse = false;
        Assert.Equal((0, 0), await CollectedAndDeleted());
        Assert.Equal(2, _store.Objects().Count());
        await Client.DeleteAsync($"/holds/{hold}?reason=settled").Nothing();
        Assert.Equal((2, 2), await CollectedAndDeleted());
    }

    /// <summary>The same few contents are pushed and read all the time while packages that share them expire and are collected.</summary>
    [Fact]
    public async Task R13_who_pushes_and_reads_while_the_collector_runs_never_misses_a_byte()
    {
        await Define();
        const int perPusher = 60;
        var pool = Enumerable.Range(0, 4).Select(i => RandomNumberGenerator.GetBytes(1000 + i)).ToArray();
        async Task Push(int seed)
        {
            var random = new Random(seed);
            for (var pushed = 0; pushed < perPusher;)
            {
                var lasting = random.Next(2) == 0;
                var package = await Client.CreatePackage(retentionClass: lasting ? "raw-evidence" : "fleeting");
                var bytes = pool[random.Next(pool.Length)];
                using var put = await Client.PutFile(package, "f", bytes);
                // A package that lives for nothing may go before its file comes; one that lasts never.
                if (!lasting && put.StatusCode == HttpStatusCode.Conflict) continue;
                Assert.Equal(HttpStatusCode.Created, put.StatusCode);
                pushed++;
                if (!lasting) continue;
                Assert.Equal(bytes, await Client.GetByteArrayAsync($"/files/{await FileOf(package)}/download"));
                await Client.DeleteAsync($"/packages/{package}?reason=over").Json(HttpStatusCode.Accepted);
            }
        }
        var pushing = Task.WhenAll(Push(1), Push(2), Push(3));
        async Task CollectAllTheTime()
        {
            while (!pushing.IsCompleted)
            {
                await Sweep();
                await Collect();
            }
        }
        await Task.WhenAll(pushing, CollectAllTheTime(), CollectAllTheTime());

        await Sweep();
        await Collect();
        await Collect();
        Assert.Empty(_store.Objects());
        await RequireCounted();
        var replayed = await Client.PostAsync("/maintenance/replay", null).Json();
        Assert.True(replayed.GetProperty("identical").GetBoolean());
    }

    private async Task<string> Doomed(params (string Path, byte[] Bytes)[] files)
    {
        await Define();
        var package = await Client.CreatePackage(retentionClass: "fleeting");
        foreach (var (path, bytes) in files) await Client.PutFile(package, path, bytes).Json(HttpStatusCode.Created);
        return package;
    }

    /// <summary>A class whose lifetime is nothing.</summary>
    private async Task Define()
    {
        var defined = await _store.Grains.Call<IRetentionClassGrain, Outcome<RetentionClassView>>(
            $"{TenantId.Default}/fleeting",
            grain => grain.Define(new(new(Guid.NewGuid()), TenantId.Default, "tester", DateTimeOffset.UtcNow, "fleeting", 0, "gone at once")));
        Assert.True(defined.Succeeded);
    }

    /// <summary>Every number is what its rows say, and nothing is left lying.</summary>
    private async Task RequireCounted()
    {
        for (string? after = ""; after is not null;)
        {
            var page = await Client.PostAsync($"/maintenance/recounts?after={after}", null).Json();
            Assert.Empty(page.GetProperty("drifts").EnumerateArray());
            after = page.GetProperty("next").GetString();
        }
    }

    [Theory]
    [InlineData("after=packages")]
    [InlineData("after=files.3")]
    [InlineData("repair=true")]
    public Task A_recount_that_cannot_be_meant_is_refused(string query) =>
        Client.PostAsync($"/maintenance/recounts?{query}", null).Problem("request_malformed");

    private Task<JsonElement> Sweep() => Client.PostAsync("/retention/sweeps", null).Json();

    private async Task<Counts> Collect() => new(await Client.PostAsync("/retention/collections", null).Json());

    private async Task<(int Collected, int Deleted)> CollectedAndDeleted()
    {
        var said = await Collect();
        return (said.Count("collected"), said.Count("deleted"));
    }

    private async Task<string> FileOf(string package) => (await Client.GetAsync($"/packages/{package}/files").Json()).Items().First().Text("id");

    private async Task<List<bool>> BytesDeleted(string package)
    {
        var events = await Client.Get("/events?limit=1000&types=v1.storage.location_deleted", headers => headers.Accept.ParseAdd("application/json")).Json();
        return
        [
            .. events.Items().Where(line => line.Text("subject_id") == package)
                .Select(line => line.GetProperty("payload").GetProperty("bytes_deleted").GetBoolean()),
        ];
    }

    private sealed record Counts(JsonElement Said)
    {
        public int Count(string field) => Said.GetProperty(field).GetInt32();
    }

    private sealed class Counting(IBlobStore real, CollectionTests test) : ForwardingBackend(real)
    {
        public override Task<bool> Delete(string key, CancellationToken cancellation = default)
        {
            if (test._refuse) throw new BlobStoreException(BlobFailure.Unavailable, "the backend is away for a moment.");
            test._deletes.AddOrUpdate(key, 1, (_, times) => times + 1);
            return base.Delete(key, cancellation);
        }
    }
}
