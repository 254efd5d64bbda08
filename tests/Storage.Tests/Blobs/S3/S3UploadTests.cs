using ArtifactStore.Conformance.Blobs;
using ArtifactStore.Conformance.Servers;
using ArtifactStore.Interfaces.Blobs;
using ArtifactStore.Interfaces.Ids;
using ArtifactStore.Storage.Blobs.S3;

namespace ArtifactStore.Storage.Tests.Blobs.S3;

/// <summary>Which requests an upload is made of, what it carries, what it costs in memory, and what is swept of those that ended.</summary>
public sealed class S3UploadTests : IAsyncLifetime
{
    private const string Key = "blake3/ab/cd/abcd";
    private const int Mebibyte = 1024 * 1024;

    private S3Bucket _bucket = null!;
    private FaultProxy _proxy = null!;

    public async ValueTask InitializeAsync()
    {
        _bucket = await S3Bucket.Create();
        _proxy = new FaultProxy(_bucket.Endpoint);
    }

    public async ValueTask DisposeAsync()
    {
        if (_proxy is not null) await _proxy.DisposeAsync();
        if (_bucket is not null) await _bucket.DisposeAsync();
    }

    [Theory]
    [InlineData(1 * Mebibyte, true, 0)]
    [InlineData(1 * Mebibyte + 1, true, 0)]
    [InlineData(8 * Mebibyte, true, 0)]
    [InlineData(8 * Mebibyte, false, 0)]
    [InlineData(8 * Mebibyte + 1, true, 0)]
    [InlineData(16 * Mebibyte, true, 0)]
    [InlineData(16 * Mebibyte + 1, true, 3)]
    [InlineData(16 * Mebibyte + 1, false, 3)]
    [InlineData(24 * Mebibyte, true, 3)]
    public async Task C22_C23_up_to_the_threshold_one_put_above_it_parts_of_the_chunk(int size, bool announced, int parts)
    {
        var store = _bucket.Store(Options() with { MultipartThresholdBytes = 16 * Mebibyte, MultipartChunkBytes = 8 * Mebibyte });
        var bytes = await Put(store, size, announced);
        Assert.Equal(parts, _proxy.Requests.Count(request => request.IsPart));
        Assert.Equal(size > Mebibyte && parts == 0 ? 1 : 0, _proxy.Requests.Count(request => request.IsPut && request.IsAbout("/.staging/") && !request.IsAbout("condition-")));
        Assert.Equal(size > Mebibyte ? 1 : 0, _proxy.Requests.Count(request => request.IsCopy));
        await using var stream = (await _bucket.Store().Open(Key))!;
        using var copy = new MemoryStream();
        await stream.CopyToAsync(copy);
        Assert.Equal(bytes, copy.ToArray());
    }

    [Fact]
    public async Task A_small_body_is_one_request_once_the_endpoint_is_known()
    {
        var store = _bucket.Store(Options());
        await Put(store, 4096, announced: true, "blake3/00/00/first");
        _proxy.Requests.Clear();
        await Put(store, 4096, announced: true);
        var only = Assert.Single(_proxy.Requests);
        Assert.True(only.IsPut && only.IsAbout(Key));
        Assert.Equal("*", only.Headers["if-none-match"]);
        // One round trip: the body goes with its headers.
        Assert.DoesNotContain("expect", only.Headers.Keys);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task An_endpoint_that_does_not_heed_conditions_is_asked_before_every_write(bool refuses)
    {
        // What an older endpoint does: it refuses whatever carries the header, or takes the second put of the question as well.
        _proxy.Rule = request => !request.Headers.ContainsKey("if-none-match") ? new Fault.None()
            : refuses ? new Fault.Answer(501, "NotImplemented")
            : request.IsAbout("condition-") ? new Fault.Answer(200, "None") : new Fault.None();
        var store = _bucket.Store(Options());
        await store.Claim(new BackendIdentity(S3Bucket.NextId(), 1));
        await Put(store, 1000, announced: true);
        await Put(store, 3 * Mebibyte, announced: true, Key + "-large");
        var other = await store.Stage(new AttemptId(S3Bucket.NextId()), new MemoryStream(Sources.Bytes(1000, seed: 9)), null);
        var refusal = await Assert.ThrowsAsync<BlobStoreException>(() => store.Promote(other, Key));
        Assert.Equal(BlobFailure.KeyOccupied, refusal.Failure);
        Assert.Equal(3, (await _bucket.Names()).Count);
        var asked = _proxy.Requests.Where(request => request.Target.EndsWith(Key, StringComparison.Ordinal)).Select(request => request.Method).First();
        Assert.Equal("HEAD", asked);
    }

    [Theory]
    [InlineData(1000)]
    [InlineData(3 * Mebibyte)]
    [InlineData(17 * Mebibyte)]
    public async Task C20_C21_storage_class_and_encryption_go_with_every_write(int size)
    {
        var store = _bucket.Store(Options() with
        {
            StorageClass = "STANDARD",
            ServerSideEncryption = "AES256",
            MultipartThresholdBytes = 8 * Mebibyte,
            RetryTime = TimeSpan.Zero,
        });
        // Ceph RGW 16 has no AES256 of its own and refuses it; what is sent is what counts here.
        await Record.ExceptionAsync(() => Put(store, size, announced: true));
        var writes = _proxy.Requests.Where(request => request.IsPut || request.IsCopy || (request.Method == "POST" && request.IsAbout("?uploads"))).ToList();
        Assert.NotEmpty(writes);
        foreach (var write in writes)
        {
            Assert.Equal("STANDARD", write.Headers["x-amz-storage-class"]);
            Assert.Equal("AES256", write.Headers["x-amz-server-side-encryption"]);
        }
    }

    [Theory]
    [InlineData(1000)]
    [InlineData(3 * Mebibyte)]
    [InlineData(17 * Mebibyte)]
    public async Task C20_the_storage_class_is_that_of_the_object(int size)
    {
        await Put(_bucket.Store(Options() with { StorageClass = "STANDARD", MultipartThresholdBytes = 8 * Mebibyte }), size, announced: true);
        var found = await _bucket.Client.GetObjectMetadataAsync(_bucket.Name, $"{S3Bucket.Prefix}/{Key}");
        Assert.True(found.StorageClass is null || found.StorageClass == "STANDARD", found.StorageClass);
        Assert.Equal(64, found.Metadata["x-amz-meta-blake3"].Length);
        Assert.Equal(64, found.Metadata["x-amz-meta-sha256"].Length);
    }

    [Fact]
    public async Task C15_the_signature_names_the_region()
    {
        await Put(_bucket.Store(Options() with { Region = "eu-test-7" }), 10, announced: true);
        Assert.All(_proxy.Requests, request => Assert.Contains("/eu-test-7/s3/aws4_request", request.Headers["authorization"]));
    }

    [Fact]
    public async Task A_sweep_ends_what_dead_attempts_left_and_spares_what_is_alive()
    {
        var dead = new NodeId(S3Bucket.NextId());
        var store = _bucket.Store();
        var left = $"{S3Bucket.Prefix}/.staging/{dead}/{new AttemptId(S3Bucket.NextId())}";
        await _bucket.Client.PutObjectAsync(new() { BucketName = _bucket.Name, Key = left, ContentBody = "left", UseChunkEncoding = false });
        var upload = await _bucket.Client.InitiateMultipartUploadAsync(_bucket.Name, left + "-in-parts");
        await _bucket.Client.UploadPartAsync(new()
        {
            BucketName = _bucket.Name,
            Key = left + "-in-parts",
            UploadId = upload.UploadId,
            PartNumber = 1,
            InputStream = new MemoryStream(new byte[1000]),
        });
        var foreign = await _bucket.Client.InitiateMultipartUploadAsync(_bucket.Name, "another/prefix");
        await using var alive = await store.Stage(new AttemptId(S3Bucket.NextId()), new MemoryStream(Sources.Bytes(3 * Mebibyte)), null);

        Assert.Equal(0, await store.SweepStages(_ => Task.FromResult<IReadOnlySet<NodeId>>(new HashSet<NodeId> { dead })));
        Assert.Equal(2, await store.SweepStages(_ => Task.FromResult<IReadOnlySet<NodeId>>(new HashSet<NodeId>())));

        Assert.Equal([foreign.UploadId], (await _bucket.Uploads()).Select(found => found.UploadId));
        await store.Promote(alive, Key);
        Assert.Equal(3 * Mebibyte, await store.Size(Key));
    }

    [Fact]
    public async Task A_key_with_bytes_of_somebody_who_noted_no_digest_is_read_to_compare()
    {
        var bytes = Sources.Bytes(200_000);
        var name = $"{S3Bucket.Prefix}/{Key}";
        await _bucket.Client.PutObjectAsync(new() { BucketName = _bucket.Name, Key = name, InputStream = new MemoryStream(bytes), UseChunkEncoding = false });
        var store = _bucket.Store();
        await using var same = await store.Stage(new AttemptId(S3Bucket.NextId()), new MemoryStream(bytes), null);
        await store.Promote(same, Key);
        bytes[^1] ^= 1;
        await using var other = await store.Stage(new AttemptId(S3Bucket.NextId()), new MemoryStream(bytes), null);
        var refusal = await Assert.ThrowsAsync<BlobStoreException>(() => store.Promote(other, Key));
        Assert.Equal(BlobFailure.KeyOccupied, refusal.Failure);
    }

    [Fact]
    public async Task Listing_goes_over_more_than_one_page()
    {
        var store = _bucket.Store();
        await using var staged = await store.Stage(new AttemptId(S3Bucket.NextId()), new MemoryStream([1]), 1);
        var expected = Enumerable.Range(0, 1203).Select(number => $"blake3/{number:x4}").ToList();
        await Parallel.ForEachAsync(expected, new ParallelOptions { MaxDegreeOfParallelism = 16 }, async (key, token) => await store.Promote(staged, key, token));
        var listed = new List<string>();
        await foreach (var found in store.List(null)) listed.Add(found.Key);
        Assert.Equal(expected, listed);
    }

    private S3Options Options() => _bucket.Options() with { Endpoint = _proxy.Endpoint };

    private static async Task<byte[]> Put(S3BlobStore store, int size, bool announced, string key = Key)
    {
        var bytes = Sources.Bytes(size);
        await using var staged = await store.Stage(new AttemptId(S3Bucket.NextId()), new MemoryStream(bytes), announced ? size : null);
        await store.Promote(staged, key);
        return bytes;
    }
}
