using System.Net;
using System.Net.Sockets;
using ArtifactStore.EndToEnd.Tests.Fixtures;

namespace ArtifactStore.EndToEnd.Tests.Faults;

/// <summary>The failure table of the operator's guide (inventory §8), and starts that must not happen.</summary>
public class BrokenSurroundings
{
    [Fact]
    public async Task F1_a_database_that_cannot_be_read_degrades_health()
    {
        using var folder = new TemporaryFolder();
        await using var store = await StoreProcess.Start(folder.Path, deployment: Deployment.Sqlite);
        Assert.Equal("ok", (await store.Http.Json("/health")).GetProperty("status").GetString());

        foreach (var file in Directory.GetFiles(folder.Path, "artifactstore.db*")) File.Delete(file);

        var health = await store.Http.Json("/health");
        Assert.Equal("degraded", health.GetProperty("status").GetString());
        Assert.False(health.GetProperty("db").GetProperty("healthy").GetBoolean());
    }

    [Fact]
    public async Task F1_a_file_that_is_no_database_stops_the_start_with_a_sentence()
    {
        using var folder = new TemporaryFolder();
        await File.WriteAllTextAsync(folder["artifactstore.db"], new string('x', 10_000));
        var finished = await Execution.Run(StoreProcess.Executable, ["serve"], StoreProcess.Variables(folder.Path));
        AssertOneSentence(finished, folder["artifactstore.db"]);
    }

    [Fact]
    [Trait("Needs", "local")]
    public async Task F2_a_vanished_storage_root_degrades_health_and_refuses_writes_and_is_never_made_anew()
    {
        using var folder = new TemporaryFolder();
        await using var store = await StoreProcess.Start(folder.Path);
        var package = await store.Http.CreatePackage();
        using (var stored = await store.Http.PutFile(package, "a", new byte[100_000])) Assert.Equal(HttpStatusCode.Created, stored.StatusCode);

        Directory.Move(folder["storage"], folder["elsewhere"]);

        var health = await store.Http.Json("/health");
        Assert.Equal("degraded", health.GetProperty("status").GetString());
        Assert.False(health.GetProperty("backend").GetProperty("healthy").GetBoolean());
        using var refused = await store.Http.PutFile(package, "b", [1, 2, 3]);
        Assert.Equal(HttpStatusCode.ServiceUnavailable, refused.StatusCode);
        Assert.Equal("storage_unavailable", await refused.ErrorCode());
        Assert.False(Directory.Exists(folder["storage"]), "the root came back by itself, empty");

        Directory.Move(folder["elsewhere"], folder["storage"]);
        Assert.Equal("ok", (await store.Http.Json("/health")).GetProperty("status").GetString());
        using var accepted = await store.Http.PutFile(package, "b", [1, 2, 3]);
        Assert.Equal(HttpStatusCode.Created, accepted.StatusCode);
    }

    [Fact]
    public async Task F3_F5_bytes_that_are_gone_are_a_typed_error_and_a_failed_location_and_pushing_them_again_heals()
    {
        using var folder = new TemporaryFolder();
        await using var store = await StoreProcess.Start(folder.Path);
        var package = await store.Http.CreatePackage();
        var bytes = new byte[5000];
        bytes[0] = 42;
        using (var stored = await store.Http.PutFile(package, "a", bytes)) Assert.Equal(HttpStatusCode.Created, stored.StatusCode);
        var file = (await store.Http.Files(package))["a"].GetProperty("id").GetString();
        await Assert.Single(await StoredObjects.Of(folder.Path)).Delete();

        using var gone = await store.Http.GetAsync($"/files/{file}/download");
        Assert.Equal(HttpStatusCode.Gone, gone.StatusCode);
        Assert.Equal("bytes_missing", await gone.ErrorCode());
        var health = await store.Http.Json("/health");
        Assert.Equal("degraded", health.GetProperty("status").GetString());

        using (var again = await store.Http.PutFile(package, "again", bytes)) Assert.Equal(HttpStatusCode.Created, again.StatusCode);
        Assert.Equal(bytes, await store.Http.GetByteArrayAsync($"/files/{file}/download"));
        Assert.Equal("ok", (await store.Http.Json("/health")).GetProperty("status").GetString());
    }

    [Fact]
    public async Task A_busy_port_is_one_sentence()
    {
        using var folder = new TemporaryFolder();
        using var taken = new TcpListener(IPAddress.Loopback, 0);
        taken.Start();
        var port = ((IPEndPoint)taken.LocalEndpoint).Port;
        var variables = StoreProcess.Variables(folder.Path);
        variables["ARTIFACTSTORE_LISTEN"] = $"127.0.0.1:{port}";
        AssertOneSentence(await Execution.Run(StoreProcess.Executable, ["serve"], variables), $"127.0.0.1:{port}");
    }

    [Fact]
    public async Task A_second_process_on_the_same_database_is_one_sentence_and_harms_nothing()
    {
        using var folder = new TemporaryFolder();
        await using var store = await StoreProcess.Start(folder.Path, deployment: Deployment.Sqlite);
        AssertOneSentence(await Execution.Run(StoreProcess.Executable, ["serve"], StoreProcess.Variables(folder.Path)), "artifactstore.db");
        Assert.NotEmpty(await store.Http.CreatePackage());
    }

    [Fact]
    [Trait("Needs", "local")]
    public async Task A_storage_root_of_another_store_stops_the_start()
    {
        using var folder = new TemporaryFolder();
        await using (var store = await StoreProcess.Start(folder.Path, deployment: Deployment.Sqlite)) await store.Stop();
        foreach (var file in Directory.GetFiles(folder.Path, "artifactstore.db*")) File.Delete(file);
        AssertOneSentence(await Execution.Run(StoreProcess.Executable, ["serve"], StoreProcess.Variables(folder.Path)), folder["storage"]);
    }

    [Fact]
    [Trait("Needs", "local")]
    public async Task A_storage_root_that_is_not_mounted_stops_the_start_and_is_not_made_anew()
    {
        using var folder = new TemporaryFolder();
        await using (var store = await StoreProcess.Start(folder.Path, deployment: Deployment.Sqlite))
        {
            using var stored = await store.Http.PutFile(await store.Http.CreatePackage(), "a", [1]);
            Assert.Equal(HttpStatusCode.Created, stored.StatusCode);
            await store.Stop();
        }
        Directory.Delete(folder["storage"], recursive: true);
        AssertOneSentence(await Execution.Run(StoreProcess.Executable, ["serve"], StoreProcess.Variables(folder.Path)), folder["storage"]);
        Assert.False(Directory.Exists(folder["storage"]));
    }

    [Theory]
    [InlineData("ARTIFACTSTORE_LOG_LEVEL", "FOO")]
    [InlineData("ARTIFACTSTORE_AUTH_TOKEN", "typing-error")]
    [InlineData("ARTIFACTSTORE_DATABASE_URL", "mysql://x/y")]
    public async Task A_bad_setting_is_one_sentence_that_names_it(string name, string value)
    {
        using var folder = new TemporaryFolder();
        var variables = StoreProcess.Variables(folder.Path);
        variables[name] = value;
        AssertOneSentence(await Execution.Run(StoreProcess.Executable, ["serve"], variables), name);
    }

    private static void AssertOneSentence(Finished finished, string about)
    {
        Assert.True(finished.ExitCode is 1 or 2, finished.ToString());
        Assert.Contains(about, finished.Errors);
        Assert.DoesNotContain("   at ", finished.Errors);
        Assert.Single(finished.Errors.Trim().Split('\n'));
    }
}
