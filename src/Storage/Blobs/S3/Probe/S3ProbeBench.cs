using System.Net;
using Amazon.S3;
using Amazon.S3.Model;

namespace ArtifactStore.Storage.Blobs.S3.Probe;

internal readonly record struct S3Verdict(S3ProbeResult Result, string Follows)
{
    public static S3Verdict Pass(string follows) => new(S3ProbeResult.Pass, follows);

    public static S3Verdict Fail(string follows) => new(S3ProbeResult.Fail, follows);

    public static S3Verdict Ignored(string follows) => new(S3ProbeResult.Ignored, follows);

    public static S3Verdict Skipped(string follows) => new(S3ProbeResult.Skipped, follows);

    public static S3Verdict Of(bool right, string follows, string otherwise) => right ? Pass(follows) : Fail(otherwise);
}

/// <summary>
/// What the lines of the probe have in common: requests dressed as the store's own are, each sent once, because a repetition would hide
/// what is to be seen.
/// </summary>
internal sealed class S3ProbeBench(S3Endpoint endpoint, string root)
{
    public S3Endpoint Endpoint => endpoint;

    public AmazonS3Client Client => endpoint.Client;

    public string Bucket => endpoint.Bucket;

    /// <summary>Everything that is written begins with it.</summary>
    public string Root => root;

    /// <summary>Bytes that differ from place to place, so that a wrong range is seen.</summary>
    public static byte[] Bytes(int length)
    {
        var bytes = new byte[length];
        for (var at = 0; at < length; at++) bytes[at] = (byte)(at * 31 + (at >> 8) * 7 + (at >> 16));
        return bytes;
    }

    public async Task<PutObjectResponse> Put(string name, byte[] bytes, CancellationToken cancellation, Action<PutObjectRequest>? change = null)
    {
        using var stream = new MemoryStream(bytes, writable: false);
        var request = new PutObjectRequest { BucketName = Bucket, Key = root + name, InputStream = stream };
        endpoint.Dress(request);
        change?.Invoke(request);
        return await Client.PutObjectAsync(request, cancellation);
    }

    public async Task<byte[]> Get(string name, CancellationToken cancellation, ByteRange? range = null)
    {
        using var answer = await Client.GetObjectAsync(new GetObjectRequest { BucketName = Bucket, Key = root + name, ByteRange = range }, cancellation);
        using var read = new MemoryStream();
        await answer.ResponseStream.CopyToAsync(read, cancellation);
        return read.ToArray();
    }

    public Task<DeleteObjectResponse> Delete(string name, CancellationToken cancellation, string? ifMatch = null) =>
        Client.DeleteObjectAsync(new DeleteObjectRequest { BucketName = Bucket, Key = root + name, IfMatch = ifMatch }, cancellation);

    public async Task<bool> IsThere(string name, CancellationToken cancellation) => await endpoint.Find(root + name, cancellation) is not null;

    public async Task<string> Begin(string name, CancellationToken cancellation)
    {
        var request = new InitiateMultipartUploadRequest { BucketName = Bucket, Key = root + name };
        endpoint.Dress(request);
        return (await Client.InitiateMultipartUploadAsync(request, cancellation)).UploadId;
    }

    public async Task<PartETag> PutPart(string name, string upload, int number, byte[] bytes, CancellationToken cancellation)
    {
        using var stream = new MemoryStream(bytes, writable: false);
        var request = new UploadPartRequest
        {
            BucketName = Bucket,
            Key = root + name,
            UploadId = upload,
            PartNumber = number,
            PartSize = bytes.Length,
            InputStream = stream,
        };
        endpoint.Dress(request);
        return new PartETag(number, (await Client.UploadPartAsync(request, cancellation)).ETag);
    }

    public Task Complete(string name, string upload, IEnumerable<PartETag> parts, CancellationToken cancellation, string? ifNoneMatch = null) =>
        Client.CompleteMultipartUploadAsync(
            new CompleteMultipartUploadRequest
            {
                BucketName = Bucket,
                Key = root + name,
                UploadId = upload,
                PartETags = [.. parts],
                IfNoneMatch = ifNoneMatch,
            },
            cancellation);

    public async Task<List<MultipartUpload>> OpenUploads(CancellationToken cancellation) =>
        (await Client.ListMultipartUploadsAsync(new ListMultipartUploadsRequest { BucketName = Bucket, Prefix = root }, cancellation)).MultipartUploads
        ?? [];

    public Task Copy(string source, string name, CancellationToken cancellation, string? ifNoneMatch = null)
    {
        var request = new CopyObjectRequest
        {
            SourceBucket = Bucket,
            SourceKey = root + source,
            DestinationBucket = Bucket,
            DestinationKey = root + name,
            MetadataDirective = S3MetadataDirective.REPLACE,
            IfNoneMatch = ifNoneMatch,
        };
        endpoint.Dress(request);
        request.Metadata.Add(S3Found.Blake3Name, "copied");
        return Client.CopyObjectAsync(request, cancellation);
    }

    /// <summary>The status that a request was refused with; null: it was done.</summary>
    public static async Task<HttpStatusCode?> Refusal(Func<Task> request)
    {
        try
        {
            await request();
            return null;
        }
        catch (AmazonS3Exception answer) when ((int)answer.StatusCode is >= 300 and < 500 or 501)
        {
            return answer.StatusCode;
        }
    }
}
