using System.Text;
using System.Text.Json;
using ArtifactStore.EndToEnd.Tests.Fixtures;
using ArtifactStore.Gateway.Shared;
using ArtifactStore.Interfaces.Canonical;
using ArtifactStore.Interfaces.Errors;
using ArtifactStore.Interfaces.Hashing;
using ArtifactStore.Interfaces.Ids;
using ArtifactStore.Silo.Library;

namespace ArtifactStore.EndToEnd.Tests.Acceptance;

/// <summary>The store inside another program: the smoke test of the operator's guide, line by line.</summary>
public class LibraryAcceptance
{
    [Fact]
    public async Task P06_a_program_creates_ingests_finalizes_reads_the_manifest_and_replays_without_http()
    {
        using var folder = new TemporaryFolder();
        await using var store = await Open(folder);
        var package = Value(await store.CreatePackage("smoke", new NewPackage(
            "smoke", "operator", "smoke-test", "raw-evidence", Document("""{"purpose":"smoke","run":1}"""))));

        var first = Value(await Ingest(store, package.Id, "hello.txt", "hello, world"));
        Value(await Ingest(store, package.Id, "copy/of/hello.txt", "hello, world"));
        var repeated = await Ingest(store, package.Id, "hello.txt", "hello, world");
        Assert.Equal(ErrorCatalogue.PathTaken.Code, repeated.Error?.Code);

        var finalized = Value(await store.FinalizePackage("smoke", package.Id));
        Assert.Equal(2, finalized.FileCount);
        await using var manifest = Value(await store.OpenManifest(package.Id));
        Assert.Equal(finalized.Manifest, await ContentHasher.HashStreamAsync(manifest, TestContext.Current.CancellationToken));

        using var json = new MemoryStream();
        Assert.Null(await store.WriteManifestJson(package.Id, json));
        var document = JsonSerializer.Deserialize<JsonElement>(json.ToArray());
        Assert.Equal(1, document.GetProperty("manifest_version").GetInt32());
        Assert.Equal("smoke-test", document.GetProperty("package").GetProperty("subject").GetString());
        Assert.Equal(["copy/of/hello.txt", "hello.txt"], document.GetProperty("files").EnumerateArray().Select(f => f.GetProperty("relative_path").GetString()));

        await using var bytes = Value(await store.OpenFile(first.Id));
        Assert.Equal("hello, world", await new StreamReader(bytes).ReadToEndAsync(TestContext.Current.CancellationToken));
        Assert.Single(await StoredObjects.Of(folder.Path), stored => stored.Size == 12);

        var types = new List<string>();
        await foreach (var line in store.TailEvents(0))
        {
            types.Add(line.Type);
            if (line.Type == "v1.package.finalized") break;
        }
        Assert.Equal(2, types.Count(type => type == "v1.file.ingested"));
        Assert.True((await store.Replay()).Identical);
        Assert.Equal("ok", (await store.Health()).Status);
    }

    [Fact]
    public async Task P06_a_library_and_a_server_never_share_a_database()
    {
        using var folder = new TemporaryFolder();
        await using var store = await Open(folder);
        var server = await Execution.Run(StoreProcess.Executable, ["serve"], StoreProcess.Variables(folder.Path));
        Assert.Equal(1, server.ExitCode);
        Assert.Contains("another process", server.Errors);
    }

    [Fact]
    public async Task P07_metadata_is_any_json_and_comes_back_as_it_was()
    {
        using var folder = new TemporaryFolder();
        await using var store = await Open(folder);
        var metadata = Document("""{"a":[1,2.5,null,true,{"b":"ü"}],"z":"","n":-7}""");
        var package = Value(await store.CreatePackage("a", new NewPackage("n", "p", "s", "transient", metadata)));
        var read = await store.Views.Package(TenantId.Default, package.Id, TestContext.Current.CancellationToken);
        Assert.Equal(metadata, read!.Metadata);
    }

    private static Task<EmbeddedStore> Open(TemporaryFolder folder) =>
        EmbeddedStore.Open(StoreProcess.Variables(folder.Path).ToDictionary(pair => pair.Key, pair => pair.Value!));

    private static Task<Outcome<Interfaces.Packages.FileView>> Ingest(EmbeddedStore store, PackageId package, string path, string text) =>
        store.IngestFile("smoke", package, RelativePath.FromStored(path), MediaType.FromStored("text/plain"), new MemoryStream(Encoding.UTF8.GetBytes(text)));

    private static CanonicalDocument Document(string json) =>
        CanonicalDocument.TryFromJson(Encoding.UTF8.GetBytes(json), CanonicalLimits.Default, out var document, out var error) ? document : throw new FormatException(error);

    private static T Value<T>(Outcome<T> outcome) => outcome.Succeeded ? outcome.Value : throw new InvalidOperationException(outcome.Error.Detail);
}
