using System.Net;
using System.Net.Http.Json;
using System.Security.Cryptography;
using System.Text.Json;
using ArtifactStore.EndToEnd.Tests.Fixtures;
using ArtifactStore.Interfaces.Hashing;

namespace ArtifactStore.EndToEnd.Tests.Acceptance;

/// <summary>The rows of the inventory that are about the executable, on the executable.</summary>
public class CommandLineAcceptance
{
    [Fact]
    public async Task K01_version_prints_the_version()
    {
        var finished = await Execution.Run(StoreProcess.Executable, ["version"]);
        Assert.Equal(0, finished.ExitCode);
        Assert.Matches(@"^\d+\.\d+\.\d+", finished.Output.Trim());
    }

    [Fact]
    public async Task K02_migrating_twice_is_migrating_once()
    {
        using var folder = new TemporaryFolder();
        var variables = StoreProcess.Variables(folder.Path);
        foreach (var _ in new[] { "first", "second" })
        {
            var finished = await Execution.Run(StoreProcess.Executable, ["migrate"], variables);
            Assert.True(finished.ExitCode == 0, finished.ToString());
        }
    }

    [Fact]
    public async Task K03_replay_prints_the_highest_sequence_and_leaves_the_views_byte_identical()
    {
        using var folder = new TemporaryFolder();
        await using var store = await StoreProcess.Start(folder.Path);
        var package = await store.Http.CreatePackage(metadata: new { suite = "k03", nested = new { n = 1 } });
        for (var i = 0; i < 20; i++) (await store.Http.PutFile(package, $"f{i}", [(byte)(i % 3)])).Dispose();
        await store.Http.FinalizePackage(package);
        await store.Stop();

        var replay = await store.Run("replay", "--json");

        Assert.True(replay.ExitCode == 0, replay.ToString());
        var said = JsonSerializer.Deserialize<JsonElement>(replay.Output);
        Assert.True(said.GetProperty("identical").GetBoolean());
        Assert.True(said.GetProperty("highest_sequence").GetInt64() >= 23);
    }

    [Fact]
    public async Task K07_R07_a_sweep_runs_by_command_through_the_server_and_without_one()
    {
        using var folder = new TemporaryFolder();
        await using var store = await StoreProcess.Start(folder.Path);
        await store.Http.CreatePackage();
        foreach (var runs in new[] { true, false })
        {
            if (!runs) await store.Stop();
            var sweep = await store.Run("retention", "sweep", "--json");
            Assert.True(sweep.ExitCode == 0, sweep.ToString());
            var said = JsonSerializer.Deserialize<JsonElement>(sweep.Output);
            Assert.Equal((0, 0), (said.GetProperty("eligible").GetInt64(), said.GetProperty("held").GetInt64()));
        }
    }

    [Fact]
    public async Task K08_R11_the_collector_runs_by_command_through_the_server_and_without_one()
    {
        using var folder = new TemporaryFolder();
        await using var store = await StoreProcess.Start(folder.Path);
        var packages = new List<string>();
        for (var i = 0; i < 2; i++)
        {
            packages.Add(await store.Http.CreatePackage());
            using var put = await store.Http.PutFile(packages[i], "own", [(byte)i]);
            using var shared = await store.Http.PutFile(packages[i], "shared", [7, 7]);
            var deleted = await store.Run("delete", packages[i], "--reason", "done", "--json");
            Assert.Equal((HttpStatusCode.Created, HttpStatusCode.Created), (put.StatusCode, shared.StatusCode));
            Assert.True(deleted.ExitCode == 0, deleted.ToString());
            Assert.True(JsonSerializer.Deserialize<JsonElement>(deleted.Output).GetProperty("eligible_for_deletion").GetBoolean());
            if (i == 1) await store.Stop();
            var gc = await store.Run("retention", "gc", "--json");
            Assert.True(gc.ExitCode == 0, gc.ToString());
            var said = JsonSerializer.Deserialize<JsonElement>(gc.Output);
            Assert.Equal((1, 2, 2), (said.GetProperty("collected").GetInt64(), said.GetProperty("released").GetInt64(), said.GetProperty("deleted").GetInt64()));
        }
        var again = await store.Run("retention", "gc");
        Assert.Equal((0, "0 packages collected, 0 copies deleted, 0 B freed; holds keep 0 packages"), (again.ExitCode, again.Output.Trim()));
    }

    [Fact]
    public async Task R16_a_plan_is_made_and_run_by_command_through_the_server_and_without_one()
    {
        using var folder = new TemporaryFolder();
        await using var store = await StoreProcess.Start(folder.Path);
        for (var i = 0; i < 2; i++)
        {
            var (same, extended) = (await Doomed(store, [(byte)i]), await Doomed(store, [(byte)i, 1]));
            if (i == 1) await store.Stop();
            var made = await store.Run("retention", "plan", "--json");
            Assert.True(made.ExitCode == 0, made.ToString());
            var plan = JsonSerializer.Deserialize<JsonElement>(made.Output);
            // The one that was extended in the round before is in no plan.
            Assert.Equal((2, 3), (plan.GetProperty("packages").GetInt64(), plan.GetProperty("freed_bytes").GetInt64()));
            var id = plan.GetProperty("plan_id").GetString()!;
            if (i == 0)
            {
                using var longer = await store.Http.PostAsJsonAsync(
                    $"/packages/{extended}/retention/extensions", new { new_expires_at = DateTimeOffset.UtcNow.AddYears(9), reason = "audit" });
                Assert.Equal(HttpStatusCode.OK, longer.StatusCode);
            }
            var run = await store.Run("retention", "gc", "--plan", id);
            Assert.True(run.ExitCode == 0, run.ToString());
            string[] expected = i == 0
                ? [$"skipped {extended}: it is kept longer now", $"plan {id}: 1 package deleted, 1 skipped, 1 copy deleted, 1 B freed"]
                : [$"plan {id}: 2 packages deleted, 0 skipped, 2 copies deleted, 3 B freed"];
            Assert.Equal(expected, run.Output.Trim().Split('\n'));
            var again = await store.Run("retention", "gc", "--plan", id, "--json");
            Assert.Equal(1, again.ExitCode);
            Assert.Contains($"the plan {id} was run until", again.Errors);
        }
        var unknown = await store.Run("retention", "gc", "--plan", Guid.NewGuid().ToString());
        Assert.Equal(4, unknown.ExitCode);
        Assert.Contains("there is no plan", unknown.Errors);
        var wrong = await store.Run("retention", "gc", "--plan", "mine");
        Assert.Equal(2, wrong.ExitCode);
        Assert.Contains("--plan is the id of a plan", wrong.Errors);
    }

    private static async Task<string> Doomed(StoreProcess store, byte[] bytes)
    {
        var package = await store.Http.CreatePackage();
        using var put = await store.Http.PutFile(package, "own", bytes);
        using var deleted = await store.Http.DeleteAsync($"/packages/{package}?reason=done");
        Assert.Equal((HttpStatusCode.Created, HttpStatusCode.Accepted), (put.StatusCode, deleted.StatusCode));
        return package;
    }

    [Fact]
    public async Task K03_K16_replay_goes_through_the_server_while_it_runs()
    {
        using var folder = new TemporaryFolder();
        await using var store = await StoreProcess.Start(folder.Path);
        await store.Http.CreatePackage();
        var replay = await store.Run("replay", "--json");
        Assert.True(replay.ExitCode == 0, replay.ToString());
        Assert.True(JsonSerializer.Deserialize<JsonElement>(replay.Output).GetProperty("identical").GetBoolean());
        Assert.NotEmpty(await store.Http.CreatePackage());
    }

    [Fact]
    public async Task K04_health_says_what_the_server_says_and_looks_for_itself_when_none_runs()
    {
        using var folder = new TemporaryFolder();
        await using var store = await StoreProcess.Start(folder.Path);
        var running = await store.Run("health", "--json");
        Assert.True(running.ExitCode == 0, running.ToString());
        Assert.Equal("ok", JsonSerializer.Deserialize<JsonElement>(running.Output).GetProperty("status").GetString());
        await store.Stop();
        var stopped = await store.Run("health", "--json");
        Assert.True(stopped.ExitCode == 0, stopped.ToString());
        Assert.Equal("ok", JsonSerializer.Deserialize<JsonElement>(stopped.Output).GetProperty("status").GetString());
    }

    [Fact]
    public async Task K05_K06_a_directory_goes_in_and_comes_back_byte_for_byte_with_a_manifest_that_proves_it()
    {
        using var folder = new TemporaryFolder();
        await using var store = await StoreProcess.Start(folder["data"].MakeFolder());
        var source = folder["source"].MakeFolder();
        var sent = Tree(source);

        var push = await store.Run("push", source, "--producer", "ci", "--subject", "build 1", "--retention-class", "raw-evidence", "--json");
        Assert.True(push.ExitCode == 0, push.ToString());
        var pushed = JsonSerializer.Deserialize<JsonElement>(push.Output);
        var package = pushed.GetProperty("package_id").GetString()!;
        var digest = pushed.GetProperty("manifest_digest").GetString()!;

        var cbor = await store.Http.GetByteArrayAsync($"/packages/{package}/manifest");
        Assert.Equal(digest, "blake3:" + Convert.ToHexStringLower(Blake3.Hash(cbor)));
        var manifest = await store.Run("manifest", package);
        Assert.True(manifest.ExitCode == 0, manifest.ToString());
        Assert.Equal(await store.Http.GetStringAsync($"/packages/{package}/manifest.json"), manifest.Output.TrimEnd('\n'));
        foreach (var path in sent.Keys) Assert.Contains(path, manifest.Output);

        var target = folder["target"];
        var pull = await store.Run("pull", package, target);
        Assert.True(pull.ExitCode == 0, pull.ToString());
        var received = Directory.GetFiles(target, "*", SearchOption.AllDirectories)
            .ToDictionary(file => Path.GetRelativePath(target, file), file => Convert.ToHexStringLower(SHA256.HashData(File.ReadAllBytes(file))));
        Assert.Equal(sent.OrderBy(pair => pair.Key), received.OrderBy(pair => pair.Key));
    }

    [Fact]
    public async Task C07_a_push_without_a_token_says_so_and_ends_with_the_code_for_it()
    {
        using var folder = new TemporaryFolder();
        await using var store = await StoreProcess.Start(folder["data"].MakeFolder());
        var variables = new Dictionary<string, string?> { ["ARTIFACTSTORE_API_URL"] = store.Url.ToString(), ["XDG_STATE_HOME"] = folder["state"] };
        Tree(folder["source"].MakeFolder());
        var push = await Execution.Run(
            StoreProcess.Executable, ["push", folder["source"], "--producer", "p", "--subject", "s", "--retention-class", "transient"], variables);
        Assert.Equal(3, push.ExitCode);
        Assert.Contains("ARTIFACTSTORE_API_TOKEN", push.Errors);
    }

    [Fact]
    public async Task K11_help_lists_every_verb()
    {
        var help = await Execution.Run(StoreProcess.Executable, ["--help"]);
        Assert.Equal(0, help.ExitCode);
        foreach (var verb in new[] { "serve", "version", "health", "migrate", "replay", "push", "pull", "manifest", "ls", "events", "backup", "restore", "retention" })
        {
            Assert.Contains($"  {verb}", help.Output);
        }
    }

    [Fact]
    public async Task Z02_the_quick_start_says_ok_both_ways()
    {
        using var folder = new TemporaryFolder();
        await using var store = await StoreProcess.Start(folder.Path);
        using var anonymous = new HttpClient { BaseAddress = store.Url };
        Assert.Equal("ok", (await anonymous.Json("/health")).GetProperty("status").GetString());
        Assert.Contains("\"ok\"", (await store.Run("health", "--json")).Output);
    }

    [Fact]
    [Trait("Needs", "local")]
    public async Task C02_the_storage_root_is_created_on_first_use()
    {
        using var folder = new TemporaryFolder();
        await using var store = await StoreProcess.Start(folder.Path, variables =>
            variables["ARTIFACTSTORE_STORAGE_LOCAL_ROOT"] = folder["deep", "er", "storage"]);
        using var stored = await store.Http.PutFile(await store.Http.CreatePackage(), "a", [1]);
        Assert.Equal(HttpStatusCode.Created, stored.StatusCode);
        Assert.True(Directory.Exists(folder["deep", "er", "storage", "blake3"]));
    }

    /// <summary>
    /// Names and sizes that have hurt others: empty, one byte, spaces, non-ASCII, deep, duplicate content, larger than a buffer.
    /// </summary>
    private static Dictionary<string, string> Tree(string root)
    {
        var random = new Random(5);
        (string Path, int Size)[] files =
        [
            ("empty", 0), ("one", 1), ("with space.txt", 10), ("ünïcode/Ж.bin", 1024), ("deep/er/and/deeper/file", 65536), ("percent%20.txt", 5),
            ("large.bin", 3_000_001), ("copy/one", 1), ("plus+and&#.txt", 7), (".hidden", 3),
        ];
        var digests = new Dictionary<string, string>();
        foreach (var (path, size) in files)
        {
            var bytes = new byte[size];
            if (size > 1) random.NextBytes(bytes);
            Directory.CreateDirectory(Path.GetDirectoryName(Path.Combine(root, path))!);
            File.WriteAllBytes(Path.Combine(root, path), bytes);
            digests[path] = Convert.ToHexStringLower(SHA256.HashData(bytes));
        }
        return digests;
    }
}
