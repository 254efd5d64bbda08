using System.Security.Cryptography;
using ArtifactStore.Conformance.Blobs;
using ArtifactStore.Conformance.Servers;
using ArtifactStore.Conformance.Time;
using ArtifactStore.Interfaces.Blobs;
using ArtifactStore.Interfaces.Ids;
using ArtifactStore.Storage.Blobs.S3;
using ArtifactStore.Storage.Blobs.S3.Probe;

namespace ArtifactStore.Storage.Tests.Blobs.S3;

/// <summary>
/// The whole way of a web identity, with nothing of it played: tokens of an OpenID Connect issuer, AssumeRoleWithWebIdentity of the real Ceph
/// RGW, and its short-lived keys on its own buckets.
/// </summary>
public sealed class S3RgwWebIdentityTests : IAsyncLifetime
{
    private const string Key = "blake3/ab/cd/abcd";

    /// <summary>What RGW gives when no other time is asked for.</summary>
    private static readonly TimeSpan Life = TimeSpan.FromHours(1);

    private readonly string _tokenFile = Path.GetTempFileName();
    private readonly ManualTime _time = new(S3Bucket.Clock.GetUtcNow());
    private OidcIssuer _issuer = null!;
    private FaultProxy _proxy = null!;
    private S3Bucket _bucket = null!;
    private S3BlobStore _store = null!;
    private S3Options _options = null!;

    public async ValueTask InitializeAsync()
    {
        var server = await RgwServer.Shared();
        _bucket = await S3Bucket.Create(server);
        _proxy = new FaultProxy(server.Endpoint);
        _issuer = new OidcIssuer();
        var role = await _issuer.Introduce(server);
        await File.WriteAllTextAsync(_tokenFile, _issuer.Token(TimeSpan.FromMinutes(10)));
        _options = _bucket.Options() with
        {
            Credentials = new S3CredentialSource.WebIdentity(_tokenFile, role, _proxy.Endpoint),
            RetryTime = TimeSpan.Zero,
        };
        _store = new S3BlobStore(new BackendId("s3"), _options, new(S3Bucket.NextId()), _time);
    }

    public async ValueTask DisposeAsync()
    {
        _store?.Dispose();
        if (_issuer is not null) await _issuer.DisposeAsync();
        if (_proxy is not null) await _proxy.DisposeAsync();
        if (_bucket is not null) await _bucket.DisposeAsync();
        File.Delete(_tokenFile);
    }

    [Fact]
    public async Task C24_keys_of_rgws_own_token_service_put_read_list_and_delete_and_are_renewed_before_they_end()
    {
        foreach (var size in new[] { 1000, 3_000_000, 80_000_000 }) await Put(Sources.Bytes(size), $"{Key}-{size}");
        Assert.Equal(80_000_000, await _store.Size($"{Key}-80000000"));
        await using (var reading = (await _store.Open($"{Key}-3000000"))!) await reading.CopyToAsync(Stream.Null);
        var listed = new List<string>();
        await foreach (var found in _store.List(null)) listed.Add(found.Key);
        Assert.Equal(3, listed.Count);
        Assert.True(await _store.Delete($"{Key}-1000"));
        Assert.True((await _store.Health()).Healthy);
        Assert.Single(_proxy.Requests);

        await File.WriteAllTextAsync(_tokenFile, _issuer.Token(TimeSpan.FromMinutes(10)));
        _time.Advance(Life * 0.8);
        Assert.Null(await _store.Size(Key));
        Assert.Equal(2, _proxy.Requests.Count);
    }

    /// <summary>docs/COMPATIBILITY.md records the same.</summary>
    [Fact]
    public async Task The_profile_of_rgw_is_the_same_with_a_web_identity_but_for_copies_of_ranges()
    {
        var lines = await S3ProbeTests.Probe(_options);
        Assert.Equal(S3ProbeResult.Pass, lines.Single(line => line.Name == "sts").Result);
        Assert.Equal(["multipart-copy"], lines.Where(line => line.Result == S3ProbeResult.Fail).Select(line => line.Name));
    }

    [Theory]
    [InlineData("of another audience")]
    [InlineData("that has expired")]
    [InlineData("signed by somebody else")]
    [InlineData("of nobody")]
    public async Task A_token_that_rgw_does_not_take_is_told_and_never_shown(string which)
    {
        using var other = RSA.Create(2048);
        await using var stranger = new OidcIssuer();
        var minutes = TimeSpan.FromMinutes(10);
        var token = which switch
        {
            "of another audience" => _issuer.Token(minutes, audience: "mail"),
            "that has expired" => _issuer.Token(-minutes),
            "signed by somebody else" => _issuer.Token(minutes, key: other),
            _ => stranger.Token(minutes),
        };
        await File.WriteAllTextAsync(_tokenFile, token);
        var failure = await Assert.ThrowsAsync<BlobStoreException>(() => _store.Size(Key));
        Assert.StartsWith($"The token service {_proxy.Endpoint.GetLeftPart(UriPartial.Authority)} gives no credentials (", failure.Message);
        Assert.EndsWith("check ARTIFACTSTORE_S3_ROLE_ARN and the token of ARTIFACTSTORE_S3_WEB_IDENTITY_TOKEN_FILE.", failure.Message);
        foreach (var part in token.Split('.')) Assert.DoesNotContain(part, failure.Message);
        TestContext.Current.SendDiagnosticMessage(failure.Message);

        await File.WriteAllTextAsync(_tokenFile, _issuer.Token(minutes));
        Assert.Null(await _store.Size(Key));
    }

    private async Task Put(byte[] bytes, string key)
    {
        await using var staged = await _store.Stage(new AttemptId(S3Bucket.NextId()), new MemoryStream(bytes), bytes.Length);
        await _store.Promote(staged, key);
    }
}
