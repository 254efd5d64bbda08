using System.Net;
using System.Text.Json;
using ArtifactStore.Gateway.Tests.Fixtures;
using ArtifactStore.Interfaces.Canonical;
using ArtifactStore.Interfaces.Hashing;

namespace ArtifactStore.Gateway.Tests.Acceptance;

/// <summary>Rows H08 to H10: the manifest and its digest.</summary>
public sealed class ManifestTests : IAsyncLifetime
{
    private RealStore _store = null!;
    private string _package = null!;

    public async ValueTask InitializeAsync()
    {
        _store = await RealStore.Start();
        _package = await _store.Client.CreatePackage(metadata: "{\"b\":1,\"a\":\"ü\"}");
    }

    public ValueTask DisposeAsync() => _store.DisposeAsync();

    [Fact]
    public async Task H08_finalizing_twice_changes_nothing()
    {
        await _store.Client.PutFile(_package, "a", [1]).Json(HttpStatusCode.Created);
        var first = await _store.Client.Finalize(_package).Json();
        Assert.Equal("finalized", first.Text("status"));
        var second = await _store.Client.Finalize(_package).Json();
        Assert.Equal(first.GetRawText(), second.GetRawText());
    }

    [Fact]
    public async Task H08_finalizing_at_once_from_many_sides_makes_one_manifest()
    {
        await _store.Client.PutFile(_package, "a", [1]).Json(HttpStatusCode.Created);
        var answers = await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => _store.Client.Finalize(_package).Json()));
        Assert.Single(answers.Select(answer => answer.Text("manifest_digest")).Distinct());
    }

    [Fact]
    public async Task H08_before_it_there_is_no_manifest()
    {
        await _store.Client.GetAsync($"/packages/{_package}/manifest").Problem("manifest_not_ready");
        await _store.Client.GetAsync($"/packages/{_package}/manifest.json").Problem("manifest_not_ready");
    }

    [Fact]
    public async Task H09_I06_the_manifest_is_the_bytes_whose_blake3_is_the_digest()
    {
        for (var i = 0; i < 20; i++) await _store.Client.PutFile(_package, $"f{i:00}", [(byte)i]).Json(HttpStatusCode.Created);
        var finalized = await _store.Client.Finalize(_package).Json();
        using var answer = await _store.Client.Get($"/packages/{_package}/manifest", headers => headers.Accept.Add(new("application/cbor")));
        var manifest = await answer.Content.ReadAsByteArrayAsync();
        Assert.Equal("application/cbor", answer.Content.Headers.ContentType!.MediaType);
        Assert.Equal(finalized.Text("manifest_digest"), $"blake3:{Digest256.FromBytes(Blake3.Hash(manifest)).ToHex()}");
        Assert.Equal(finalized.GetProperty("manifest_size").GetInt32(), manifest.Length);
        Assert.Equal(manifest, await _store.Client.GetByteArrayAsync($"/contents/{finalized.Text("manifest_digest")}"));
    }

    [Fact]
    public async Task I04_the_manifest_says_what_where_how_long_and_from_whom()
    {
        await _store.Client.PutFile(_package, "a", [1]).Json(HttpStatusCode.Created);
        await _store.Client.Finalize(_package).Json();
        var manifest = await _store.Client.GetAsync($"/packages/{_package}/manifest.json").Json();
        Assert.Equal(
            ["files", "manifest_version", "package", "provenance", "retention_summary", "storage_receipts"],
            manifest.EnumerateObject().Select(field => field.Name));
        Assert.Equal(1, manifest.GetProperty("manifest_version").GetInt32());
        Assert.Equal("local", manifest.GetProperty("storage_receipts")[0].Text("backend_id"));
        Assert.Equal("transient", manifest.GetProperty("retention_summary").Text("retention_class"));
        Assert.Equal("tester", manifest.GetProperty("provenance").Text("created_by"));
        Assert.Equal("ü", manifest.GetProperty("package").GetProperty("metadata").Text("a"));
    }

    /// <summary>The manifest is a content of its own; its event carries the address instead of the bytes (ADR 2).</summary>
    [Fact]
    public async Task I06_E03_the_event_of_finalizing_carries_the_address_of_the_manifest()
    {
        var finalized = await _store.Client.Finalize(_package).Json();
        var events = await _store.Client.Get(
            "/events?types=v1.package.finalized", headers => headers.Accept.Add(new("application/json"))).Json();
        var line = Assert.Single(events.Items());
        Assert.Equal(_package, line.Text("subject_id"));
        Assert.Contains(finalized.Text("manifest_digest")["blake3:".Length..], line.GetProperty("payload").GetRawText());
    }

    [Fact]
    public async Task H10_the_json_form_is_the_same_document_in_its_one_spelling()
    {
        for (var i = 0; i < 20; i++) await _store.Client.PutFile(_package, $"f{i:00}", [(byte)i]).Json(HttpStatusCode.Created);
        await _store.Client.Finalize(_package).Json();
        var cbor = await _store.Client.GetByteArrayAsync($"/packages/{_package}/manifest");
        var json = await _store.Client.GetByteArrayAsync($"/packages/{_package}/manifest.json");
        Assert.True(CanonicalDocument.TryFromCbor(cbor, out var document, out var reason), reason);
        Assert.Equal(document.ToJcs(), json);
        var paths = JsonDocument.Parse(json).RootElement.GetProperty("files").EnumerateArray().Select(file => file.Text("relative_path"));
        Assert.Equal(Enumerable.Range(0, 20).Select(i => $"f{i:00}"), paths);
    }

    [Fact]
    public async Task Files_that_come_while_finalizing_are_in_the_manifest_or_refused()
    {
        using var stop = new CancellationTokenSource();
        var accepted = new List<string>();
        var pushing = Task.Run(async () =>
        {
            for (var i = 0; !stop.IsCancellationRequested; i++)
            {
                using var answer = await _store.Client.PutFile(_package, $"f{i:00000}", [1, 2, 3]);
                if (answer.StatusCode == HttpStatusCode.Created) accepted.Add($"f{i:00000}");
                else break;
            }
        });
        using (var finalized = await _store.Client.Finalize(_package))
        {
            // Busy is a fair answer under load, and one that may be repeated.
            Assert.Contains(finalized.StatusCode, new[] { HttpStatusCode.OK, HttpStatusCode.Conflict });
        }
        await stop.CancelAsync();
        await pushing;
        await _store.Client.Finalize(_package).Json();
        var json = await _store.Client.GetAsync($"/packages/{_package}/manifest.json").Json();
        Assert.Equal(accepted, json.GetProperty("files").EnumerateArray().Select(file => file.Text("relative_path")));
    }
}
