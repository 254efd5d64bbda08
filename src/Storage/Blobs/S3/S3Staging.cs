using System.Collections.Concurrent;
using System.Runtime.ExceptionServices;
using Amazon.S3.Model;
using ArtifactStore.Interfaces.Blobs;
using ArtifactStore.Interfaces.Hashing;
using ArtifactStore.Interfaces.Ids;

namespace ArtifactStore.Storage.Blobs.S3;

/// <summary>
/// Brings bytes in, one pass over the source, hashing as they come:
/// <list type="bullet">
/// <item>up to 1 MiB they stay in memory until they are promoted;</item>
/// <item>what ends within the first part is one put to staging, from memory, so it can be repeated;</item>
/// <item>what was announced as longer than a part, but not above the threshold, is one put that streams: the first part from memory, the
/// rest from the source. It cannot be repeated, because the source cannot;</item>
/// <item>everything else goes out in parts, a bounded number at once.</item>
/// </list>
/// Memory per upload is the parts in flight and the one being filled, whatever the size.
/// </summary>
internal sealed class S3Staging(S3Endpoint endpoint)
{
    /// <summary>Up to this size bytes wait in memory for their promotion.</summary>
    public const int MaxMemoryBytes = 1024 * 1024;

    private const int SmallestBufferBytes = 16 * 1024;
    private static readonly TimeSpan DropTime = TimeSpan.FromSeconds(10);

    private readonly ConcurrentDictionary<string, byte> _live = new(StringComparer.Ordinal);

    public bool IsLive(string name) => _live.ContainsKey(name);

    public void Keep(string name) => _live.TryAdd(name, 0);

    public void Release(string name) => _live.TryRemove(name, out _);

    public async Task<IStagedBlob> Stage(AttemptId attempt, Stream source, long? sizeHint, CancellationToken cancellation)
    {
        var part = PartBytes(sizeHint);
        var buffer = new RentedBuffer((int)Math.Clamp((sizeHint ?? 0) + 1, SmallestBufferBytes, MaxMemoryBytes + 1));
        try
        {
            var length = 0;
            while (true)
            {
                var room = Math.Min(buffer.Bytes.Length, part);
                length += await source.ReadAtLeastAsync(
                    buffer.Bytes.AsMemory(length, room - length), room - length, throwOnEndOfStream: false, cancellation);
                if (length < room || room == part) break;
                buffer = Grown(buffer, length, part);
            }
            if (length < part && length <= MaxMemoryBytes)
            {
                var bytes = buffer.Bytes.AsSpan(0, length).ToArray();
                return new S3MemoryStage(this, attempt, ContentHasher.Hash(bytes), bytes);
            }
            var body = new S3Body(source, new TwoLaneHasher(new ContentHasher()));
            await body.Hash(buffer.Bytes.AsMemory(0, length));
            return await StageLarge(attempt, body, buffer, length, part, sizeHint, cancellation);
        }
        finally
        {
            buffer.Dispose();
        }
    }

    /// <summary>Removes the staged object, if it can; what it cannot remove now, a sweep does later.</summary>
    public async ValueTask Drop(AttemptId attempt)
    {
        var name = endpoint.Keys.StageOf(attempt);
        using var limit = new CancellationTokenSource(DropTime);
        try
        {
            await endpoint.Delete(name, limit.Token);
        }
        catch (Exception failure) when (failure is BlobStoreException or OperationCanceledException)
        {
            // Dropping comes after the outcome; it must not change it.
        }
        finally
        {
            Release(name);
        }
    }

    private async Task<IStagedBlob> StageLarge(
        AttemptId attempt, S3Body body, RentedBuffer first, int length, int part, long? sizeHint, CancellationToken cancellation)
    {
        var name = endpoint.Keys.StageOf(attempt);
        if (!_live.TryAdd(name, 0))
            throw new InvalidOperationException($"The attempt {attempt} is staging already: attempts are never reused.");
        try
        {
            var threshold = endpoint.Options.MultipartThresholdBytes;
            if (length < part && length <= threshold) await PutBuffer(name, first.Bytes, length, cancellation);
            else if (length == part && sizeHint > length && sizeHint <= threshold)
                await PutStreaming(name, first.Bytes.AsMemory(0, length), body, sizeHint.Value, cancellation);
            else await PutParts(name, first, length, body, part, threshold, cancellation);
            return new S3ObjectStage(this, attempt, body.Finish());
        }
        catch
        {
            await Drop(attempt);
            throw;
        }
    }

    private Task<PutObjectResponse> PutBuffer(string name, byte[] bytes, int length, CancellationToken cancellation) => endpoint.Call(
        "stage an object",
        async (_, token) =>
        {
            using var stream = new MemoryStream(bytes, 0, length, writable: false);
            return await endpoint.Client.PutObjectAsync(Put(name, stream), token);
        },
        length,
        cancellation);

    private async Task PutStreaming(string name, ReadOnlyMemory<byte> first, S3Body body, long announced, CancellationToken cancellation)
    {
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        await using var stream = new S3BodyStream(first, body, announced, patience, endpoint.Options.AttemptTime);
        var request = Put(name, stream);
        request.Headers.ContentLength = announced;
        try
        {
            await endpoint.Once(
                "stage an object",
                async token =>
                {
                    await endpoint.Client.PutObjectAsync(request, patience.Token);
                    return true;
                },
                cancellation);
        }
        catch (Exception) when (stream.SourceFailure is not null)
        {
            ExceptionDispatchInfo.Throw(stream.SourceFailure);
        }
        await stream.RequireEnd(cancellation);
    }

    private async Task PutParts(
        string name, RentedBuffer first, int length, S3Body body, int part, long threshold, CancellationToken cancellation)
    {
        var next = new RentedBuffer(part);
        try
        {
            var more = length == part ? await body.Fill(next.Bytes.AsMemory(0, part), cancellation) : 0;
            if (more == 0 && length <= threshold)
            {
                await PutBuffer(name, first.Bytes, length, cancellation);
                return;
            }
            await using var upload = await S3PartsUpload.Begin(endpoint, name, _ => { }, cancellation);
            await upload.Put(first, length, cancellation);
            while (more > 0)
            {
                await upload.Put(next, more, cancellation);
                next = new RentedBuffer(part);
                more = await body.Fill(next.Bytes.AsMemory(0, part), cancellation);
            }
            await upload.Complete(cancellation);
        }
        finally
        {
            next.Dispose();
        }
    }

    private PutObjectRequest Put(string name, Stream stream)
    {
        var request = new PutObjectRequest { BucketName = endpoint.Bucket, Key = name, InputStream = stream, AutoCloseStream = false };
        endpoint.Dress(request);
        return request;
    }

    /// <summary>Larger than configured only where the announced size would need more parts than the protocol has.</summary>
    private int PartBytes(long? sizeHint)
    {
        const int mebibyte = 1024 * 1024;
        var needed = ((sizeHint ?? 0) / S3PartsUpload.MaxParts / mebibyte + 1) * mebibyte;
        return (int)Math.Min(Math.Max(endpoint.Options.MultipartChunkBytes, needed), S3Options.MaxMultipartChunkBytes);
    }

    private static RentedBuffer Grown(RentedBuffer buffer, int length, int part)
    {
        // Up to the size that stays in memory in steps; beyond it, this is a large body's first part.
        var wanted = length > MaxMemoryBytes ? part : Math.Min(length * 4, MaxMemoryBytes + 1);
        var grown = new RentedBuffer(Math.Min(wanted, part));
        buffer.Bytes.AsSpan(0, length).CopyTo(grown.Bytes);
        buffer.Dispose();
        return grown;
    }
}
