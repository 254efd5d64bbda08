using System.Net;
using ArtifactStore.EndToEnd.Tests.Fixtures;

namespace ArtifactStore.EndToEnd.Tests.Acceptance;

/// <summary>Rows of the inventory about settings that only a running store can prove.</summary>
public class SettingsAcceptance
{
    [Fact]
    [Trait("Needs", "local")]
    public async Task C28_C01_C02_C04_without_any_setting_the_store_runs_in_var_and_is_locked()
    {
        using var folder = new TemporaryFolder();
        await using var store = await StoreProcess.Start(
            folder.Path,
            variables =>
            {
                variables.Clear();
                // The default port may be taken on the machine of the tests.
                variables["ARTIFACTSTORE_LISTEN"] = "127.0.0.1:0";
            },
            Deployment.Sqlite);
        Assert.Equal("ok", (await store.Http.Json("/health")).GetProperty("status").GetString());
        using var locked = await store.Http.GetAsync("/packages");
        Assert.Equal(HttpStatusCode.Unauthorized, locked.StatusCode);
        Assert.True(File.Exists(folder["var", "artifactstore.db"]));
        Assert.True(Directory.Exists(folder["var", "storage"]));
    }

    [Fact]
    [Trait("Needs", "local")]
    public async Task C28_settings_are_read_from_the_env_file_and_variables_win()
    {
        using var folder = new TemporaryFolder();
        await File.WriteAllTextAsync(folder[".env"], $"""
            # what an operator writes
            ARTIFACTSTORE_LISTEN=127.0.0.1:0
            ARTIFACTSTORE_AUTH_TOKENS="someone-else"
            export ARTIFACTSTORE_STORAGE_LOCAL_ROOT={folder["from-env"]}
            """);
        await using var store = await StoreProcess.Start(
            folder.Path,
            variables =>
            {
                variables.Clear();
                variables["ARTIFACTSTORE_AUTH_TOKENS"] = StoreProcess.Token;
            },
            Deployment.Sqlite);
        using var stored = await store.Http.PutFile(await store.Http.CreatePackage(), "a", [1]);
        Assert.Equal(HttpStatusCode.Created, stored.StatusCode);
        Assert.True(Directory.Exists(folder["from-env", "blake3"]));
    }

    [Fact]
    public async Task C01_the_old_spelling_of_the_database_opens_what_the_plain_one_made()
    {
        using var folder = new TemporaryFolder();
        await using var plain = await StoreProcess.Start(folder.Path, deployment: Deployment.Sqlite);
        var package = await plain.Http.CreatePackage();
        await plain.Stop();
        await using var old = await StoreProcess.Start(
            folder.Path, variables => variables["ARTIFACTSTORE_DATABASE_URL"] = $"sqlite+aiosqlite:///{folder["artifactstore.db"]}", Deployment.Sqlite);
        Assert.Equal(package, (await old.Http.Json($"/packages/{package}")).GetProperty("id").GetString());
    }

    [Fact]
    public async Task C03_debug_lines_are_seen_when_asked_for_and_only_then()
    {
        using var folder = new TemporaryFolder();
        await using var quiet = await StoreProcess.Start(folder["quiet"].MakeFolder());
        await using var talking = await StoreProcess.Start(
            folder["talking"].MakeFolder(), variables => variables["ARTIFACTSTORE_LOG_LEVEL"] = "DEBUG");
        foreach (var store in new[] { quiet, talking }) await store.Http.Json("/health");
        await Eventually.True(() => talking.Log.Contains("dbug:", StringComparison.Ordinal), "a debug line");
        Assert.DoesNotContain("dbug:", quiet.Log, StringComparison.Ordinal);
    }

    [Fact]
    public async Task C05_anonymous_reading_is_opened_by_the_setting_and_writing_is_not()
    {
        using var folder = new TemporaryFolder();
        await using var store = await StoreProcess.Start(folder.Path, variables => variables["ARTIFACTSTORE_ANON_READ"] = "true");
        using var anonymous = new HttpClient { BaseAddress = store.Url };
        using var read = await anonymous.GetAsync("/packages");
        Assert.Equal(HttpStatusCode.OK, read.StatusCode);
        using var written = await anonymous.PostAsync("/packages", null);
        Assert.Equal(HttpStatusCode.Unauthorized, written.StatusCode);
    }
}
