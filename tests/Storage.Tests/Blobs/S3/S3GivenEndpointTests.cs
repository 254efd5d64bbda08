using Amazon.S3;
using ArtifactStore.Conformance.Blobs;
using ArtifactStore.Interfaces.Blobs;
using ArtifactStore.Interfaces.Ids;
using ArtifactStore.Storage.Blobs.S3;

namespace ArtifactStore.Storage.Tests.Blobs.S3;

/// <summary>
/// The page every backend keeps, on the endpoint that <c>ARTIFACTSTORE_MINIO_*</c> name: MinIO, or any other. The bucket must exist; every
/// test works below a prefix of its own and leaves nothing there. Skipped where the variables are not set.
/// </summary>
[Trait("Needs", "endpoint")]
public sealed class S3GivenEndpointTests : BlobStoreSuite
{
    private readonly List<S3BlobStore> _stores = [];
    private S3Options _options = null!;
    private AmazonS3Client _client = null!;

    public override async ValueTask InitializeAsync()
    {
        string? Variable(string name) => Environment.GetEnvironmentVariable($"ARTIFACTSTORE_MINIO_{name}") is { Length: > 0 } value ? value : null;
        var missing = new[] { "ENDPOINT_URL", "BUCKET", "ACCESS_KEY", "SECRET_KEY" }.Where(name => Variable(name) is null).ToList();
        if (missing.Count > 0) Assert.Skip($"ARTIFACTSTORE_MINIO_{missing[0]} is not set");
        _options = new S3Options
        {
            Endpoint = new Uri(Variable("ENDPOINT_URL")!),
            Region = Variable("REGION") ?? "us-east-1",
            Bucket = Variable("BUCKET")!,
            KeyPrefix = $"{Variable("KEY_PREFIX") ?? "artifactstore-tests"}/{S3Bucket.NextId():N}",
            Credentials = S3Bucket.Keys(Variable("ACCESS_KEY")!, Variable("SECRET_KEY")!),
            MultipartThresholdBytes = 8 * 1024 * 1024,
        };
        _client = S3Bucket.ClientOf(_options.Endpoint, Variable("ACCESS_KEY")!, Variable("SECRET_KEY")!);
        await base.InitializeAsync();
    }

    [Theory]
    [InlineData(1000)]
    [InlineData(20_000_000)]
    public async Task C25_the_endpoint_that_the_variables_name_takes_and_gives_bytes(int size)
    {
        var bytes = Sources.Bytes(size);
        await Put("blake3/aa/bb/aabb", bytes);
        Assert.Equal(bytes[100..200], await Read("blake3/aa/bb/aabb", 100, 100));
        Assert.Equal(bytes, await Read("blake3/aa/bb/aabb"));
    }

    protected override int StagedBytes => 3 * 1024 * 1024;

    protected override IBlobStore OpenStore(NodeId node)
    {
        var store = new S3BlobStore(new BackendId("s3"), _options, node, S3Bucket.Clock);
        _stores.Add(store);
        return store;
    }

    protected override async Task<int> LeftInStaging() => (await Names(".staging/")).Count;

    public override async ValueTask DisposeAsync()
    {
        if (_client is null) return;
        foreach (var name in await Names("")) await _client.DeleteObjectAsync(_options.Bucket, name);
        foreach (var store in _stores) store.Dispose();
        _client.Dispose();
    }

    private async Task<List<string>> Names(string below)
    {
        var page = await _client.ListObjectsV2Async(new() { BucketName = _options.Bucket, Prefix = $"{_options.KeyPrefix}/{below}" });
        return [.. (page.S3Objects ?? []).Select(found => found.Key)];
    }
}
