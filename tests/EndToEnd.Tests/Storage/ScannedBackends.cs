using System.Net;
using System.Text.Json;
using ArtifactStore.EndToEnd.Tests.Fixtures;
using ArtifactStore.Interfaces.Contents;
using ArtifactStore.Interfaces.Hashing;
using ArtifactStore.Interfaces.Ids;

namespace ArtifactStore.EndToEnd.Tests.Storage;

/// <summary><c>artifactstore storage scan</c> and <c>recount</c>, on a directory and on a real Ceph RGW, with a server and without.</summary>
public sealed class ScannedBackends
{
    private const string Prefix = "prod/artifact-store";

    [Fact]
    public async Task R14_orphans_of_a_directory_and_of_a_bucket_go_by_command_and_the_numbers_are_right()
    {
        await using var bucket = await RgwBucket.Create();
        using var folder = new TemporaryFolder();
        await using var store = await StoreProcess.Start(folder.Path, variables =>
        {
            bucket.Configure(variables, Prefix);
            variables["ARTIFACTSTORE_STORAGE_BACKENDS"] = "local,s3";
            variables["ARTIFACTSTORE_STORAGE_DEFAULT_BACKEND"] = "s3";
        });
        var package = await store.Http.CreatePackage();
        using (var stored = await store.Http.PutFile(package, "f", [1, 2, 3])) Assert.Equal(HttpStatusCode.Created, stored.StatusCode);
        var key = KeyOf([9, 9]);
        await bucket.Put($"{Prefix}/{key}", [9, 9]);
        await bucket.Put($"{Prefix}/notes.txt", [1]);

        var seen = await Scan(store, "s3");
        Assert.Equal((3, 1, 0, 1), Counts(seen));
        Assert.Equal((3, 1, 1, 1), Counts(await Scan(store, "s3", "--delete")));
        Assert.Equal((2, 0, 0, 1), Counts(await Scan(store, "s3", "--delete")));
        var names = await bucket.Names();
        Assert.DoesNotContain($"{Prefix}/{key}", names);
        Assert.Contains($"{Prefix}/notes.txt", names);
        var counted = await store.Run("recount");
        Assert.True(counted.ExitCode == 0, counted.ToString());
        Assert.Contains("1 package and", counted.Output);

        await store.Stop();
        // Without a server the verbs open the store themselves.
        Write(folder["storage"], key, [9, 9]);
        Assert.Equal((1, 1, 0, 0), Counts(await Scan(store, "local")));
        Assert.Equal((1, 1, 1, 0), Counts(await Scan(store, "local", "--delete")));
        Assert.False(File.Exists(Path.Combine(folder["storage"], key)));
        await bucket.Put($"{Prefix}/{key}", [9, 9]);
        Assert.Equal((3, 1, 1, 1), Counts(await Scan(store, "s3", "--delete")));
        counted = await store.Run("recount", "--json");
        Assert.True(counted.ExitCode == 0, counted.ToString());
        var wrong = await store.Run("storage", "scan", "--backend", "attic");
        Assert.True(wrong.ExitCode == 4, wrong.ToString());
        await store.StartAgain();
        using var pulled = await store.Http.GetAsync($"/packages/{package}/files");
        Assert.Equal(HttpStatusCode.OK, pulled.StatusCode);
        Assert.Equal(0, (await Scan(store, "s3")).GetProperty("orphans").GetInt32());
    }

    [Fact]
    [Trait("Needs", "local")]
    public async Task R14_a_store_tells_by_itself_of_orphans_and_deletes_again_what_came_back()
    {
        using var folder = new TemporaryFolder();
        await using var store = await StoreProcess.Start(folder.Path, variables =>
        {
            variables["ARTIFACTSTORE_ORPHAN_SCAN_INTERVAL_SECONDS"] = "1";
            variables["ARTIFACTSTORE_RECOUNT_INTERVAL_SECONDS"] = "1";
        });
        var package = await store.Http.CreatePackage();
        using (var stored = await store.Http.PutFile(package, "f", [7])) Assert.Equal(HttpStatusCode.Created, stored.StatusCode);
        using (var deleted = await store.Http.DeleteAsync($"/packages/{package}?reason=done")) Assert.Equal(HttpStatusCode.Accepted, deleted.StatusCode);
        var gc = await store.Run("retention", "gc");
        Assert.True(gc.ExitCode == 0, gc.ToString());
        var (back, orphan) = (KeyOf([7]), KeyOf([8]));
        Assert.False(File.Exists(Path.Combine(folder["storage"], back)));
        Write(folder["storage"], orphan, [8]);
        Write(folder["storage"], back, [7]);
        await Eventually.True(() => !File.Exists(Path.Combine(folder["storage"], back)), "what came back is deleted again");
        await Eventually.True(() => store.Log.Contains("1 objects in backend local are unknown to the database"), "the orphan is told");
        Assert.True(File.Exists(Path.Combine(folder["storage"], orphan)));
    }

    private static string KeyOf(byte[] bytes) => PhysicalKey.Of(TenantId.Default, ContentHasher.Hash(bytes).Blake3, 1, default, 1);

    private static void Write(string root, string key, byte[] bytes)
    {
        var path = Path.Combine(root, key);
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        File.WriteAllBytes(path, bytes);
    }

    private static async Task<JsonElement> Scan(StoreProcess store, string backend, params string[] more)
    {
        var run = await store.Run(["storage", "scan", "--backend", backend, "--json", .. more]);
        Assert.True(run.ExitCode == 0, run.ToString());
        return JsonSerializer.Deserialize<JsonElement>(run.Output);
    }

    private static (int Keys, int Orphans, int Deleted, int Foreign) Counts(JsonElement said) => (
        said.GetProperty("keys").GetInt32(), said.GetProperty("orphans").GetInt32(), said.GetProperty("deleted").GetInt32(),
        said.GetProperty("foreign").GetInt32());
}
