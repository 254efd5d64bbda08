using System.Net;
using System.Text.Json;
using ArtifactStore.EndToEnd.Tests.Fixtures;
using static ArtifactStore.EndToEnd.Tests.Backups.BackedUpStore;

namespace ArtifactStore.EndToEnd.Tests.Backups;

/// <summary>A backup of a running store, restored elsewhere, is the same store in its next life.</summary>
public class RoundTrip
{
    [Fact]
    public async Task A_restored_store_has_the_same_log_the_same_views_and_the_same_bytes()
    {
        using var folder = new TemporaryFolder();
        await using var store = await StoreProcess.Start(folder["a"].MakeFolder(), deployment: Deployment.Sqlite);
        var package = await Fill(store);
        var manifest = await store.Http.GetByteArrayAsync($"/packages/{package}/manifest");
        var backup = await Backup(store, folder["backup"]);
        Assert.Equal(0, await store.Stop());
        await Verified(folder["backup"]);

        var restored = await Restore(folder["backup"], folder["b"]);

        Assert.Equal(2, restored.GetProperty("incarnation").GetInt32());
        Assert.Equal(backup.GetProperty("head_sequence").GetInt64(), restored.GetProperty("head_sequence").GetInt64());
        Assert.True(restored.GetProperty("identical").GetBoolean());
        Assert.All(await StoredObjects.Identities(folder["b"]), identity => Assert.Contains("\"incarnation\":2", identity));
        var (lines, views) = await Everything(folder["a"]);
        var (linesAfter, viewsAfter) = await Everything(folder["b"]);
        Assert.Equal(lines, linesAfter);
        Assert.Equal(views, viewsAfter);
        Assert.Contains("'condemned'", views);
        await using var second = await StoreProcess.Start(folder["b"], deployment: Deployment.Sqlite);
        Assert.Equal(manifest, await second.Http.GetByteArrayAsync($"/packages/{package}/manifest"));
        var pull = await second.Run("pull", package, folder["pulled"]);
        Assert.True(pull.ExitCode == 0, pull.ToString());
        Assert.Equal(LargeBytes, new FileInfo(folder["pulled", "again"]).Length);
        Assert.Equal(0, new FileInfo(folder["pulled", "empty"]).Length);
    }

    [Fact]
    public async Task A_restored_store_goes_on_in_its_next_incarnation()
    {
        using var folder = new TemporaryFolder();
        await using var store = await StoreProcess.Start(folder["a"].MakeFolder(), deployment: Deployment.Sqlite);
        await Fill(store, files: 2);
        await Backup(store, folder["backup"]);
        await store.Http.CreatePackage("after the backup");
        var seen = (await store.Http.Json("/health")).GetProperty("db").GetProperty("head").GetInt64();
        await Restore(folder["backup"], folder["b"]);
        await using var restored = await StoreProcess.Start(folder["b"], deployment: Deployment.Sqlite);

        // Both spellings of "after what I saw" are refused, and the new cursor is understood.
        foreach (var after in new[] { $"{seen}", $"1:{seen}", "1:3" })
        {
            using var refused = await restored.Http.GetAsync($"/events?after={after}");
            Assert.Equal("cursor_invalid", await refused.ErrorCode());
        }
        using (var page = await restored.Http.GetAsync("/events?after=2:3")) Assert.Equal(HttpStatusCode.OK, page.StatusCode);

        var bytes = Bytes(new Random(5), 5000);
        await Put(restored, await restored.Http.CreatePackage(), "new", bytes);
        var stored = Assert.Single(await StoredObjects.Of(folder["b"]), stored => stored.Key.Contains(Hex(bytes), StringComparison.Ordinal));
        Assert.EndsWith("-i2", stored.Key);

        OneSentence(await restored.Run("backup", folder["backup"]), 1, "incarnation 1", "incarnation 2");
        Assert.Equal(2, (await Backup(restored, folder["backup of b"])).GetProperty("incarnation").GetInt32());
        Assert.Equal(0, await restored.Stop());
        Assert.Equal(7, (await Restore(folder["backup of b"], folder["c"], "--incarnation", "7")).GetProperty("incarnation").GetInt32());
        OneSentence(await Alone(folder["d"], "restore", folder["backup of b"], "--incarnation", "2"), 2, "incarnation 2");
    }

    [Fact]
    public async Task A_second_backup_copies_only_what_is_new()
    {
        using var folder = new TemporaryFolder();
        await using var store = await StoreProcess.Start(folder["a"].MakeFolder(), deployment: Deployment.Sqlite);
        await Fill(store);
        var first = await Backup(store, folder["backup"]);
        var untouched = File.GetLastWriteTimeUtc(folder["backup", "log", "000000000001.cbor"]);
        var package = await store.Http.CreatePackage();
        await Put(store, package, "new", [9, 9, 9]);
        await Put(store, package, "known", [1, 2, 3]);

        var second = await Backup(store, folder["backup"]);

        Assert.Equal(1, second.GetProperty("new_contents").GetInt64());
        Assert.Equal(3, second.GetProperty("new_content_bytes").GetInt64());
        Assert.Equal(first.GetProperty("contents").GetInt64() + 1, second.GetProperty("contents").GetInt64());
        Assert.Equal(second.GetProperty("head_sequence").GetInt64() - first.GetProperty("head_sequence").GetInt64(), second.GetProperty("new_events").GetInt64());
        Assert.Equal(untouched, File.GetLastWriteTimeUtc(folder["backup", "log", "000000000001.cbor"]));
        Assert.Equal(0, (await Backup(store, folder["backup"])).GetProperty("new_events").GetInt64());
        await Verified(folder["backup"]);
        await Restore(folder["backup"], folder["b"]);
    }

    [Fact]
    public async Task Without_a_server_the_database_is_backed_up_to_the_same_files()
    {
        using var folder = new TemporaryFolder();
        await using var store = await StoreProcess.Start(folder["a"].MakeFolder(), deployment: Deployment.Sqlite);
        await Fill(store);
        await Backup(store, folder["online"]);
        Assert.Equal(0, await store.Stop());
        var alone = await Alone(folder["a"], "backup", folder["alone"]);
        Assert.True(alone.ExitCode == 0, alone.ToString());
        Assert.Equal(Tree(folder["online"]), Tree(folder["alone"]));
        OneSentence(await Alone(folder["nothing"], "backup", folder["x"]), 1, "there is no database");
        Assert.False(File.Exists(folder["nothing", "artifactstore.db"]));
    }

    [Fact]
    public async Task A_backup_under_load_is_a_prefix_that_can_be_restored()
    {
        using var folder = new TemporaryFolder();
        await using var store = await StoreProcess.Start(folder["a"].MakeFolder(), deployment: Deployment.Sqlite);
        string[] packages = [await store.Http.CreatePackage(), await store.Http.CreatePackage()];
        var load = new WriteLoad(Environment.TickCount);
        using var stop = new CancellationTokenSource();
        var running = load.Run(store.Http, packages, stop.Token);
        Answered[] before = [];
        for (var round = 0; round < 3; round++)
        {
            var wanted = load.Answers.Count + 50;
            await Eventually.True(() => load.Answers.Count >= wanted, "the load is answered");
            before = [.. load.Answers];
            await Backup(store, folder["backup"]);
        }
        await stop.CancelAsync();
        await running;
        await store.Kill();
        await Verified(folder["backup"]);

        var restored = await Restore(folder["backup"], folder["b"]);

        Assert.True(restored.GetProperty("identical").GetBoolean());
        await using var second = await StoreProcess.Start(folder["b"], deployment: Deployment.Sqlite);
        await WriteLoad.Check(second.Http, before, load.Asked);
        var (lines, _) = await Everything(folder["a"]);
        await second.Stop();
        var (prefix, _) = await Everything(folder["b"]);
        Assert.Equal(lines.Take((int)restored.GetProperty("head_sequence").GetInt64()), prefix.Take((int)restored.GetProperty("head_sequence").GetInt64()));
    }

    [Fact]
    public async Task What_the_store_has_lost_is_left_out_when_the_log_says_so()
    {
        using var folder = new TemporaryFolder();
        await using var store = await StoreProcess.Start(folder["a"].MakeFolder(), deployment: Deployment.Sqlite);
        await Fill(store, files: 3);
        var lost = Bytes(new Random(77), 6000);
        await Put(store, await store.Http.CreatePackage(), "lost", lost);
        await (await StoredObjects.Single(folder["a"], Hex(lost))).Delete();

        var backup = await store.Run("backup", folder["backup"], "--json");

        Assert.True(backup.ExitCode == 0, backup.ToString());
        Assert.Equal(1, JsonSerializer.Deserialize<JsonElement>(backup.Output).GetProperty("lost_contents").GetInt64());
        Assert.Contains("warning: 1 content had lost", backup.Errors);
        await Verified(folder["backup"]);
        await Restore(folder["backup"], folder["b"]);
        var health = await Alone(folder["b"], "health", "--json");
        Assert.Contains("\"failed_locations\":1", health.Output);
    }

    [Fact]
    public async Task Bytes_that_are_others_than_promised_are_no_backup()
    {
        using var folder = new TemporaryFolder();
        await using var store = await StoreProcess.Start(folder["a"].MakeFolder(), deployment: Deployment.Sqlite);
        var package = await store.Http.CreatePackage();
        var bytes = Bytes(new Random(78), 6000);
        await Put(store, package, "damaged", bytes);
        await Put(store, package, "good", [4, 5, 6]);
        bytes[100] ^= 1;
        var at = bytes.ToArray();
        at[100] ^= 1;
        await (await StoredObjects.Single(folder["a"], Hex(at))).Overwrite(bytes);

        OneSentence(await store.Run("backup", folder["backup"]), 5, Hex(at));

        Assert.False(File.Exists(folder["backup", "backup.json"]));
        Assert.True(File.Exists(ContentIn(folder["backup"], Hex([4, 5, 6]))));
        Assert.False(File.Exists(ContentIn(folder["backup"], Hex(at))));
    }

    private static SortedDictionary<string, string> Tree(string root) => new(
        Directory.GetFiles(root, "*", SearchOption.AllDirectories)
            .Where(file => Path.GetFileName(file) != "backup.json")
            .ToDictionary(file => Path.GetRelativePath(root, file), file => Hex(File.ReadAllBytes(file))));
}
