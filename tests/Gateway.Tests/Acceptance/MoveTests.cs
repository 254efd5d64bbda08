using System.Net;
using System.Text.Json;
using ArtifactStore.Gateway.Tests.Fixtures;
using ArtifactStore.Interfaces.Ids;

namespace ArtifactStore.Gateway.Tests.Acceptance;

/// <summary><c>POST /storage/{id}/moves</c>: from one directory to another, with everything that can come between.</summary>
public sealed class MoveTests : IAsyncLifetime
{
    private static readonly BackendId Vault = new("vault");

    private RealStore _store = null!;

    private HttpClient Client => _store.Client;

    private string VaultRoot => Path.Combine(_store.Folder, Vault.Value);

    public async ValueTask InitializeAsync() => _store = await RealStore.Start(more: Vault);

    public ValueTask DisposeAsync() => _store.DisposeAsync();

    [Fact]
    public async Task What_moved_is_read_from_where_it_is_and_the_old_copy_waits_for_the_collector()
    {
        var package = await Push("transient", 1, 2, 3);
        var page = await Move();
        Assert.Equal((3, 3000, 0, 0, 0), Counts(page));
        Assert.Equal(JsonValueKind.Null, page.GetProperty("next").ValueKind);
        Assert.Equal(3, RealStore.Objects(VaultRoot).Count());
        Assert.Equal(3, _store.Objects().Count());
        foreach (var old in _store.Objects().ToList()) File.Delete(old);
        await RequireReadable(package, Vault, 1, 2, 3);
        Assert.Equal("ok", (await Client.GetAsync("/health").Json()).Text("status"));
        Assert.Equal((0, 0, 0, 0, 0), Counts(await Move()));

        Assert.Equal((3, 3000, 0, 0, 0), Counts(await Move(from: Vault.Value, to: "local")));
        await RequireReadable(package, BackendId.Local, 1, 2, 3);
    }

    [Fact]
    public async Task What_is_there_already_is_not_copied_but_read_before_it_is_relied_on()
    {
        await Push("transient", 1, 2);
        await Move();
        // The package's backend was chosen when it was made: its bytes come to the first one again.
        var package = await Push("transient", 1, 2);
        var before = RealStore.Objects(VaultRoot).Order().ToList();
        FlipOneByte(before[0]);
        Assert.Equal((0, 0, 2, 0, 0), Counts(await Move()));
        // The rotten one was replaced from the copy that was about to be let go.
        Assert.Equal(3, RealStore.Objects(VaultRoot).Count());
        await RequireReadable(package, Vault, 1, 2);
        Assert.Equal("ok", (await Client.GetAsync("/health").Json()).Text("status"));
    }

    [Fact]
    public async Task Of_one_class_only_what_its_packages_use_moves_and_for_everybody_who_uses_it()
    {
        var wanted = await Push("raw-evidence", 1, 2);
        var other = await Push("transient", 2, 3);
        Assert.Equal((2, 2000, 0, 0, 0), Counts(await Move("&class=raw-evidence")));
        await RequireReadable(wanted, Vault, 1, 2);
        await RequireReadable(other, Vault, 2);
        await RequireReadable(other, BackendId.Local, 3);
        Assert.Equal((1, 1000, 0, 0, 0), Counts(await Move()));
    }

    [Fact]
    public async Task Wrong_bytes_stay_where_they_are_and_are_told()
    {
        var package = await Push("transient", 1, 2, 3);
        var bad = _store.Objects().Order().First();
        FlipOneByte(bad);
        var page = await Move();
        Assert.Equal((2, 2000, 0, 0, 1), Counts(page));
        var fault = page.GetProperty("faults")[0];
        Assert.Equal("blake3:" + Path.GetFileName(bad), fault.Text("content_address"));
        Assert.True(fault.GetProperty("failed").GetBoolean());
        Assert.Equal(2, RealStore.Objects(VaultRoot).Count());
        Assert.Equal("degraded", (await Client.GetAsync("/health").Json()).Text("status"));
        // It is told again for as long as it is so.
        Assert.Equal((0, 0, 0, 0, 1), Counts(await Move()));

        await Push("transient", 1, 2, 3);
        Assert.Equal((1, 1000, 2, 0, 0), Counts(await Move()));
        await RequireReadable(package, Vault, 1, 2, 3);
    }

    [Fact]
    public async Task A_backend_that_fails_ends_the_run_by_its_name_and_nothing_is_let_go()
    {
        var package = await Push("transient", 1, 2, 3);
        foreach (var (root, name) in new[] { (VaultRoot, "vault"), (_store.BlobRoot, "local") })
        {
            Directory.Move(root, root + ".away");
            using var answer = await Client.PostAsync("/storage/local/moves?to=vault", null);
            var problem = JsonSerializer.Deserialize<JsonElement>(await answer.Content.ReadAsStringAsync());
            Assert.Equal("storage_unavailable", problem.Text("code"));
            Assert.Contains($"backend {name}: ", problem.Text("detail"));
            Directory.Move(root + ".away", root);
        }
        Assert.Equal("ok", (await Client.GetAsync("/health").Json()).Text("status"));
        await RequireReadable(package, BackendId.Local, 1, 2, 3);
        Assert.Equal((3, 3000, 0, 0, 0), Counts(await Move()));
        await RequireReadable(package, Vault, 1, 2, 3);
    }

    [Fact]
    public async Task A_download_that_has_begun_goes_on_while_its_content_moves()
    {
        var package = await Client.CreatePackage();
        var bytes = Bytes(9, 16_000_000);
        var file = await Client.PutFile(package, "large", bytes).Json(HttpStatusCode.Created);
        using var answer = await Client.GetAsync($"/files/{file.Text("id")}/download", HttpCompletionOption.ResponseHeadersRead);
        await using var body = await answer.Content.ReadAsStreamAsync();
        var read = new byte[bytes.Length];
        await body.ReadExactlyAsync(read.AsMemory(0, 1000));
        Assert.Equal((1, bytes.Length, 0, 0, 0), Counts(await Move()));
        foreach (var old in _store.Objects().ToList()) File.Delete(old);
        await body.ReadExactlyAsync(read.AsMemory(1000));
        Assert.Equal(bytes, read);
        Assert.Equal(bytes, await Client.GetByteArrayAsync($"/files/{file.Text("id")}/download"));
    }

    [Fact]
    public async Task Several_who_move_the_same_at_once_move_each_once_while_others_push_it()
    {
        var seeds = Enumerable.Range(1, 40).ToArray();
        var package = await Push("transient", seeds);
        using var stop = new CancellationTokenSource();
        var pushers = Enumerable.Range(0, 3).Select(async _ =>
        {
            while (!stop.IsCancellationRequested) await Push("transient", seeds[..10]);
        }).ToList();
        var pages = await Task.WhenAll(Enumerable.Range(0, 3).Select(_ => Move("&jobs=8")));
        await stop.CancelAsync();
        await Task.WhenAll(pushers);
        Assert.All(pages, page => Assert.Empty(page.GetProperty("faults").EnumerateArray()));
        await Move();
        await RequireReadable(package, Vault, seeds);
        Assert.Empty((await _store.Database.Views.Locations(BackendId.Local, 0, 100_000)).Items);
        var events = await _store.Database.Views.Events(0, 100_000, ["v1.storage.location_condemned"]);
        Assert.Equal(events.Count, events.DistinctBy(line => Convert.ToHexString(line.Payload.Span)).Count());
    }

    [Fact]
    public async Task What_cannot_be_is_refused_in_a_sentence()
    {
        await Push("transient", 1);
        await Client.PostAsync("/storage/attic/moves?to=vault", null).Problem("backend_unknown");
        await Client.PostAsync("/storage/local/moves?to=attic", null).Problem("backend_unknown");
        await Client.PostAsync("/storage/local/moves?to=local", null).Problem("request_malformed");
        await Client.PostAsync("/storage/local/moves", null).Problem("request_malformed");
        await Client.PostAsync("/storage/local/moves?to=vault&class=none", null).Problem("class_unknown");
        await Client.PostAsync("/storage/local/moves?to=vault&after=-1", null).Problem("request_malformed");
        await Client.PostAsync("/storage/local/moves?to=vault&jobs=0", null).Problem("request_malformed");
        Assert.Empty(RealStore.Objects(VaultRoot));
    }

    private async Task<string> Push(string retentionClass, params int[] seeds)
    {
        var package = await Client.CreatePackage(retentionClass: retentionClass);
        foreach (var seed in seeds) await Client.PutFile(package, $"f{seed}", Bytes(seed)).Json(HttpStatusCode.Created);
        return package;
    }

    private Task<JsonElement> Move(string more = "", string from = "local", string to = "vault") =>
        Client.PostAsync($"/storage/{from}/moves?to={to}{more}", null).Json();

    private static (long Moved, long Bytes, long AlreadyThere, long Skipped, int Faults) Counts(JsonElement page) => (
        page.GetProperty("moved").GetInt64(), page.GetProperty("bytes").GetInt64(), page.GetProperty("already_there").GetInt64(),
        page.GetProperty("skipped").GetInt64(), page.GetProperty("faults").GetArrayLength());

    private async Task RequireReadable(string package, BackendId backend, params int[] seeds)
    {
        var files = (await Client.GetAsync($"/packages/{package}/files?limit=1000").Json()).Items().ToDictionary(file => file.Text("relative_path"));
        foreach (var seed in seeds)
        {
            var file = files[$"f{seed}"];
            Assert.Equal(backend.Value, file.Text("backend_id"));
            Assert.Equal(Bytes(seed), await Client.GetByteArrayAsync($"/files/{file.Text("id")}/download"));
        }
    }

    private static byte[] Bytes(int seed, int size = 1000)
    {
        var bytes = new byte[size];
        new Random(seed).NextBytes(bytes);
        return bytes;
    }

    private static void FlipOneByte(string file)
    {
        var bytes = File.ReadAllBytes(file);
        bytes[bytes.Length / 2] ^= 1;
        // Objects may not be written to; another file takes the name.
        File.Delete(file);
        File.WriteAllBytes(file, bytes);
    }
}
