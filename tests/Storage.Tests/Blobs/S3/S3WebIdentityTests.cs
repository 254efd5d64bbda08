using ArtifactStore.Conformance.Servers;
using ArtifactStore.Conformance.Time;
using ArtifactStore.Interfaces.Blobs;
using ArtifactStore.Interfaces.Ids;
using ArtifactStore.Storage.Blobs.S3;

namespace ArtifactStore.Storage.Tests.Blobs.S3;

/// <summary>
/// Keys that the store asks for itself. The token service is ours, so that it can refuse and be counted; the keys it gives are those of the
/// real Ceph RGW.
/// </summary>
public sealed class S3WebIdentityTests : IAsyncLifetime
{
    private const string Key = "blake3/ab/cd/abcd";
    private static readonly TimeSpan Life = TimeSpan.FromMinutes(15);

    private readonly string _tokenFile = Path.GetTempFileName();
    private readonly ManualTime _time = new(S3Bucket.Clock.GetUtcNow());
    private readonly TokenService _service = new();
    private S3Bucket _bucket = null!;
    private S3BlobStore _store = null!;

    public async ValueTask InitializeAsync()
    {
        _bucket = await S3Bucket.Create();
        _service.Keys = await Lease();
        await File.WriteAllTextAsync(_tokenFile, "first-identity-token\n");
        var options = _bucket.Options() with
        {
            Credentials = new S3CredentialSource.WebIdentity(_tokenFile, "arn:aws:iam:::role/store", _service.Endpoint),
            RetryTime = TimeSpan.Zero,
        };
        _store = new S3BlobStore(new BackendId("s3"), options, new(S3Bucket.NextId()), _time);
    }

    public async ValueTask DisposeAsync()
    {
        _store?.Dispose();
        await _service.DisposeAsync();
        if (_bucket is not null) await _bucket.DisposeAsync();
        File.Delete(_tokenFile);
    }

    [Fact]
    public async Task Keys_are_asked_for_once_and_renewed_before_they_end_with_the_token_of_that_moment()
    {
        await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => _store.Size(Key)));
        Assert.Contains("WebIdentityToken=first-identity-token", Assert.Single(_service.Requests));
        Assert.Contains("RoleArn=arn:aws:iam:::role/store", Assert.Single(_service.Requests));

        await File.WriteAllTextAsync(_tokenFile, "second-identity-token\n");
        _time.Advance(Life * 0.7);
        await _store.Size(Key);
        Assert.Single(_service.Requests);
        _service.Keys = await Lease();
        _time.Advance(Life * 0.1);
        await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => _store.Size(Key)));
        Assert.Equal(2, _service.Requests.Count);
        Assert.Contains("WebIdentityToken=second-identity-token", _service.Requests.Last());
    }

    [Fact]
    public async Task While_the_service_refuses_the_old_keys_serve_until_their_end_and_then_a_sentence_says_why()
    {
        await _store.Size(Key);
        _service.Refusal = "InvalidIdentityToken";
        _time.Advance(Life * 0.8);
        Assert.Null(await _store.Size(Key));
        _time.Advance(Life * 0.3);
        var failure = await Assert.ThrowsAsync<BlobStoreException>(() => _store.Size(Key));
        Assert.Contains("ARTIFACTSTORE_S3_ROLE_ARN", failure.Message);
        Assert.Contains("InvalidIdentityToken", failure.Message);
        Assert.DoesNotContain(_service.Keys.Secret, failure.Message);
        Assert.DoesNotContain("first-identity-token", failure.Message);
        Assert.Equal(failure.Message, (await _store.Health()).Reason);
        _service.Refusal = null;
        _service.Keys = await Lease();
        Assert.True((await _store.Health()).Healthy);
    }

    [Fact]
    public async Task A_token_file_that_is_gone_and_a_service_that_is_gone_are_told()
    {
        File.Delete(_tokenFile);
        var failure = await Assert.ThrowsAsync<BlobStoreException>(() => _store.Size(Key));
        Assert.Equal($"ARTIFACTSTORE_S3_WEB_IDENTITY_TOKEN_FILE names {_tokenFile}, which cannot be read.", failure.Message);
        await File.WriteAllTextAsync(_tokenFile, "token");
        await _service.DisposeAsync();
        failure = await Assert.ThrowsAsync<BlobStoreException>(() => _store.Size(Key));
        Assert.Contains("ARTIFACTSTORE_S3_STS_ENDPOINT_URL", failure.Message);
    }

    private async Task<(string, string, string, DateTimeOffset)> Lease()
    {
        var keys = await RgwRoles.ShortLivedKeys(await RgwServer.Shared());
        return (keys.AccessKeyId, keys.SecretAccessKey, keys.SessionToken, _time.GetUtcNow() + Life);
    }
}
