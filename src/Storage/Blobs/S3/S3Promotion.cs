using System.Net;
using Amazon.S3;
using Amazon.S3.Model;
using ArtifactStore.Interfaces.Blobs;
using ArtifactStore.Interfaces.Hashing;

namespace ArtifactStore.Storage.Blobs.S3;

/// <summary>
/// Gives staged bytes their key: a put of what is in memory, or a copy inside the endpoint. Both appear whole or not at all.
/// <para>
/// A key that is taken is never written again. Whether it is taken is asked first; the condition "only if absent" goes with every write as
/// well, but not every endpoint heeds it (Ceph RGW does on a put, not on a copy). Between the question and an unheeded write only the owner
/// of the reservation writes this key, and once, so nobody else's bytes can be there.
/// </para>
/// <para>A write whose outcome is unclear is looked up before it is repeated; nothing is ever deleted because of a failure.</para>
/// </summary>
internal sealed class S3Promotion(S3Endpoint endpoint, S3Conditions conditions, Func<string, CancellationToken, Task<Stream?>> open)
{
    public async Task Run(S3Stage stage, string key, CancellationToken cancellation)
    {
        cancellation.ThrowIfCancellationRequested();
        var name = endpoint.Keys.Of(key);
        var size = stage.Digests.Size;
        if (stage is S3MemoryStage small)
        {
            var onPut = await conditions.OnPut(cancellation);
            await Write(stage, key, name, onPut != S3Condition.Heeded, size, token => Put(small, name, onPut, token), cancellation);
            return;
        }
        var source = endpoint.Keys.StageOf(stage.Attempt);
        if (size <= endpoint.Options.MaxSingleCopyBytes)
            await Write(stage, key, name, asksFirst: true, size, token => Copy(stage, source, name, token), cancellation);
        else if (!await IsThere(stage, key, name, cancellation))
            await CopyParts(stage, source, name, cancellation);
        // A copy answers before or after it is done, and some endpoints answer 200 and then fail: what counts is what lies there.
        var found = await endpoint.Find(name, cancellation);
        if (found?.Size != size)
        {
            throw new BlobStoreException(
                BlobFailure.Unavailable, $"The S3 endpoint copied {key} and then had {found?.Size.ToString() ?? "none"} of its {size} bytes.");
        }
    }

    private Task<bool> Write(
        S3Stage stage, string key, string name, bool asksFirst, long size, Func<CancellationToken, Task> write, CancellationToken cancellation) =>
        endpoint.Call(
            "write an object",
            async (round, token) =>
            {
                if ((asksFirst || round > 0) && await IsThere(stage, key, name, token)) return true;
                try
                {
                    await write(token);
                }
                catch (AmazonS3Exception answer) when (answer.StatusCode == HttpStatusCode.PreconditionFailed)
                {
                    if (!await IsThere(stage, key, name, token))
                        throw new BlobStoreException(BlobFailure.Unavailable, $"The key {key} was taken and is free again.");
                }
                return true;
            },
            size,
            cancellation);

    private async Task Put(S3MemoryStage stage, string name, S3Condition onPut, CancellationToken cancellation)
    {
        using var stream = new MemoryStream(stage.Bytes, writable: false);
        var request = new PutObjectRequest
        {
            BucketName = endpoint.Bucket,
            Key = name,
            InputStream = stream,
            IfNoneMatch = onPut == S3Condition.Refused ? null : "*",
        };
        endpoint.Dress(request);
        stage.Describe(request.Metadata);
        await endpoint.Client.PutObjectAsync(request, cancellation);
    }

    private async Task Copy(S3Stage stage, string source, string name, CancellationToken cancellation)
    {
        try
        {
            await endpoint.Client.CopyObjectAsync(Copying(stage, source, name, "*"), cancellation);
        }
        catch (AmazonS3Exception answer) when (answer.StatusCode == HttpStatusCode.NotImplemented)
        {
            await endpoint.Client.CopyObjectAsync(Copying(stage, source, name, null), cancellation);
        }
        catch (AmazonS3Exception answer) when (S3Failure.IsAbsent(answer))
        {
            throw StageGone(stage);
        }
    }

    private static BlobStoreException StageGone(S3Stage stage) => new(
        BlobFailure.Unavailable,
        $"What was staged as {stage.Attempt} is gone: this node was taken for dead and its stages were swept; send the bytes again.");

    private CopyObjectRequest Copying(S3Stage stage, string source, string name, string? condition)
    {
        var request = new CopyObjectRequest
        {
            SourceBucket = endpoint.Bucket,
            SourceKey = source,
            DestinationBucket = endpoint.Bucket,
            DestinationKey = name,
            MetadataDirective = S3MetadataDirective.REPLACE,
            IfNoneMatch = condition,
        };
        endpoint.Dress(request);
        stage.Describe(request.Metadata);
        return request;
    }

    private async Task CopyParts(S3Stage stage, string source, string name, CancellationToken cancellation)
    {
        if (await endpoint.Find(source, cancellation) is null) throw StageGone(stage);
        var step = Math.Max(endpoint.Options.CopyPartBytes, stage.Digests.Size / S3PartsUpload.MaxParts + 1);
        await using var upload = await S3PartsUpload.Begin(endpoint, name, stage.Describe, cancellation);
        // Its parts lie under the key itself, where the sweep looks too.
        stage.Staging.Keep(upload.Id);
        try
        {
            for (var offset = 0L; offset < stage.Digests.Size; offset += step)
                await upload.Copy(source, offset, Math.Min(step, stage.Digests.Size - offset), cancellation);
            await upload.Complete(cancellation);
        }
        finally
        {
            stage.Staging.Release(upload.Id);
        }
    }

    /// <summary>True: the same bytes lie there. Others: an exception. Nothing: false.</summary>
    private async Task<bool> IsThere(S3Stage stage, string key, string name, CancellationToken cancellation)
    {
        var found = await endpoint.Find(name, cancellation, certain: false);
        if (found is null) return false;
        var same = found.Size == stage.Digests.Size
            && (found.Blake3 is { } digest ? digest == stage.Digests.Blake3.ToHex() : await HasSameBytes(stage, key, cancellation));
        return same
            ? true
            : throw new BlobStoreException(BlobFailure.KeyOccupied, $"The key {key} holds other bytes than those to be stored there.");
    }

    /// <summary>Written by somebody who did not note the digest: read and hashed.</summary>
    private async Task<bool> HasSameBytes(S3Stage stage, string key, CancellationToken cancellation)
    {
        await using var stream = await open(key, cancellation);
        return stream is not null && await ContentHasher.HashStreamAsync(stream, cancellation) == stage.Digests;
    }
}
