using System.Net;
using System.Text.Json;
using ArtifactStore.EndToEnd.Tests.Fixtures;
using ArtifactStore.Interfaces.Ids;
using ArtifactStore.Interfaces.Journal;
using ArtifactStore.Storage.Journal.Sqlite;

namespace ArtifactStore.EndToEnd.Tests.Backups;

/// <summary>A store with something of everything in it, and the verbs on it, its backup and what is restored from that.</summary>
internal static class BackedUpStore
{
    public const int LargeBytes = 3_000_001;

    /// <summary>
    /// Two finalized packages and an open one; duplicates, nothing, one large; a location that failed and was replaced, so that one is condemned.
    /// Returns a finalized package.
    /// </summary>
    public static async Task<string> Fill(StoreProcess store, int files = 20, int seed = 1)
    {
        var random = new Random(seed);
        var package = await store.Http.CreatePackage("one", metadata: new { seed });
        for (var i = 0; i < files; i++) await Put(store, package, $"d{i % 3}/f{i}", Bytes(random, random.Next(1, 9000)));
        await Put(store, package, "empty", []);
        var large = Bytes(random, LargeBytes);
        await Put(store, package, "large", large);
        await Put(store, package, "again", large);
        var heals = Bytes(random, 70_000);
        await Put(store, package, "lost", heals);
        await (await StoredObjects.Single(store.DataFolder, Hex(heals))).Delete();
        using (var gone = await store.Http.GetAsync($"/contents/blake3:{Hex(heals)}")) Assert.Equal(HttpStatusCode.Gone, gone.StatusCode);
        await Put(store, package, "found", heals);
        await store.Http.FinalizePackage(package);
        var second = await store.Http.CreatePackage("two");
        await Put(store, second, "copy", large);
        await store.Http.FinalizePackage(second);
        await Put(store, await store.Http.CreatePackage("open"), "a", [1, 2, 3]);
        return package;
    }

    public static async Task Put(StoreProcess store, string package, string path, byte[] bytes)
    {
        using var answer = await store.Http.PutFile(package, path, bytes);
        Assert.Equal(HttpStatusCode.Created, answer.StatusCode);
    }

    public static byte[] Bytes(Random random, int size)
    {
        var bytes = new byte[size];
        random.NextBytes(bytes);
        return bytes;
    }

    public static string Hex(byte[] bytes) => Convert.ToHexStringLower(Interfaces.Hashing.Blake3.Hash(bytes));

    public static string ContentIn(string backup, string hex) => Path.Combine(backup, "contents", hex[..2], hex[2..4], hex);

    /// <summary>A verb without a server: nothing listens at the address that it is told.</summary>
    public static Task<Finished> Alone(string data, params string[] arguments) =>
        Execution.Run(StoreProcess.Executable, arguments, Variables(data), Directory.CreateDirectory(data).FullName);

    public static Dictionary<string, string?> Variables(string data)
    {
        var variables = StoreProcess.Variables(data);
        variables["ARTIFACTSTORE_API_URL"] = "http://127.0.0.1:1";
        variables["XDG_STATE_HOME"] = Path.Combine(data, "state");
        return variables;
    }

    public static async Task<JsonElement> Backup(StoreProcess store, string directory)
    {
        var backup = await store.Run("backup", directory, "--json");
        Assert.True(backup.ExitCode == 0, backup.ToString());
        return JsonSerializer.Deserialize<JsonElement>(backup.Output);
    }

    public static async Task Verified(string directory)
    {
        var verify = await Alone(directory, "backup", directory, "--verify");
        Assert.True(verify.ExitCode == 0, verify.ToString());
        Assert.Contains("is whole", verify.Output);
    }

    public static async Task<JsonElement> Restore(string backup, string data, params string[] more)
    {
        var restore = await Alone(data, ["restore", backup, "--json", .. more]);
        Assert.True(restore.ExitCode == 0, restore.ToString());
        return JsonSerializer.Deserialize<JsonElement>(restore.Output);
    }

    /// <summary>Every column of every line, and every row of every view, of a store that nobody has open.</summary>
    public static async Task<(List<string> Lines, string Views)> Everything(string data)
    {
        await using var store = await SqliteStore.Open(new SqliteOptions { Path = Path.Combine(data, "artifactstore.db") }, TimeProvider.System, new Ids());
        var lines = new List<string>();
        foreach (var line in await store.Views.Events(0, int.MaxValue, [])) lines.Add(Convert.ToHexStringLower(EventLine.Encode(line)));
        using var views = new StringWriter();
        await store.DumpViews(views);
        return (lines, views.ToString());
    }

    public static void OneSentence(Finished finished, int exitCode, params string[] words)
    {
        Assert.True(finished.ExitCode == exitCode, finished.ToString());
        var line = Assert.Single(finished.Errors.Trim().Split('\n'));
        Assert.StartsWith("error: ", line);
        Assert.DoesNotContain("unexpected", line);
        foreach (var word in words) Assert.Contains(word, line);
    }

    private sealed class Ids : IIds
    {
        public Guid Next() => Guid.CreateVersion7();
    }
}
