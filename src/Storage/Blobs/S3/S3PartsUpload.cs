using Amazon.S3;
using Amazon.S3.Model;
using ArtifactStore.Interfaces.Blobs;

namespace ArtifactStore.Storage.Blobs.S3;

/// <summary>
/// One multipart upload. Parts are under way a bounded number at once, each from a buffer of its own that is tried again from memory.
/// Invariant: disposed without having been completed, nothing of it stays; where aborting fails, a sweep does it later.
/// </summary>
internal sealed class S3PartsUpload : IAsyncDisposable
{
    /// <summary>The protocol's own.</summary>
    public const int MaxParts = 10_000;

    private static readonly TimeSpan AbortTime = TimeSpan.FromSeconds(10);

    private readonly S3Endpoint _endpoint;
    private readonly string _name;
    private readonly string _id;
    private readonly SemaphoreSlim _slots;
    private readonly CancellationTokenSource _broken = new();
    private readonly List<Task<PartETag>> _parts = [];
    private long _size;
    private bool _completed;

    private S3PartsUpload(S3Endpoint endpoint, string name, string id)
    {
        _endpoint = endpoint;
        _name = name;
        _id = id;
        _slots = new SemaphoreSlim(endpoint.Options.PartsInFlight);
    }

    public string Id => _id;

    public static async Task<S3PartsUpload> Begin(
        S3Endpoint endpoint, string name, Action<MetadataCollection> describe, CancellationToken cancellation)
    {
        // A beginning whose answer is lost leaves an empty upload behind, which costs nothing and is swept.
        var begun = await endpoint.Call(
            "begin a multipart upload",
            token =>
            {
                var request = new InitiateMultipartUploadRequest { BucketName = endpoint.Bucket, Key = name };
                endpoint.Dress(request);
                describe(request.Metadata);
                return endpoint.Client.InitiateMultipartUploadAsync(request, token);
            },
            cancellation);
        return new S3PartsUpload(endpoint, name, begun.UploadId);
    }

    /// <summary>Sends one part; returns when there is room for the next. The buffer belongs to the upload from now on, whatever happens.</summary>
    public async Task Put(RentedBuffer buffer, int length, CancellationToken cancellation)
    {
        try
        {
            await Room(cancellation);
        }
        catch
        {
            buffer.Dispose();
            throw;
        }
        _size += length;
        _parts.Add(InSlot(_parts.Count + 1, number => PutPart(number, buffer.Bytes, length, cancellation), buffer));
    }

    /// <summary>Makes one part of a range of another object, inside the endpoint.</summary>
    public async Task Copy(string source, long offset, long length, CancellationToken cancellation)
    {
        await Room(cancellation);
        _size += length;
        _parts.Add(InSlot(_parts.Count + 1, number => CopyPart(number, source, offset, length, cancellation), buffer: null));
    }

    /// <summary>
    /// Makes the parts one object. Its name is written by this upload alone, so a completion whose answer got lost is found under it.
    /// </summary>
    public async Task Complete(CancellationToken cancellation)
    {
        var parts = (await Task.WhenAll(_parts)).ToList();
        await _endpoint.Call(
            "complete a multipart upload",
            async (round, token) =>
            {
                if (round > 0 && (await _endpoint.Find(_name, token, certain: false))?.Size == _size) return true;
                var request = new CompleteMultipartUploadRequest { BucketName = _endpoint.Bucket, Key = _name, UploadId = _id, PartETags = parts };
                await _endpoint.Client.CompleteMultipartUploadAsync(request, token);
                return true;
            },
            // The endpoint may put the parts together before it answers.
            _size / 64,
            cancellation);
        _completed = true;
    }

    public async ValueTask DisposeAsync()
    {
        await _broken.CancelAsync();
        foreach (var part in _parts) await ((Task)part).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        _broken.Dispose();
        _slots.Dispose();
        if (_completed) return;
        using var limit = new CancellationTokenSource(AbortTime);
        await Abort(_endpoint, _name, _id, limit.Token);
    }

    /// <summary>True when the upload is gone; false when that could not be brought about now.</summary>
    public static async Task<bool> Abort(S3Endpoint endpoint, string name, string id, CancellationToken cancellation)
    {
        try
        {
            return await endpoint.Call(
                "abort a multipart upload",
                async token =>
                {
                    var request = new AbortMultipartUploadRequest { BucketName = endpoint.Bucket, Key = name, UploadId = id };
                    try
                    {
                        await endpoint.Client.AbortMultipartUploadAsync(request, token);
                    }
                    catch (AmazonS3Exception answer) when (answer.ErrorCode == "NoSuchUpload")
                    {
                        // It was completed or aborted before.
                    }
                    return true;
                },
                cancellation);
        }
        catch (Exception failure) when (failure is BlobStoreException or OperationCanceledException)
        {
            return false;
        }
    }

    private async Task Room(CancellationToken cancellation)
    {
        if (_parts.Count == MaxParts)
        {
            throw new BlobStoreException(
                BlobFailure.Full,
                $"A body of unknown length needs more than {MaxParts} parts: announce its length or raise ARTIFACTSTORE_S3_MULTIPART_CHUNK_BYTES.");
        }
        await _slots.WaitAsync(cancellation);
        // A part that failed for good ends the upload now, not when the source ends.
        if (_parts.Find(part => part.IsFaulted || part.IsCanceled) is not { } failed) return;
        _slots.Release();
        await failed;
    }

    private async Task<PartETag> InSlot(int number, Func<int, Task<PartETag>> work, RentedBuffer? buffer)
    {
        try
        {
            return await work(number);
        }
        finally
        {
            buffer?.Dispose();
            _slots.Release();
        }
    }

    private async Task<PartETag> PutPart(int number, byte[] bytes, int length, CancellationToken cancellation)
    {
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellation, _broken.Token);
        var put = await _endpoint.Call(
            "put a part",
            async (_, token) =>
            {
                using var stream = new MemoryStream(bytes, 0, length, writable: false);
                var request = new UploadPartRequest
                {
                    BucketName = _endpoint.Bucket,
                    Key = _name,
                    UploadId = _id,
                    PartNumber = number,
                    PartSize = length,
                    InputStream = stream,
                };
                _endpoint.Dress(request);
                return await _endpoint.Client.UploadPartAsync(request, token);
            },
            length,
            either.Token);
        return new PartETag(number, put.ETag);
    }

    private async Task<PartETag> CopyPart(int number, string source, long offset, long length, CancellationToken cancellation)
    {
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellation, _broken.Token);
        var copied = await _endpoint.Call(
            "copy a part",
            (_, token) => _endpoint.Client.CopyPartAsync(
                new CopyPartRequest
                {
                    SourceBucket = _endpoint.Bucket,
                    SourceKey = source,
                    DestinationBucket = _endpoint.Bucket,
                    DestinationKey = _name,
                    UploadId = _id,
                    PartNumber = number,
                    FirstByte = offset,
                    LastByte = offset + length - 1,
                },
                token),
            length,
            either.Token);
        return new PartETag(number, copied.ETag);
    }
}
