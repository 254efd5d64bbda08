using System.Net;
using ArtifactStore.Gateway.Tests.Fixtures;
using ArtifactStore.Interfaces.Access;
using ArtifactStore.Interfaces.Errors;
using ArtifactStore.Interfaces.Ids;
using ArtifactStore.Interfaces.Retention;

namespace ArtifactStore.Gateway.Tests.Acceptance;

/// <summary>Knowing an address grants nothing: no door answers about bytes that the caller has no reference to.</summary>
public sealed class ReadScopeTests : IAsyncLifetime
{
    private static readonly TenantId Other = new("other");
    private static readonly byte[] Secret = "a secret that somebody else can guess"u8.ToArray();

    private RealStore _store = null!;
    private HttpClient _stranger = null!;

    public async ValueTask InitializeAsync()
    {
        _store = await RealStore.Start(authorizer: new TwoTenants());
        _stranger = _store.Server.ClientWith("stranger");
        var define = new DefineRetentionClass(
            new(Guid.NewGuid()), Other, "tests", DateTimeOffset.UnixEpoch, "transient", 86_400, "a class of the other tenant");
        await _store.Grains.Call<IRetentionClassGrain, Outcome<RetentionClassView>>($"{Other}/transient", grain => grain.Define(define));
    }

    public ValueTask DisposeAsync()
    {
        _stranger.Dispose();
        return _store.DisposeAsync();
    }

    [Fact]
    public async Task What_a_caller_may_not_read_is_missing_unknown_and_cannot_be_linked()
    {
        var mine = await _store.Client.CreatePackage();
        var file = await _store.Client.PutFile(mine, "a", Secret).Json(HttpStatusCode.Created);
        var theirs = await _stranger.CreatePackage();
        foreach (var address in new[] { file.Text("content_address"), $"sha256:{file.Text("digest_sha256")}" })
        {
            var missing = await _stranger.PostJson("/contents/missing", $"{{\"addresses\":[\"{address}\"]}}").Json();
            Assert.Equal(address, Assert.Single(missing.GetProperty("missing").EnumerateArray()).GetString());
            await _stranger.GetAsync($"/contents/{address}").Problem("content_unknown");
            await _stranger.PostJson(
                $"/packages/{theirs}/files:link",
                $"{{\"relative_path\":\"b\",\"content_address\":\"{address}\",\"media_type\":\"text/plain\"}}").Problem("content_unknown");
        }
        await _stranger.GetAsync($"/packages/{mine}").Problem("package_unknown");
        await _stranger.GetAsync($"/files/{file.Text("id")}").Problem("file_unknown");
        await _stranger.GetAsync($"/files/{file.Text("id")}/download").Problem("file_unknown");
        await _stranger.PutFile(mine, "b", [1]).Problem("package_unknown");
        Assert.Equal(theirs, Assert.Single((await _stranger.GetAsync("/packages").Json()).Items()).Text("id"));

        var known = await _store.Client.PostJson("/contents/missing", $"{{\"addresses\":[\"{file.Text("content_address")}\"]}}").Json();
        Assert.Empty(known.GetProperty("missing").EnumerateArray());
    }

    /// <summary>The usual token belongs to the usual tenant, any other one to the other.</summary>
    private sealed class TwoTenants : IAuthorizer
    {
        public Outcome<Principal> Authenticate(string? authorizationHeader) => authorizationHeader == $"Bearer {GatewayServer.Token}"
            ? new Principal(TenantId.Default, "owner", Anonymous: false)
            : new Principal(Other, "stranger", Anonymous: false);

        public Outcome<Principal> Authorize(Principal principal, StoreAction action, Resource resource) => principal;
    }
}
