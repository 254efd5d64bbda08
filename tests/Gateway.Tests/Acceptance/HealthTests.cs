using System.Net;
using System.Text.Json;
using ArtifactStore.Gateway.Tests.Fixtures;

namespace ArtifactStore.Gateway.Tests.Acceptance;

/// <summary>Row H02: health is for everybody, and each thing that can break shows in it and nowhere else.</summary>
public sealed class HealthTests : IAsyncLifetime
{
    private RealStore _store = null!;

    public async ValueTask InitializeAsync() => _store = await RealStore.Start();

    public ValueTask DisposeAsync() => _store.DisposeAsync();

    [Fact]
    public async Task H02_a_store_in_order_is_ok_to_anybody()
    {
        var health = await Health();
        Assert.Equal("ok", health.Text("status"));
        Assert.True(health.GetProperty("db").GetProperty("healthy").GetBoolean());
        Assert.True(health.GetProperty("backend").GetProperty("healthy").GetBoolean());
    }

    [Fact]
    public async Task H02_F5_one_failed_location_degrades_health_although_everything_answers()
    {
        var package = await _store.Client.CreatePackage();
        var file = await _store.Client.PutFile(package, "a", [1, 2, 3]).Json(HttpStatusCode.Created);
        File.Delete(_store.Objects().Single());
        await _store.Client.GetAsync($"/files/{file.Text("id")}/download").Problem("bytes_missing");
        var health = await Health();
        Assert.Equal("degraded", health.Text("status"));
        Assert.True(health.GetProperty("db").GetProperty("healthy").GetBoolean());
        Assert.True(health.GetProperty("backend").GetProperty("healthy").GetBoolean());
    }

    [Fact]
    public async Task H02_F2_a_storage_root_that_is_gone_leaves_the_database_healthy()
    {
        Directory.Move(_store.BlobRoot, _store.BlobRoot + ".away");
        var health = await Health();
        Assert.Equal("degraded", health.Text("status"));
        Assert.True(health.GetProperty("db").GetProperty("healthy").GetBoolean());
        Assert.False(health.GetProperty("backend").GetProperty("healthy").GetBoolean());
    }

    [Fact]
    public async Task Paths_and_names_are_for_holders_of_a_token()
    {
        Directory.Move(_store.BlobRoot, _store.BlobRoot + ".away");
        var anybody = await Health();
        var holder = await _store.Client.GetAsync("/health").Json();
        var stranger = await _store.Server.ClientWith("no such token").GetAsync("/health").Json();
        foreach (var report in new[] { anybody, stranger })
        {
            Assert.DoesNotContain(_store.Folder, report.ToString(), StringComparison.Ordinal);
            Assert.Contains("log", report.GetProperty("backends")[0].Text("reason"), StringComparison.Ordinal);
            Assert.Equal(JsonValueKind.Null, report.GetProperty("nodes").GetProperty("members").ValueKind);
        }
        Assert.Contains(_store.BlobRoot, holder.GetProperty("backends")[0].Text("reason"), StringComparison.Ordinal);
        foreach (var report in new[] { anybody, holder })
        {
            Assert.Equal("degraded", report.Text("status"));
            Assert.Equal(1, report.GetProperty("nodes").GetProperty("living").GetInt32());
        }
        Assert.Equal("tester's node", Assert.Single(holder.GetProperty("nodes").GetProperty("members").EnumerateArray()).Text("name"));
    }

    private Task<JsonElement> Health() => _store.Server.Anonymous.GetAsync("/health").Json();
}
