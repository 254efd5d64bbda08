using ArtifactStore.Conformance.Blobs;
using ArtifactStore.Conformance.Servers;
using ArtifactStore.Interfaces.Blobs;
using ArtifactStore.Interfaces.Ids;
using ArtifactStore.Storage.Blobs.S3;

namespace ArtifactStore.Storage.Tests.Blobs.S3;

/// <summary>
/// What the network and the endpoint do to a write or a read in progress. Whatever it is, the outcome is the whole object or a failure that
/// left the key alone, nothing under a key is ever deleted, and no staged byte stays.
/// </summary>
public sealed class S3FaultTests : IAsyncLifetime
{
    private const string Key = "blake3/ab/cd/abcd";
    private const int Small = 300_000;
    private const int Large = 6 * 1024 * 1024 + 17;
    private const int Parts = 17 * 1024 * 1024 + 17;

    private S3Bucket _bucket = null!;
    private FaultProxy _proxy = null!;

    public static TheoryData<int> Sizes => [Small, Large, Parts];

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
    [InlineData(500, "InternalError")]
    [InlineData(503, "SlowDown")]
    [InlineData(502, "")]
    [InlineData(429, "TooManyRequests")]
    [InlineData(403, "ExpiredToken")]
    [InlineData(400, "ExpiredToken")]
    public async Task Every_kind_of_request_is_tried_again_after_an_answer_that_may_pass(int status, string code)
    {
        var store = Store();
        var refused = new HashSet<string>(StringComparer.Ordinal);
        _proxy.Rule = request =>
        {
            // HEAD answers have no body and so no code: 403 and 400 there are asked again by GET.
            var kind = $"{request.Method} {request.IsCopy} {request.IsPart} {request.Target.Contains('?', StringComparison.Ordinal)} {request.IsAbout("/.staging/")}";
            lock (refused) return request.Method != "HEAD" && refused.Add(kind) ? new Fault.Answer(status, code) : new Fault.None();
        };
        await store.Claim(new BackendIdentity(S3Bucket.NextId(), 1));
        foreach (var size in new[] { Small, Large, Parts }) await PutAndCompare(store, $"{Key}-{size}", size);
        var listed = new List<string>();
        await foreach (var found in store.List(null)) listed.Add(found.Key);
        Assert.Equal(3, listed.Count);
        Assert.True(await store.Delete($"{Key}-{Small}"));
        Assert.True((await store.Health()).Healthy);
        Assert.True(refused.Count >= 8, string.Join('\n', refused));
        Assert.Equal(0, await _bucket.LeftInStaging());
    }

    [Theory]
    [MemberData(nameof(Sizes))]
    public async Task A_write_whose_answer_is_lost_is_looked_up_and_nothing_is_deleted(int size)
    {
        // Every PUT, copy and completion is done and answered, and the answer is lost, once each.
        var lost = new HashSet<string>(StringComparer.Ordinal);
        _proxy.Rule = request =>
        {
            lock (lost) return request.Method is "PUT" or "POST" && lost.Add($"{request.Method} {request.Target}") ? new Fault.LoseAnswer() : new Fault.None();
        };
        await PutAndCompare(Store(), Key, size);
        Assert.NotEmpty(lost);
        Assert.DoesNotContain(_proxy.Requests, request => request.Method == "DELETE" && !request.IsAbout("/.staging/"));
        Assert.Equal(size, await Store().Size(Key));
    }

    [Theory]
    [MemberData(nameof(Sizes))]
    public async Task A_request_that_the_network_repeats_changes_nothing(int size)
    {
        _proxy.Rule = request => request.Method is "PUT" or "DELETE" || request.IsCompletion ? new Fault.Twice() : new Fault.None();
        var store = Store();
        await PutAndCompare(store, Key, size);
        Assert.True(await store.Delete(Key));
        Assert.Equal(0, await _bucket.LeftInStaging());
    }

    [Theory]
    [MemberData(nameof(Sizes))]
    public async Task A_body_that_is_cut_on_its_way_is_sent_again(int size)
    {
        var cut = _proxy.Once(request => request.Method == "PUT" && !request.IsAbout("condition-"), new Fault.CutRequest(100_000));
        await PutAndCompare(Store(), Key, size);
        Assert.True(cut());
    }

    [Theory]
    [MemberData(nameof(Sizes))]
    public async Task An_endpoint_that_answers_too_late_is_asked_again(int size)
    {
        var store = Store(options => options with { AttemptTime = TimeSpan.FromSeconds(1) });
        var late = _proxy.Once(
            request => request.Method == "PUT" && request.IsAbout(size == Small ? Key : ".staging/") && !request.IsAbout("condition-"),
            new Fault.DelayAnswer(TimeSpan.FromSeconds(60)));
        await PutAndCompare(store, Key, size);
        Assert.True(late());
    }

    [Theory]
    [MemberData(nameof(Sizes))]
    public async Task What_was_done_counts_even_if_no_answer_ever_comes(int size)
    {
        // The last step of each way, every time: only looking can tell that it was done.
        Func<ProxiedRequest, bool> last = size == Small ? request => request.IsPut && request.IsAbout(Key) : request => request.IsCopy || request.IsCompletion;
        _proxy.Rule = request => last(request) ? new Fault.LoseAnswer() : new Fault.None();
        await PutAndCompare(Store(), Key, size);
        Assert.Contains(_proxy.Requests, request => last(request));
        Assert.Equal(0, await _bucket.LeftInStaging());
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(2_000_000)]
    public async Task A_download_that_breaks_goes_on_where_it_stood(int bytes)
    {
        var body = Sources.Bytes(Large);
        await Put(Store(), Key, body);
        var left = 3;
        _proxy.Rule = request => request.Method == "GET" && Interlocked.Decrement(ref left) >= 0 ? new Fault.CutAnswer(bytes) : new Fault.None();
        Assert.Equal(body, await Read(Store(), 0, null));
        Assert.True(left < 0);
        left = 3;
        Assert.Equal(body[5..^7], await Read(Store(), 5, Large - 12));
        // The ranges of what was read already are never asked for again.
        var ranges = _proxy.Requests.Where(request => request.Method == "GET").Select(request => request.Headers.GetValueOrDefault("range")).ToList();
        if (bytes == 2_000_000) Assert.Contains($"bytes=2000005-{Large - 8}", ranges);
    }

    [Theory]
    [InlineData(0, 1)]
    [InlineData(5, 1_000_000)]
    [InlineData(Large - 7, 7)]
    public async Task A_range_is_one_request_for_those_bytes_and_no_more(int offset, int length)
    {
        var body = Sources.Bytes(Large);
        await Put(Store(), Key, body);
        var store = Store();
        _proxy.Requests.Clear();
        Assert.Equal(body[offset..(offset + length)], await Read(store, offset, length));
        var only = Assert.Single(_proxy.Requests);
        Assert.Equal("GET", only.Method);
        Assert.Equal($"bytes={offset}-{offset + length - 1}", only.Headers["range"]);
    }

    [Fact]
    public async Task An_object_that_is_replaced_during_a_download_is_never_mixed()
    {
        var body = Sources.Bytes(Large);
        await Put(Store(), Key, body);
        var other = Sources.Bytes(Large, seed: 2);
        _proxy.Once(request => request.Method == "GET", new Fault.CutAnswer(1_000_000));
        await using var reading = (await Store().Open(Key))!;
        await reading.ReadExactlyAsync(new byte[10]);
        await _bucket.Client.PutObjectAsync(new()
        {
            BucketName = _bucket.Name,
            Key = $"{S3Bucket.Prefix}/{Key}",
            InputStream = new MemoryStream(other),
            UseChunkEncoding = false,
        });
        var failure = await Assert.ThrowsAsync<BlobStoreException>(() => reading.CopyToAsync(Stream.Null));
        Assert.Contains("replaced", failure.Message);
    }

    [Fact]
    public async Task A_source_that_ends_early_in_a_streaming_put_is_told_as_its_own_failure_and_leaves_nothing()
    {
        var store = Store(options => options with { MultipartThresholdBytes = 64 * 1024 * 1024, MultipartChunkBytes = S3Options.MinMultipartChunkBytes });
        await Assert.ThrowsAsync<IOException>(() => store.Stage(NextAttempt(), Sources.CutOff(Sources.Bytes(Parts)), Parts * 2));
        await Assert.ThrowsAsync<EndOfStreamException>(() => store.Stage(NextAttempt(), new MemoryStream(Sources.Bytes(Parts)), Parts + 1));
        await Assert.ThrowsAsync<IOException>(() => store.Stage(NextAttempt(), new MemoryStream(Sources.Bytes(Parts)), Parts - 1));
        Assert.Equal(0, await _bucket.LeftInStaging());
    }

    [Fact]
    public async Task A_source_that_fails_between_parts_leaves_no_upload()
    {
        var source = Sources.CutOffAfter(Sources.Bytes(Parts), () => _proxy.Requests.Any(request => request.IsPart));
        await Assert.ThrowsAsync<IOException>(() => Store().Stage(NextAttempt(), source, null));
        Assert.Empty(await _bucket.Uploads());
        Assert.Equal(0, await _bucket.LeftInStaging());
    }

    [Theory]
    [InlineData(Small)]
    [InlineData(Large)]
    [InlineData(Parts)]
    public async Task An_endpoint_that_goes_on_failing_is_told_in_one_sentence_after_the_time_for_trying(int size)
    {
        _proxy.Rule = request => request.Method is "PUT" or "POST" ? new Fault.Answer(503, "SlowDown") : new Fault.None();
        var store = Store(options => options with { RetryTime = TimeSpan.FromSeconds(1) });
        var failure = await Assert.ThrowsAsync<BlobStoreException>(() => Put(store, Key, Sources.Bytes(size)));
        Assert.Equal(BlobFailure.Unavailable, failure.Failure);
        Assert.Contains("slow down", failure.Message);
        Assert.Contains("ARTIFACTSTORE_S3_ENDPOINT_URL", failure.Message);
        Assert.Equal(0, await _bucket.LeftInStaging());
    }

    private S3BlobStore Store(Func<S3Options, S3Options>? change = null)
    {
        var options = _bucket.Options() with
        {
            Endpoint = _proxy.Endpoint,
            // What ends within a part is sent from memory; above that, up to the threshold, it would stream, and a cut could not be made good.
            MultipartThresholdBytes = 8 * 1024 * 1024,
            MultipartChunkBytes = 8 * 1024 * 1024,
        };
        return _bucket.Store(change?.Invoke(options) ?? options);
    }

    private static AttemptId NextAttempt() => new(S3Bucket.NextId());

    private static async Task Put(S3BlobStore store, string key, byte[] bytes)
    {
        await using var staged = await store.Stage(NextAttempt(), new MemoryStream(bytes), bytes.Length);
        await store.Promote(staged, key);
    }

    private async Task PutAndCompare(S3BlobStore store, string key, int size)
    {
        var bytes = Sources.Bytes(size);
        await Put(store, key, bytes);
        Assert.Equal(bytes, await Read(_bucket.Store(), 0, null, key));
    }

    private static async Task<byte[]> Read(S3BlobStore store, long offset, long? length, string key = Key)
    {
        await using var stream = (await store.Open(key, offset, length))!;
        using var copy = new MemoryStream();
        await stream.CopyToAsync(copy);
        return copy.ToArray();
    }
}
