using ArtifactStore.Conformance.Blobs;
using ArtifactStore.Conformance.Servers;
using ArtifactStore.Interfaces.Blobs;
using ArtifactStore.Interfaces.Ids;
using ArtifactStore.Storage.Blobs.S3;

namespace ArtifactStore.Storage.Tests.Blobs.S3;

/// <summary>A Ceph RGW that is killed with -9 while it works, and comes back.</summary>
public sealed class S3KilledTests
{
    private const string Key = "blake3/ab/cd/abcd";

    [Theory]
    [InlineData("put", 300_000)]
    [InlineData("put", 6_000_000)]
    [InlineData("part", 30_000_000)]
    [InlineData("completion", 30_000_000)]
    [InlineData("copy", 30_000_000)]
    public async Task A_gateway_killed_in_the_middle_of_a_write_is_waited_for_and_the_object_is_whole(string what, int size)
    {
        await using var server = await RgwServer.StartNew();
        await using var bucket = await S3Bucket.Create(server);
        await using var proxy = new FaultProxy(server.Endpoint);
        var store = bucket.Store(bucket.Options() with { Endpoint = proxy.Endpoint, MultipartThresholdBytes = 8 * 1024 * 1024 });
        async Task KillAndRestart()
        {
            await server.Kill();
            await server.Start();
        }
        var killed = what is "put" or "part"
            ? proxy.Once(
                request => (what == "put" ? request.IsPut : request.IsPart) && !request.IsAbout("condition-"),
                new Fault.HalfWay(150_000, KillAndRestart))
            : proxy.Once(request => what == "copy" ? request.IsCopy : request.IsCompletion, new Fault.WhileItWorks(KillAndRestart));

        var bytes = Sources.Bytes(size);
        await using (var staged = await store.Stage(new AttemptId(S3Bucket.NextId()), new MemoryStream(bytes), size))
        {
            await store.Promote(staged, Key);
        }

        Assert.True(killed());
        await using var stream = (await store.Open(Key))!;
        using var copy = new MemoryStream();
        await stream.CopyToAsync(copy);
        Assert.Equal(bytes, copy.ToArray());
        await store.SweepStages(_ => Task.FromResult<IReadOnlySet<NodeId>>(new HashSet<NodeId>()));
        Assert.Equal(0, await bucket.LeftInStaging());
        Assert.Equal([$"{S3Bucket.Prefix}/{Key}"], await bucket.Names());
    }

    [Fact]
    public async Task A_gateway_that_stays_away_is_told_and_the_key_stays_free()
    {
        await using var server = await RgwServer.StartNew();
        await using var bucket = await S3Bucket.Create(server);
        var store = bucket.Store(bucket.Options() with { RetryTime = TimeSpan.FromSeconds(1) });
        await using var staged = await store.Stage(new AttemptId(S3Bucket.NextId()), new MemoryStream(Sources.Bytes(6_000_000)), null);
        await server.Kill();
        var failure = await Assert.ThrowsAsync<BlobStoreException>(() => store.Promote(staged, Key));
        Assert.Equal(BlobFailure.Unavailable, failure.Failure);
        Assert.Contains("ARTIFACTSTORE_S3_ENDPOINT_URL", failure.Message);
        var health = await store.Health();
        Assert.False(health.Healthy);
        Assert.Contains("ARTIFACTSTORE_S3_ENDPOINT_URL", health.Reason);

        await server.Start();
        Assert.Null(await store.Size(Key));
        await store.Promote(staged, Key);
        Assert.Equal(6_000_000, await store.Size(Key));
        Assert.True((await store.Health()).Healthy);
    }
}
