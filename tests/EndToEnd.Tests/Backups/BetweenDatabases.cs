using ArtifactStore.Conformance.Servers;
using ArtifactStore.EndToEnd.Tests.Fixtures;
using static ArtifactStore.EndToEnd.Tests.Backups.BackedUpStore;

namespace ArtifactStore.EndToEnd.Tests.Backups;

/// <summary>A backup does not know which database it came from: it is also how a store moves from one to the other.</summary>
public class BetweenDatabases
{
    [Theory]
    [InlineData("sqlite", "postgres")]
    [InlineData("cluster", "sqlite")]
    [InlineData("postgres", "postgres")]
    public async Task A_store_moves_from_one_database_to_another_and_is_the_same_store(string from, string to)
    {
        using var folder = new TemporaryFolder();
        var server = await PostgresServer.Shared();
        await using var store = await StoreProcess.Start(folder["a"].MakeFolder(), deployment: Deployment.Named(from));
        var package = await Fill(store);
        var manifest = await store.Http.GetByteArrayAsync($"/packages/{package}/manifest");
        await Backup(store, folder["backup"]);
        var log = await Log(store);
        Assert.Equal(0, await store.Stop());
        await Verified(folder["backup"]);

        var variables = Variables(folder["b"].MakeFolder());
        if (to == "postgres") variables["ARTIFACTSTORE_DATABASE_URL"] = await server.NewDatabase();
        var restore = await Execution.Run(StoreProcess.Executable, ["restore", folder["backup"], "--json"], variables, folder["b"]);
        Assert.True(restore.ExitCode == 0, restore.ToString());
        Assert.Contains("\"identical\":true", restore.Output.Replace(" ", "", StringComparison.Ordinal));
        var twice = await Execution.Run(StoreProcess.Executable, ["restore", folder["backup"]], variables, folder["b"]);
        OneSentence(twice, 1, "not empty");

        await using var restored = await StoreProcess.Start(
            folder["b"], settings => settings["ARTIFACTSTORE_DATABASE_URL"] = variables["ARTIFACTSTORE_DATABASE_URL"], Deployment.Sqlite);
        // Its collector may have written about old bytes by now: the log begins with the one that was backed up.
        Assert.Equal(log, (await Log(restored)).Take(log.Count));
        Assert.Equal(manifest, await restored.Http.GetByteArrayAsync($"/packages/{package}/manifest"));
        var pull = await restored.Run("pull", package, folder["pulled"]);
        Assert.True(pull.ExitCode == 0, pull.ToString());
        var replay = await restored.Run("replay", "--json");
        Assert.Contains("\"identical\":true", replay.Output.Replace(" ", "", StringComparison.Ordinal));
        Assert.NotEmpty(await restored.Http.CreatePackage("in its next life"));
        if (to == "postgres")
        {
            await restored.Stop();
            await server.Drop(variables["ARTIFACTSTORE_DATABASE_URL"]!);
        }
    }

    /// <summary>The leaf of a line stands for the whole line.</summary>
    private static async Task<List<string>> Log(StoreProcess store)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, "/events?limit=1000");
        request.Headers.Accept.ParseAdd("application/json");
        using var answer = await store.Http.SendAsync(request);
        var page = System.Text.Json.JsonSerializer.Deserialize<System.Text.Json.JsonElement>(await answer.Content.ReadAsStringAsync());
        return [.. page.GetProperty("items").EnumerateArray().Select(line => line.GetProperty("leaf_digest").GetString()!)];
    }
}
