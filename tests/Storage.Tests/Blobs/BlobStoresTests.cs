using ArtifactStore.Interfaces.Ids;
using ArtifactStore.Storage.Blobs;
using ArtifactStore.Storage.Blobs.Local;

namespace ArtifactStore.Storage.Tests.Blobs;

public sealed class BlobStoresTests
{
    private static readonly LocalBlobStore Local = new(BackendId.Local, "/nowhere/local", LocalBlobStoreTests.Here);
    private static readonly LocalBlobStore S3 = new(new BackendId("s3"), "/nowhere/s3", LocalBlobStoreTests.Here);

    [Theory]
    [InlineData("", "any", "transient", "local")]
    [InlineData("guide-board:release-evidence=s3,*:*=local", "guide-board", "release-evidence", "s3")]
    [InlineData("guide-board:release-evidence=s3,*:*=local", "guide-board", "transient", "local")]
    [InlineData("guide-board:release-evidence=s3", "other", "release-evidence", "local")]
    [InlineData("*:release-evidence=s3", "other", "release-evidence", "s3")]
    [InlineData("guide-board:*=s3", "guide-board", "transient", "s3")]
    [InlineData("*:*=s3,guide-board:transient=local", "guide-board", "transient", "s3")]
    [InlineData("a:transient=local,a:*=s3", "a", "transient", "local")]
    [InlineData(" a : transient = s3 , ", "a", "transient", "s3")]
    [InlineData("ci:linux=x64:transient=s3", "ci:linux=x64", "transient", "s3")]
    public void C12_C13_the_first_route_that_fits_wins_else_the_default(string routes, string producer, string retentionClass, string expected)
    {
        var stores = new BlobStores([Local, S3], BackendId.Local, BlobRoutes.Parse(routes));
        Assert.Equal(expected, stores.Route(producer, retentionClass).Value);
        Assert.Equal(expected, stores.Get(stores.Route(producer, retentionClass)).Id.Value);
    }

    [Theory]
    [InlineData("nonsense")]
    [InlineData("a:b")]
    [InlineData("a=b")]
    [InlineData(":b=local")]
    [InlineData("a:=local")]
    [InlineData("a:b=")]
    public void A_malformed_route_is_named(string routes)
    {
        var refusal = Assert.Throws<FormatException>(() => BlobRoutes.Parse($"*:*=local,{routes}"));
        Assert.Contains($"'{routes}'", refusal.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void C13_a_backend_that_is_not_configured_is_refused_at_the_start()
    {
        var refusal = Assert.Throws<FormatException>(() => new BlobStores([Local], BackendId.Local, BlobRoutes.Parse("*:*=tape")));
        Assert.Contains("'tape'", refusal.Message, StringComparison.Ordinal);
        refusal = Assert.Throws<FormatException>(() => new BlobStores([Local], S3.Id, BlobRoutes.Parse(null)));
        Assert.Contains("'s3'", refusal.Message, StringComparison.Ordinal);
        Assert.Throws<FormatException>(() => new BlobStores([Local, Local], BackendId.Local, BlobRoutes.Parse(null)));
        Assert.Throws<KeyNotFoundException>(() => new BlobStores([Local], BackendId.Local, BlobRoutes.Parse(null)).Get(S3.Id));
    }
}
