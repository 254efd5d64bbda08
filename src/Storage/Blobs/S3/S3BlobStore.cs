using System.Net;
using System.Runtime.CompilerServices;
using Amazon.S3;
using Amazon.S3.Model;
using ArtifactStore.Interfaces.Blobs;
using ArtifactStore.Interfaces.Ids;

namespace ArtifactStore.Storage.Blobs.S3;

/// <summary>
/// The <c>s3</c> backend: objects in one bucket of any endpoint that speaks the protocol, below one prefix. Names and what a failure leaves at
/// each step are in <c>docs/formats/blobs.md</c>. There are no branches for vendors: what an endpoint can do is found out by asking it.
/// </summary>
public sealed class S3BlobStore : IBlobStore, IDisposable
{
    private const int PageSize = 1000;
    private static readonly TimeSpan HealthTime = TimeSpan.FromSeconds(5);

    private readonly S3Endpoint _endpoint;
    private readonly S3Staging _staging;
    private readonly S3Conditions _conditions;
    private readonly S3Promotion _promotion;
    private readonly TimeProvider _time;

    public S3BlobStore(BackendId id, S3Options options, NodeId node, TimeProvider time)
    {
        Id = id;
        _time = time;
        _endpoint = new S3Endpoint(options, node, time);
        _staging = new S3Staging(_endpoint);
        _conditions = new S3Conditions(_endpoint);
        _promotion = new S3Promotion(_endpoint, _conditions, (key, cancellation) => Open(key, cancellation: cancellation));
    }

    public BackendId Id { get; }

    public Task<IStagedBlob> Stage(AttemptId attempt, Stream source, long? sizeHint, CancellationToken cancellation = default) =>
        _staging.Stage(attempt, source, sizeHint, cancellation);

    public Task Promote(IStagedBlob staged, string key, CancellationToken cancellation = default)
    {
        if (staged is not S3Stage stage || stage.Staging != _staging)
            throw new ArgumentException("Only bytes staged in this backend can be promoted in it.", nameof(staged));
        return _promotion.Run(stage, key, cancellation);
    }

    public async Task<Stream?> Open(string key, long offset = 0, long? length = null, CancellationToken cancellation = default)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(offset);
        if (length is { } wanted) ArgumentOutOfRangeException.ThrowIfNegative(wanted, nameof(length));
        var name = _endpoint.Keys.Of(key);
        // A range of no bytes cannot be asked for.
        if (length == 0) return await _endpoint.Find(name, cancellation) is null ? null : Stream.Null;
        var request = new GetObjectRequest { BucketName = _endpoint.Bucket, Key = name };
        if (offset > 0 || length is not null) request.ByteRange = new ByteRange(offset, LastOf(offset, length));
        return await _endpoint.Call<Stream?>(
            "read an object",
            async token =>
            {
                try
                {
                    var answer = await _endpoint.Client.GetObjectAsync(request, token);
                    return new S3ReadStream(_endpoint, name, answer, offset, answer.ContentLength);
                }
                catch (AmazonS3Exception refusal) when (refusal.StatusCode == HttpStatusCode.RequestedRangeNotSatisfiable)
                {
                    return Stream.Null;
                }
                catch (AmazonS3Exception refusal) when (S3Failure.IsAbsent(refusal))
                {
                    return null;
                }
            },
            cancellation);
    }

    public async Task<long?> Size(string key, CancellationToken cancellation = default) =>
        (await _endpoint.Find(_endpoint.Keys.Of(key), cancellation))?.Size;

    public async Task<bool> Delete(string key, CancellationToken cancellation = default)
    {
        var name = _endpoint.Keys.Of(key);
        // The protocol answers alike whether there was something.
        if (await _endpoint.Find(name, cancellation) is null) return false;
        return await _endpoint.Delete(name, cancellation);
    }

    public async IAsyncEnumerable<BlobListing> List(string? after, [EnumeratorCancellation] CancellationToken cancellation = default)
    {
        // From the last key on, and never by a token of the endpoint's: so a page can be asked for again, by anybody, at any time.
        var last = after is null ? null : _endpoint.Keys.Root + after;
        while (true)
        {
            var page = await _endpoint.List(_endpoint.Keys.Root, last, PageSize, cancellation);
            foreach (var found in page.S3Objects ?? [])
            {
                last = found.Key;
                if (_endpoint.Keys.KeyOf(found.Key) is { } key) yield return new BlobListing(key, found.Size ?? 0);
            }
            if (page.IsTruncated != true) yield break;
        }
    }

    /// <summary>Lists one key: proves the endpoint, the bucket, the keys and the right to list. Says so at once, without trying again.</summary>
    public async Task<BackendHealth> Health(CancellationToken cancellation = default)
    {
        using var limit = new CancellationTokenSource(HealthTime, _time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellation, limit.Token);
        try
        {
            await _endpoint.Examine(either.Token);
            return new BackendHealth(true, null, null, null);
        }
        catch (BlobStoreException failure) when (!cancellation.IsCancellationRequested)
        {
            return new BackendHealth(false, failure.Message, null, null);
        }
    }

    public Task<BackendIdentity> Claim(BackendIdentity identity, bool holdsBytes = false, CancellationToken cancellation = default) =>
        new S3Identity(_endpoint, _conditions).Claim(identity, holdsBytes, cancellation);

    public Task<int> SweepStages(Func<CancellationToken, Task<IReadOnlySet<NodeId>>> living, CancellationToken cancellation = default) =>
        new S3Sweep(_endpoint, _staging, _time).Run(living, cancellation);

    public void Dispose() => _endpoint.Dispose();

    private static long LastOf(long offset, long? length) =>
        length is { } wanted && wanted <= long.MaxValue - offset ? offset + wanted - 1 : long.MaxValue;
}
