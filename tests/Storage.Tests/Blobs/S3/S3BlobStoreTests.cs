using ArtifactStore.Conformance.Blobs;
using ArtifactStore.Interfaces.Blobs;
using ArtifactStore.Interfaces.Ids;
using ArtifactStore.Storage.Blobs.S3;

namespace ArtifactStore.Storage.Tests.Blobs.S3;

/// <summary>The page every backend keeps, on a real Ceph RGW.</summary>
public class S3BlobStoreTests : BlobStoreSuite
{
    private protected S3Bucket Bucket { get; private set; } = null!;

    private protected virtual S3Options Options => Bucket.Options();

    public override async ValueTask InitializeAsync()
    {
        Bucket = await S3Bucket.Create();
        await base.InitializeAsync();
    }

    protected override int StagedBytes => 3 * 1024 * 1024;

    protected override IBlobStore OpenStore(NodeId node) => Bucket.Store(Options, node);

    protected override Task<int> LeftInStaging() => Bucket.LeftInStaging();

    public override async ValueTask DisposeAsync()
    {
        if (Bucket is not null) await Bucket.DisposeAsync();
        GC.SuppressFinalize(this);
    }
}

/// <summary>
/// Everything above 1 MiB goes out in parts and is copied in parts, and the bucket has no prefix: the same page.
/// </summary>
public sealed class S3BlobStoreInPartsTests : S3BlobStoreTests
{
    private protected override S3Options Options => Bucket.Options() with
    {
        KeyPrefix = "",
        MultipartThresholdBytes = 0,
        MultipartChunkBytes = S3Options.MinMultipartChunkBytes,
        MaxSingleCopyBytes = S3Options.MinMultipartChunkBytes,
        CopyPartBytes = S3Options.MinMultipartChunkBytes,
    };

    protected override async Task<int> LeftInStaging()
    {
        var found = await Bucket.Client.ListObjectsV2Async(new() { BucketName = Bucket.Name, Prefix = ".staging/" });
        return (found.S3Objects?.Count ?? 0) + (await Bucket.Uploads()).Count;
    }
}
