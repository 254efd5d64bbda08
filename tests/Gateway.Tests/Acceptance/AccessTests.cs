using System.Net;
using ArtifactStore.Gateway.Shared;
using ArtifactStore.Gateway.Tests.Fixtures;

namespace ArtifactStore.Gateway.Tests.Acceptance;

/// <summary>Rows C04, C05 and H19: who gets in.</summary>
public class AccessTests
{
    private const string Id = "0198c0de-0000-7000-8000-000000000001";

    public static readonly TheoryData<string, string, bool> Routes = new()
    {
        { "GET", "/packages", true },
        { "GET", $"/packages/{Id}", true },
        { "GET", $"/packages/{Id}/files", true },
        { "GET", $"/packages/{Id}/manifest", true },
        { "GET", $"/packages/{Id}/manifest.json", true },
        { "GET", $"/files/{Id}", true },
        { "GET", $"/files/{Id}/download", true },
        { "GET", $"/contents/sha256:{new string('0', 64)}", true },
        { "POST", "/contents/missing", true },
        { "GET", "/metadata-schemas", true },
        { "GET", "/metadata-schemas/x", true },
        { "GET", "/retention-classes", true },
        { "GET", "/events", true },
        { "GET", "/metrics", true },
        { "POST", "/packages", false },
        { "PUT", $"/packages/{Id}/files/a", false },
        { "POST", $"/packages/{Id}/files", false },
        { "POST", $"/packages/{Id}/files:link", false },
        { "POST", $"/packages/{Id}/finalize", false },
        { "POST", "/metadata-schemas", false },
        { "POST", "/maintenance/replay", false },
    };

    [Fact]
    public async Task C04_without_tokens_the_store_is_locked_but_tells_its_health()
    {
        await using var server = await GatewayServer.StartWithoutStore(new());
        foreach (var (method, path, _) in Routes.Select(row => row.Data))
        {
            using var bare = await server.Anonymous.SendAsync(new(new(method), path));
            Assert.Equal(HttpStatusCode.Unauthorized, bare.StatusCode);
            using var guessed = await server.Client.SendAsync(new(new(method), path));
            Assert.Equal(HttpStatusCode.Unauthorized, guessed.StatusCode);
        }
        foreach (var path in new[] { "/", "/health", "/openapi.json", "/docs/index.html" })
        {
            using var open = await server.Anonymous.GetAsync(path);
            Assert.Equal(HttpStatusCode.OK, open.StatusCode);
        }
    }

    [Fact]
    public async Task C04_each_configured_token_works_and_names_its_actor()
    {
        await using var store = await RealStore.Start(new() { Tokens = [new(null, "a"), new("bob", "b"), new(null, "c")] });
        var actors = new List<string>();
        foreach (var token in new[] { "a", "b", "c" })
        {
            using var client = store.Server.ClientWith(token);
            var package = await client.PostPackage("p", "ci", "s", "transient", "{}").Json(HttpStatusCode.Created);
            actors.Add(package.Text("created_by"));
        }
        Assert.Equal("bob", actors[1]);
        Assert.Equal(3, actors.Distinct().Count());
        Assert.StartsWith("token-", actors[0]);
    }

    [Fact]
    public async Task C05_anonymous_read_opens_what_reads_and_nothing_else()
    {
        await using var store = await RealStore.Start(new() { Tokens = [new(null, "a")], AnonymousRead = true });
        foreach (var (method, path, reads) in Routes.Select(row => row.Data))
        {
            using var answer = await store.Server.Anonymous.SendAsync(new(new(method), path));
            Assert.Equal(reads, answer.StatusCode != HttpStatusCode.Unauthorized);
        }
    }

    [Theory]
    [MemberData(nameof(Routes))]
    public async Task H19_a_wrong_or_missing_token_is_401_on_every_route(string method, string path, bool reads)
    {
        _ = reads;
        await using var server = await GatewayServer.StartWithoutStore();
        using var wrong = server.ClientWith("wrong");
        foreach (var client in new[] { wrong, server.Anonymous })
        {
            await client.SendAsync(new(new(method), path)).Problem("unauthorized");
        }
        using var right = await server.Client.SendAsync(new(new(method), path));
        Assert.NotEqual(HttpStatusCode.Unauthorized, right.StatusCode);
    }
}
