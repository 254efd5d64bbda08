using System.Security.Cryptography;
using Amazon.Runtime;
using Amazon.S3;
using Amazon.S3.Model;
using ArtifactStore.Conformance.Servers;
using ArtifactStore.Interfaces.Ids;
using ArtifactStore.Storage.Blobs.S3;

namespace ArtifactStore.Storage.Tests.Blobs.S3;

/// <summary>A bucket of one test, and a client of its own to look into it with.</summary>
internal sealed class S3Bucket : IAsyncDisposable
{
    public const string Prefix = "prod/artifact-store";

    private readonly List<S3BlobStore> _stores = [];

#pragma warning disable RS0030 // signatures carry the real time: the server looks at its own clock
    public static TimeProvider Clock => TimeProvider.System;
#pragma warning restore RS0030

    public static Guid NextId() => new(RandomNumberGenerator.GetBytes(16));

    private S3Bucket(Uri endpoint, string name)
    {
        Endpoint = endpoint;
        Name = name;
        Client = ClientOf(endpoint);
    }

    public Uri Endpoint { get; }

    public string Name { get; }

    public AmazonS3Client Client { get; }

    public static async Task<S3Bucket> Create(RgwServer? server = null)
    {
        server ??= await RgwServer.Shared();
        var bucket = new S3Bucket(server.Endpoint, server.NextBucket());
        await bucket.Client.PutBucketAsync(bucket.Name);
        return bucket;
    }

    public static AmazonS3Client ClientOf(Uri endpoint, string accessKey = RgwServer.AccessKey, string secretKey = RgwServer.SecretKey) => new(
        new BasicAWSCredentials(accessKey, secretKey),
        new AmazonS3Config
        {
            ServiceURL = endpoint.ToString(),
            AuthenticationRegion = "us-east-1",
            ForcePathStyle = true,
            RequestChecksumCalculation = RequestChecksumCalculation.WHEN_REQUIRED,
            ResponseChecksumValidation = ResponseChecksumValidation.WHEN_REQUIRED,
            MaxErrorRetry = 0,
        });

    public S3Options Options() => new()
    {
        Endpoint = Endpoint,
        Bucket = Name,
        KeyPrefix = Prefix,
        Credentials = Keys(RgwServer.AccessKey, RgwServer.SecretKey),
    };

    public static S3CredentialSource Keys(string accessKey, string secretKey, string? token = null) => new S3CredentialSource.References(
        Reference("ACCESS_KEY_REF", "env:AK"),
        Reference("SECRET_KEY_REF", "env:SK"),
        token is null ? null : Reference("SESSION_TOKEN_REF", "env:ST"),
        new SecretVariables(new Dictionary<string, string> { ["AK"] = accessKey, ["SK"] = secretKey, ["ST"] = token ?? "" }));

    public static SecretReference Reference(string setting, string text) =>
        SecretReference.TryParse($"ARTIFACTSTORE_S3_{setting}", text, out var reference) ? reference : throw new ArgumentException("no reference", nameof(text));

    public S3BlobStore Store(S3Options? options = null, NodeId? node = null)
    {
        var store = new S3BlobStore(new BackendId("s3"), options ?? Options(), node ?? new(NextId()), Clock);
        _stores.Add(store);
        return store;
    }

    /// <summary>Names in the bucket, below the prefix of the tests.</summary>
    public async Task<List<string>> Names(string below = "")
    {
        var page = await Client.ListObjectsV2Async(new ListObjectsV2Request { BucketName = Name, Prefix = $"{Prefix}/{below}" });
        return [.. (page.S3Objects ?? []).Select(found => found.Key)];
    }

    public async Task<List<MultipartUpload>> Uploads() =>
        (await Client.ListMultipartUploadsAsync(new ListMultipartUploadsRequest { BucketName = Name })).MultipartUploads ?? [];

    public async Task<int> LeftInStaging() => (await Names(".staging/")).Count + (await Uploads()).Count;

    public ValueTask DisposeAsync()
    {
        foreach (var store in _stores) store.Dispose();
        Client.Dispose();
        return ValueTask.CompletedTask;
    }
}
