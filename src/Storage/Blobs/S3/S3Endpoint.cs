using System.Net;
using System.Security.Cryptography;
using Amazon;
using Amazon.Runtime;
using Amazon.S3;
using Amazon.S3.Model;
using ArtifactStore.Interfaces.Blobs;
using ArtifactStore.Interfaces.Ids;

namespace ArtifactStore.Storage.Blobs.S3;

/// <summary>
/// One bucket behind one client. Every call goes through <see cref="Call"/>: tried again with growing pauses while that can help and time
/// is left, once more with fresh credentials when they are refused, and in the end a sentence. Expired credentials that can rotate are
/// waited for like an endpoint that is down. The client's own retries are off, because they would repeat what is not idempotent.
/// </summary>
internal sealed class S3Endpoint : IDisposable
{
    private static readonly TimeSpan FirstPause = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan LongestPause = TimeSpan.FromSeconds(5);

    private readonly S3Credentials _credentials;
    private readonly TimeProvider _time;

    public S3Endpoint(S3Options options, NodeId node, TimeProvider time)
    {
        Node = node;
        Options = options;
        Keys = new S3Keys(options.KeyPrefix, node);
        _time = time;
        _credentials = S3Credentials.Of(options, time);
        Client = new AmazonS3Client(_credentials, Configuration(options));
    }

    public S3Options Options { get; }

    /// <summary>The run of the process that stages here.</summary>
    public NodeId Node { get; }

    public S3Keys Keys { get; }

    public S3Credentials Credentials => _credentials;

    public AmazonS3Client Client { get; }

    public string Bucket => Options.Bucket;

    /// <summary>Over TLS the bytes are protected anyway; hashing them a third time to sign them would only cost.</summary>
    public bool SignsPayload => Options.Endpoint?.Scheme == Uri.UriSchemeHttp;

    public DateTimeOffset Now => _time.GetUtcNow();

    /// <param name="what">Verb and object of the sentence: "the endpoint refuses to …".</param>
    /// <param name="attempt">One try, with its number from 0 on. What was tried may have been done although the try failed.</param>
    /// <param name="carriedBytes">What a try moves besides its headers: it gets the time for that.</param>
    /// <param name="cancellation">Of the caller.</param>
    public async Task<T> Call<T>(
        string what, Func<int, CancellationToken, Task<T>> attempt, long carriedBytes, CancellationToken cancellation)
    {
        var began = _time.GetTimestamp();
        var renewed = false;
        var rotating = false;
        for (var round = 0; ; round++)
        {
            cancellation.ThrowIfCancellationRequested();
            using var limit = new CancellationTokenSource(TimeFor(carriedBytes), _time);
            using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellation, limit.Token);
            try
            {
                return await attempt(round, either.Token);
            }
            catch (Exception exception) when (IsOfTheCall(exception, cancellation))
            {
                var failure = S3Failure.Of(exception, Options, what);
                // From an expiry on, any other refusal may be half of a rotation: a new key beside an old secret.
                rotating |= failure.Expired && _credentials.CanRotate;
                if (failure.AboutCredentials && !renewed)
                {
                    renewed = true;
                    await _credentials.Renew(cancellation);
                    continue;
                }
                var pause = Pause(round);
                var mayPass = failure.Retryable || (rotating && failure.AboutCredentials);
                if (!mayPass || _time.GetElapsedTime(began) + pause > Options.RetryTime) throw failure.ToException();
                await Task.Delay(pause, _time, cancellation);
                if (failure.AboutCredentials) await _credentials.Renew(cancellation);
            }
        }
    }

    public Task<T> Call<T>(string what, Func<CancellationToken, Task<T>> attempt, CancellationToken cancellation) =>
        Call(what, (_, token) => attempt(token), 0, cancellation);

    /// <summary>For what cannot be done twice: one try, the same sentences.</summary>
    public async Task<T> Once<T>(string what, Func<CancellationToken, Task<T>> attempt, CancellationToken cancellation)
    {
        try
        {
            return await attempt(cancellation);
        }
        catch (Exception exception) when (IsOfTheCall(exception, cancellation))
        {
            throw S3Failure.Of(exception, Options, what).ToException();
        }
    }

    /// <summary>
    /// The object's headers, or null. An answer to HEAD has no body: a missing bucket looks like a missing object, and every refusal alike.
    /// So unless the caller can do without certainty, a GET of one byte asks again.
    /// </summary>
    public Task<S3Found?> Find(string name, CancellationToken cancellation, bool certain = true) => Call(
        "look up an object",
        async token =>
        {
            try
            {
                var found = await Client.GetObjectMetadataAsync(new GetObjectMetadataRequest { BucketName = Bucket, Key = name }, token);
                return new S3Found(found.ContentLength, found.Metadata[S3Found.Blake3Name], found.ETag);
            }
            catch (AmazonS3Exception answer) when (answer.StatusCode is HttpStatusCode.NotFound && !certain)
            {
                return null;
            }
            catch (AmazonS3Exception answer) when (answer.StatusCode is HttpStatusCode.NotFound or HttpStatusCode.Forbidden)
            {
                return await FindByReading(name, token);
            }
        },
        cancellation);

    /// <summary>True when the object is gone by now; deleting nothing succeeds.</summary>
    public Task<bool> Delete(string name, CancellationToken cancellation) => Call(
        "delete an object",
        async token =>
        {
            await Client.DeleteObjectAsync(new DeleteObjectRequest { BucketName = Bucket, Key = name }, token);
            return true;
        },
        cancellation);

    public Task<ListObjectsV2Response> List(string prefix, string? after, int count, CancellationToken cancellation) => Call(
        "list the objects",
        token => Client.ListObjectsV2Async(
            new ListObjectsV2Request { BucketName = Bucket, Prefix = prefix, StartAfter = after, MaxKeys = count },
            token),
        cancellation);

    /// <summary>One listing of one key, tried once; a second time only with fresh credentials.</summary>
    public async Task Examine(CancellationToken cancellation)
    {
        var request = new ListObjectsV2Request { BucketName = Bucket, Prefix = Keys.Root, MaxKeys = 1 };
        for (var renewed = false; ; renewed = true)
        {
            try
            {
                await Client.ListObjectsV2Async(request, cancellation);
                return;
            }
            catch (Exception exception) when (exception is not BlobStoreException)
            {
                var failure = S3Failure.Of(exception, Options, "list the objects");
                if (!failure.AboutCredentials || renewed) throw failure.ToException();
                await _credentials.Renew(cancellation);
            }
        }
    }

    /// <summary>Encryption and storage class stand on everything that writes, staged bytes too: nothing of ours lies in the clear.</summary>
    public void Dress(PutObjectRequest request)
    {
        if (Options.StorageClass is { } storageClass) request.StorageClass = new S3StorageClass(storageClass);
        if (Options.ServerSideEncryption is { } method) request.ServerSideEncryptionMethod = new ServerSideEncryptionMethod(method);
        // A body that is at hand is signed whole; only one that streams has to be signed piece by piece.
        request.UseChunkEncoding = SignsPayload && request.InputStream is { CanSeek: false };
        if (!SignsPayload) request.DisablePayloadSigning = true;
    }

    public void Dress(UploadPartRequest request)
    {
        request.UseChunkEncoding = false;
        if (!SignsPayload) request.DisablePayloadSigning = true;
    }

    public void Dress(InitiateMultipartUploadRequest request)
    {
        if (Options.StorageClass is { } storageClass) request.StorageClass = new S3StorageClass(storageClass);
        if (Options.ServerSideEncryption is { } method) request.ServerSideEncryptionMethod = new ServerSideEncryptionMethod(method);
    }

    public void Dress(CopyObjectRequest request)
    {
        if (Options.StorageClass is { } storageClass) request.StorageClass = new S3StorageClass(storageClass);
        if (Options.ServerSideEncryption is { } method) request.ServerSideEncryptionMethod = new ServerSideEncryptionMethod(method);
    }

    public void Dispose()
    {
        Client.Dispose();
        (_credentials as IDisposable)?.Dispose();
    }

    /// <summary>A mebibyte may take a second: slower than that is a line that is down.</summary>
    public TimeSpan TimeFor(long carriedBytes) => Options.AttemptTime + TimeSpan.FromSeconds(carriedBytes / (1024.0 * 1024));

    private async Task<S3Found?> FindByReading(string name, CancellationToken cancellation)
    {
        try
        {
            var request = new GetObjectRequest { BucketName = Bucket, Key = name, ByteRange = new ByteRange(0, 0) };
            using var found = await Client.GetObjectAsync(request, cancellation);
            var size = ContentRange.TotalOf(found.ContentRange) ?? found.ContentLength;
            return new S3Found(size, found.Metadata[S3Found.Blake3Name], found.ETag);
        }
        catch (AmazonS3Exception answer) when (answer.StatusCode == HttpStatusCode.RequestedRangeNotSatisfiable)
        {
            return new S3Found(0, null, null);
        }
        catch (AmazonS3Exception answer) when (S3Failure.IsAbsent(answer))
        {
            return null;
        }
    }

    private static bool IsOfTheCall(Exception exception, CancellationToken cancellation) =>
        exception is not BlobStoreException
        && !(exception is OperationCanceledException && cancellation.IsCancellationRequested);

    /// <summary>Doubles, and is spread: clients that were turned away together shall not come back together.</summary>
    private static TimeSpan Pause(int round)
    {
        var longest = Math.Min(FirstPause.TotalMilliseconds * Math.Pow(2, Math.Min(round, 10)), LongestPause.TotalMilliseconds);
        return TimeSpan.FromMilliseconds(longest / 2 + RandomNumberGenerator.GetInt32((int)(longest / 2) + 1));
    }

    public static AmazonS3Config Configuration(S3Options options)
    {
        var configuration = new AmazonS3Config
        {
            // The client's own checksums are trailers that Ceph RGW refuses; ours are in the key and in the metadata.
            RequestChecksumCalculation = RequestChecksumCalculation.WHEN_REQUIRED,
            ResponseChecksumValidation = ResponseChecksumValidation.WHEN_REQUIRED,
            MaxErrorRetry = 0,
            MaxStaleConnectionRetries = 0,
            // A skewed clock shall be told, not hidden.
            DisableClockSkewCorrection = true,
            DisableLogging = true,
            IgnoreConfiguredEndpointUrls = true,
            HttpClientFactory = new S3Connections(),
            BufferSize = 128 * 1024,
        };
        if (options.Endpoint is { } endpoint)
        {
            configuration.ServiceURL = endpoint.ToString();
            configuration.AuthenticationRegion = options.Region;
            configuration.ForcePathStyle = true;
        }
        else
        {
            configuration.RegionEndpoint = RegionEndpoint.GetBySystemName(options.Region);
        }
        return configuration;
    }
}

/// <summary>An object as its headers tell; the digest is the one that this store wrote beside the bytes, if it did.</summary>
internal sealed record S3Found(long Size, string? Blake3, string? ETag)
{
    public const string Blake3Name = "x-amz-meta-blake3";
    public const string Sha256Name = "x-amz-meta-sha256";
}

internal static class ContentRange
{
    /// <summary>Of <c>bytes 0-0/1234</c> the 1234.</summary>
    public static long? TotalOf(string? header)
    {
        var slash = header?.LastIndexOf('/') ?? -1;
        return slash >= 0 && long.TryParse(header.AsSpan(slash + 1), System.Globalization.NumberStyles.None, null, out var total) ? total : null;
    }
}
