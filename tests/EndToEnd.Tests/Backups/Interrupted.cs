using System.Diagnostics;
using ArtifactStore.EndToEnd.Tests.Fixtures;
using static ArtifactStore.EndToEnd.Tests.Backups.BackedUpStore;

namespace ArtifactStore.EndToEnd.Tests.Backups;

/// <summary>kill -9 of the verbs at any moment: the same command goes on, and ends as if nothing had happened.</summary>
public class Interrupted
{
    [Fact]
    public async Task A_killed_backup_is_completed_by_the_next_run()
    {
        using var folder = new TemporaryFolder();
        await using var store = await StoreProcess.Start(folder["a"].MakeFolder(), deployment: Deployment.Sqlite);
        await Fill(store, files: 150);
        var whole = await Backup(store, folder["whole"]);
        var variables = Variables(folder["a"]);
        variables["ARTIFACTSTORE_API_URL"] = store.Url.ToString();
        variables["ARTIFACTSTORE_API_TOKEN"] = StoreProcess.Token;
        var random = new Random(Environment.TickCount);
        var killed = 0;
        for (var round = 0; round < Counts.Of(60); round++)
        {
            var directory = folder[$"backup{round}"];
            for (var life = 0; life < 3; life++) killed += await Killed(random, variables, folder["a"], ["backup", directory, "--jobs", "1"]) ? 1 : 0;
            var completed = await Backup(store, directory);
            Assert.Equal(whole.GetProperty("contents").GetInt64(), completed.GetProperty("contents").GetInt64());
            Assert.Equal(whole.GetProperty("head_sequence").GetInt64(), completed.GetProperty("head_sequence").GetInt64());
            await Verified(directory);
            Assert.False(Directory.Exists(Path.Combine(directory, "incoming")));
        }
        Assert.True(killed > 0, "every backup ended before it was killed");
    }

    [Fact]
    public async Task A_killed_restore_is_no_store_until_the_next_run_completes_it()
    {
        using var folder = new TemporaryFolder();
        await using var store = await StoreProcess.Start(folder["a"].MakeFolder(), deployment: Deployment.Sqlite);
        await Fill(store, files: 150);
        await Backup(store, folder["backup"]);
        Assert.Equal(0, await store.Stop());
        var (lines, views) = await Everything(folder["a"]);
        var random = new Random(Environment.TickCount);
        var unfinished = 0;
        for (var round = 0; round < Counts.Of(60); round++)
        {
            var data = folder[$"b{round}"].MakeFolder();
            for (var life = 0; life < 3; life++) await Killed(random, Variables(data), data, ["restore", folder["backup"]]);
            var before = await Alone(data, "restore", folder["backup"]);
            // The last of the killed ones may have done everything but say so.
            if (before.ExitCode != 0) OneSentence(before, 1, "is not empty");
            else if (before.Errors.Contains("going on", StringComparison.Ordinal)) unfinished++;
            var (linesAfter, viewsAfter) = await Everything(data);
            Assert.Equal(lines, linesAfter);
            Assert.Equal(views, viewsAfter);
            await using var again = await StoreProcess.Start(data, deployment: Deployment.Sqlite);
            Assert.Equal("ok", (await again.Http.Json("/health")).GetProperty("status").GetString());
        }
        Assert.True(unfinished > 0, "every restore ended before it was killed");
    }

    [Fact]
    [Trait("Needs", "local")]
    public async Task An_unfinished_restore_is_neither_served_nor_mixed_with_another()
    {
        using var folder = new TemporaryFolder();
        await using var store = await StoreProcess.Start(folder["a"].MakeFolder(), deployment: Deployment.Sqlite);
        await Fill(store, files: 3);
        await Backup(store, folder["backup"]);
        // A root that cannot be used stops the restore after its database was begun.
        var data = folder["b"].MakeFolder();
        await File.WriteAllTextAsync(Path.Combine(data, "storage"), "a file");
        OneSentence(await Alone(data, "restore", folder["backup"]), 1, "storage");
        File.Delete(Path.Combine(data, "storage"));

        foreach (var verb in new[] { "serve", "replay", "migrate", "health" })
        {
            var refused = await Alone(data, verb);
            Assert.True(refused.ExitCode == 1 && refused.Errors.Contains("artifactstore restore", StringComparison.Ordinal), refused.ToString());
        }
        await store.Http.CreatePackage();
        await Backup(store, folder["backup"]);
        OneSentence(await Alone(data, "restore", folder["backup"]), 1, "unfinished restore of another backup");
    }

    /// <summary>True when it was killed before its end. The moment is the point of these tests, so it is drawn, not waited for.</summary>
    private static async Task<bool> Killed(Random random, Dictionary<string, string?> variables, string directory, string[] arguments)
    {
        using var process = Process.Start(Execution.Prepare(StoreProcess.Executable, arguments, variables, directory))!;
        process.StandardInput.Close();
        var output = process.StandardOutput.ReadToEndAsync();
        var errors = process.StandardError.ReadToEndAsync();
        // The moment of death.
        await Task.Delay(random.Next(100, 900));
        var ended = process.HasExited;
        if (!ended) process.Kill();
        await process.WaitForExitAsync();
        await Task.WhenAll(output, errors);
        return !ended;
    }
}
