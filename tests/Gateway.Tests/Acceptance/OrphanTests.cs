using System.Net;
using System.Runtime.CompilerServices;
using System.Text.Json;
using ArtifactStore.Gateway.Tests.Fixtures;
using ArtifactStore.Interfaces.Blobs;
using ArtifactStore.Interfaces.Contents;
using ArtifactStore.Interfaces.Hashing;
using ArtifactStore.Interfaces.Ids;

namespace ArtifactStore.Gateway.Tests.Acceptance;

/// <summary>Row R14: <c>POST /storage/{id}/scans</c> finds what no row knows, and never what somebody has, is writing, or did not come from here.</summary>
public sealed class OrphanTests : IAsyncLifetime
{
    private RealStore _store = null!;
    private volatile bool _refuse;
    private Func<Task>? _afterPromote;
    private Func<Task>? _afterListing;

    private HttpClient Client => _store.Client;

    public async ValueTask InitializeAsync() => _store = await RealStore.Start(wrap: real => new Disturbed(real, this));

    public ValueTask DisposeAsync() => _store.DisposeAsync();

    [Fact]
    public async Task R14_what_a_cut_off_upload_left_is_reported_and_goes_only_when_asked()
    {
        var kept = await Push([1]);
        var key = Orphan([2, 2]);
        var before = _store.Database.Journal.Head;
        var page = await Scan();
        Assert.Equal((2, 1, 0, 0), Counts(page));
        Assert.Equal((key, "orphan", "reported", 2), Finding(page));
        Assert.Equal(JsonValueKind.Null, page.GetProperty("next").ValueKind);
        Assert.Equal(before, _store.Database.Journal.Head);
        Assert.Equal(2, _store.Objects().Count());

        page = await Scan("delete=true");
        Assert.Equal((2, 1, 1, 0), Counts(page));
        Assert.Equal((key, "orphan", "deleted", 2), Finding(page));
        Assert.Equal([("v1.storage.location_condemned", 1), ("v1.storage.location_deleted", 1)], await Deletions());
        Assert.Equal((1, 0, 0, 0), Counts(await Scan("delete=true")));
        await RequireReadable(kept, [1]);
        // The same bytes get a number, and a key, that no late deletion can hit.
        await RequireReadable(await Push([2, 2]), [2, 2]);
        Assert.Contains(_store.Objects(), path => Path.GetFileName(path).Contains(".2-", StringComparison.Ordinal));
        Assert.Equal((2, 0, 0, 0), Counts(await Scan("delete=true")));
        Assert.True((await Client.PostAsync("/maintenance/replay", null).Json()).GetProperty("identical").GetBoolean());
    }

    [Fact]
    public async Task R14_a_key_that_is_being_written_is_no_orphan()
    {
        JsonElement page = default;
        _afterPromote = async () => page = await Scan("delete=true");
        var package = await Push([3]);
        Assert.Equal((1, 0, 0, 0), Counts(page));
        await RequireReadable(package, [3]);
    }

    [Fact]
    public async Task R14_a_key_that_was_listed_before_its_row_came_is_no_orphan()
    {
        Orphan([4]);
        var package = "";
        _afterListing = async () => package = await Push([4]);
        Assert.Equal((1, 0, 0, 0), Counts(await Scan("delete=true")));
        await RequireReadable(package, [4]);
    }

    [Fact]
    public async Task R14_a_reservation_that_came_between_rows_and_append_keeps_the_key()
    {
        var content = ContentHasher.Hash([5]);
        var key = Orphan([5]);
        var orphan = new LocationView(BackendId.Local, content.Blake3, 1, key, LocationState.Condemned, "");
        var grain = ContentKey.Of(TenantId.Default, BackendId.Local, content.Blake3);
        var placed = await _store.Grains.Call<IContentGrain, Interfaces.Errors.Outcome<Placement>>(
            grain, content2 => content2.Place(new(TenantId.Default, BackendId.Local, content, new(Guid.NewGuid()))));
        Assert.True(placed.Succeeded);
        Assert.Equal(CondemnAnswer.Kept, await _store.Grains.Call<IContentGrain, CondemnAnswer>(grain, content2 => content2.CondemnOrphan(orphan)));
        Assert.Equal((1, 0, 0, 0), Counts(await Scan("delete=true")));
    }

    [Fact]
    public async Task R14_a_crash_between_condemned_and_deleted_is_finished_by_the_collector()
    {
        Orphan([6]);
        _refuse = true;
        var page = await Scan("delete=true");
        Assert.Equal((1, 1, 0, 1), Counts(page));
        Assert.Equal("failed", Finding(page).Outcome);
        Assert.Single(_store.Objects());
        // It has a row by now: no scan touches it, the collector does.
        Assert.Equal((1, 0, 0, 0), Counts(await Scan("delete=true")));
        _refuse = false;
        Assert.Equal(1, (await Client.PostAsync("/retention/collections", null).Json()).GetProperty("deleted").GetInt32());
        Assert.Empty(_store.Objects());
    }

    [Fact]
    public async Task R14_bytes_that_come_back_after_their_deletion_go_again_and_nothing_is_written_about_it()
    {
        var key = Orphan([7]);
        await Scan("delete=true");
        Assert.Equal(key, Orphan([7]));
        var before = _store.Database.Journal.Head;
        Assert.Equal((key, "left_behind", "deleted", 1), Finding(await Scan("delete=true")));
        Assert.Empty(_store.Objects());
        Assert.Equal(before, _store.Database.Journal.Head);
    }

    [Fact]
    public async Task R14_an_orphan_whose_number_somebody_has_is_condemned_under_the_next_one()
    {
        var package = await Push([8]);
        var digest = ContentHasher.Hash([8]).Blake3;
        foreach (var generation in (int[])[2, 2, 9])
            Write(PhysicalKey.Of(TenantId.Default, digest, generation, new(Guid.NewGuid()), 1), [8]);
        var first = await Scan("delete=true");
        Assert.Equal((4, 3, 2, 0), Counts(first));
        var second = await Scan("delete=true");
        Assert.Equal((2, 1, 1, 0), Counts(second));
        Assert.Equal([2, 9, 10], (await Deletions()).Where(line => line.Type.EndsWith("condemned", StringComparison.Ordinal)).Select(line => line.Generation).Order());
        await RequireReadable(package, [8]);
        Assert.Single(_store.Objects());
    }

    [Fact]
    public async Task R14_names_that_are_not_ours_are_told_and_never_touched()
    {
        var digest = ContentHasher.Hash([9]).Blake3;
        var hex = digest.ToHex();
        var attempt = Guid.NewGuid();
        string[] foreign =
        [
            "notes.txt", "blake3/readme", $"blake3/{hex}", $"blake3/ab/cd/{hex}.1-{attempt:N}", $"blake3/{hex[..2]}/{hex[2..4]}/{hex}.tmp",
            $"blake3/{hex[..2]}/{hex[2..4]}/{hex}.02-{attempt:N}", $"blake3/{hex[..2]}/{hex[2..4]}/{hex}.2-{attempt:N}-i2",
        ];
        foreach (var name in foreign) Write(name, [9]);
        var page = await Scan("delete=true");
        Assert.Equal((foreign.Length, 0, 0, 0), Counts(page));
        Assert.Equal(foreign.Length, page.GetProperty("foreign").GetInt32());
        Assert.Equal(foreign.Order(StringComparer.Ordinal), page.GetProperty("findings").EnumerateArray().Select(found => found.Text("physical_key")));
        Assert.All(foreign, name => Assert.True(File.Exists(Path.Combine(_store.BlobRoot, name))));
    }

    [Fact]
    public async Task R14_a_root_of_another_store_is_refused_untouched()
    {
        Orphan([10]);
        var identity = Path.Combine(_store.BlobRoot, "store.json");
        await File.WriteAllTextAsync(
            identity, $$"""{"format":"artifactstore-blobs/1","store_id":"{{Guid.NewGuid()}}","incarnation":1}""", TestContext.Current.CancellationToken);
        await Client.PostAsync("/storage/local/scans?delete=true", null).Problem("storage_unavailable");
        File.Delete(identity);
        await Client.PostAsync("/storage/local/scans?delete=true", null).Problem("storage_unavailable");
        Assert.Single(_store.Objects());
    }

    [Fact]
    public async Task R14_a_hold_on_everything_keeps_orphans_too()
    {
        Orphan([11]);
        await Scan("delete=true");
        Orphan([11]);
        Orphan([12]);
        var hold = (await Client.PostJson("/holds", """{"kind":"everything","reason":"litigation"}""").Json(HttpStatusCode.Created)).Text("hold_id");
        var page = await Scan("delete=true");
        Assert.Equal((2, 2, 0, 0), Counts(page));
        Assert.All(page.GetProperty("findings").EnumerateArray(), found => Assert.Equal("held", found.Text("outcome")));
        await Client.DeleteAsync($"/holds/{hold}?reason=settled").Nothing();
        Assert.Equal((2, 2, 2, 0), Counts(await Scan("delete=true")));
    }

    [Fact]
    public async Task R14_a_scan_goes_in_pages_and_continues_after_a_key()
    {
        for (var i = 0; i < 1100; i++) Orphan(BitConverter.GetBytes(i));
        var first = await Scan();
        Assert.Equal((1000, 1000, 0, 0), Counts(first));
        var second = await Scan($"delete=true&after={Uri.EscapeDataString(first.Text("next"))}");
        Assert.Equal((100, 100, 100, 0), Counts(second));
        Assert.Equal(JsonValueKind.Null, second.GetProperty("next").ValueKind);
        Assert.Equal(1000, _store.Objects().Count());
    }

    [Theory]
    [InlineData("delete=maybe")]
    [InlineData("after=a%20b")]
    [InlineData("dry=true")]
    public Task R14_what_cannot_be_meant_is_refused(string query) => Client.PostAsync($"/storage/local/scans?{query}", null).Problem("request_malformed");

    [Fact]
    public Task R14_an_unknown_backend_is_refused() => Client.PostAsync("/storage/attic/scans", null).Problem("backend_unknown");

    /// <summary>What a power cut leaves: bytes at their key, and no row.</summary>
    private string Orphan(byte[] bytes)
    {
        var key = PhysicalKey.Of(TenantId.Default, ContentHasher.Hash(bytes).Blake3, 1, default, 1);
        Write(key, bytes);
        return key;
    }

    private void Write(string key, byte[] bytes)
    {
        var path = Path.Combine(_store.BlobRoot, key);
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        File.WriteAllBytes(path, bytes);
    }

    private async Task<string> Push(byte[] bytes)
    {
        var package = await Client.CreatePackage();
        await Client.PutFile(package, "f", bytes).Json(HttpStatusCode.Created);
        return package;
    }

    private async Task RequireReadable(string package, byte[] bytes)
    {
        var file = (await Client.GetAsync($"/packages/{package}/files").Json()).Items().Single().Text("id");
        Assert.Equal(bytes, await Client.GetByteArrayAsync($"/files/{file}/download"));
    }

    private Task<JsonElement> Scan(string query = "") => Client.PostAsync($"/storage/local/scans?{query}", null).Json();

    private static (int Keys, int Orphans, int Deleted, int Failed) Counts(JsonElement page) => (
        page.GetProperty("keys").GetInt32(), page.GetProperty("orphans").GetInt32(), page.GetProperty("deleted").GetInt32(),
        page.GetProperty("failed").GetInt32());

    private static (string Key, string Kind, string Outcome, int Size) Finding(JsonElement page)
    {
        var found = page.GetProperty("findings").EnumerateArray().Single();
        return (found.Text("physical_key"), found.Text("kind"), found.Text("outcome"), found.GetProperty("size").GetInt32());
    }

    private async Task<List<(string Type, int Generation)>> Deletions()
    {
        var events = await Client.Get(
            "/events?limit=1000&types=v1.storage.location_deleted,v1.storage.location_condemned", headers => headers.Accept.ParseAdd("application/json")).Json();
        return [.. events.Items().Select(line => (line.Text("event_type"), line.GetProperty("payload").GetProperty("generation").GetInt32()))];
    }

    /// <summary>Refuses to delete, or lets something happen at the worst moment.</summary>
    private sealed class Disturbed(IBlobStore real, OrphanTests test) : ForwardingBackend(real)
    {
        public override Task<bool> Delete(string key, CancellationToken cancellation = default) => test._refuse
            ? throw new BlobStoreException(BlobFailure.Unavailable, "the backend is away for a moment.")
            : base.Delete(key, cancellation);

        public override async Task Promote(IStagedBlob staged, string key, CancellationToken cancellation = default)
        {
            await base.Promote(staged, key, cancellation);
            if (Interlocked.Exchange(ref test._afterPromote, null) is { } then) await then();
        }

        public override async IAsyncEnumerable<BlobListing> List(string? after, [EnumeratorCancellation] CancellationToken cancellation = default)
        {
            await foreach (var item in base.List(after, cancellation)) yield return item;
            if (Interlocked.Exchange(ref test._afterListing, null) is { } then) await then();
        }
    }
}
