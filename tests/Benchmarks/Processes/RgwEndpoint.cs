using Amazon.Runtime;
using Amazon.S3;
using Amazon.S3.Model;
using ArtifactStore.Benchmarks.Suite;
using ArtifactStore.Conformance.Servers;

namespace ArtifactStore.Benchmarks.Processes;

/// <summary>The Ceph RGW of the tests, which keeps its objects in memory, with a bucket for the store and one for what goes there directly.</summary>
internal sealed class RgwEndpoint : IAsyncDisposable
{
    public const string DirectBucket = "direct";
    private const string StoreBucket = "store";
    private readonly RgwServer _server;

    private RgwEndpoint(RgwServer server)
    {
        _server = server;
        Client = new AmazonS3Client(
            new BasicAWSCredentials(RgwServer.AccessKey, RgwServer.SecretKey),
            new AmazonS3Config
            {
                ServiceURL = server.Endpoint.ToString(),
                AuthenticationRegion = "us-east-1",
                ForcePathStyle = true,
                UseHttp = true,
                RequestChecksumCalculation = RequestChecksumCalculation.WHEN_REQUIRED,
                ResponseChecksumValidation = ResponseChecksumValidation.WHEN_REQUIRED,
            });
    }

    /// <summary>The same SDK as the store has.</summary>
    public AmazonS3Client Client { get; }

    public Uri Url => _server.Endpoint;

    /// <summary>Null: it is not installed, and that was said.</summary>
    public static async Task<RgwEndpoint?> Start(Workbench bench)
    {
        foreach (var program in new[] { "radosgw", "ceph-mon", "ceph-osd" })
        {
            if (!bench.Has(program)) return null;
        }
        var endpoint = new RgwEndpoint(await RgwServer.StartNew());
        await endpoint.Client.PutBucketAsync(StoreBucket);
        await endpoint.Client.PutBucketAsync(DirectBucket);
        return endpoint;
    }

    /// <summary>A store that keeps everything here.</summary>
    public Dictionary<string, string> Settings() => new()
    {
        ["ARTIFACTSTORE_STORAGE_BACKENDS"] = "s3",
        ["ARTIFACTSTORE_STORAGE_DEFAULT_BACKEND"] = "s3",
        ["ARTIFACTSTORE_S3_ENDPOINT_URL"] = Url.ToString(),
        ["ARTIFACTSTORE_S3_BUCKET"] = StoreBucket,
        ["ARTIFACTSTORE_S3_ACCESS_KEY_REF"] = "env:RGW_ACCESS_KEY",
        ["ARTIFACTSTORE_S3_SECRET_KEY_REF"] = "env:RGW_SECRET_KEY",
        ["RGW_ACCESS_KEY"] = RgwServer.AccessKey,
        ["RGW_SECRET_KEY"] = RgwServer.SecretKey,
    };

    /// <summary>Seconds of the whole command, with checksums as this endpoint takes them.</summary>
    public double CopyWithAws(string file) => Tool.Run(
        "aws",
        ["--endpoint-url", Url.ToString(), "s3", "cp", "--only-show-errors", file, $"s3://{DirectBucket}/large"],
        new Dictionary<string, string>
        {
            ["AWS_ACCESS_KEY_ID"] = RgwServer.AccessKey,
            ["AWS_SECRET_ACCESS_KEY"] = RgwServer.SecretKey,
            ["AWS_DEFAULT_REGION"] = "us-east-1",
            ["AWS_CONFIG_FILE"] = "/dev/null",
            ["AWS_SHARED_CREDENTIALS_FILE"] = "/dev/null",
            ["AWS_REQUEST_CHECKSUM_CALCULATION"] = "when_required",
            ["AWS_RESPONSE_CHECKSUM_VALIDATION"] = "when_required",
        }).Seconds;

    /// <summary>The memory of what a round has written: large objects are given back by a collector of the endpoint's own.</summary>
    public async Task DropLarge(long atLeastBytes)
    {
        foreach (var bucket in new[] { StoreBucket, DirectBucket })
        {
            var page = await Client.ListObjectsV2Async(new ListObjectsV2Request { BucketName = bucket });
            foreach (var found in (page.S3Objects ?? []).Where(found => found.Size >= atLeastBytes))
                await Client.DeleteObjectAsync(bucket, found.Key);
        }
        await _server.Admin("gc", "process", "--include-all");
    }

    public async Task<string> KeyOf(string blake3) =>
        (await Client.ListObjectsV2Async(new ListObjectsV2Request { BucketName = StoreBucket, Prefix = "blake3/" })).S3Objects
        .First(found => found.Key.Contains(blake3, StringComparison.Ordinal)).Key;

    /// <summary>What a client without keys can ask for, so that both sides have the same client.</summary>
    public string SignedTarget(string key)
    {
#pragma warning disable RS0030 // a signature carries the real time: the server looks at its own clock
        var end = DateTime.UtcNow.AddHours(6);
#pragma warning restore RS0030
        var url = Client.GetPreSignedURL(new GetPreSignedUrlRequest
        {
            BucketName = StoreBucket,
            Key = key,
            Verb = HttpVerb.GET,
            Protocol = Protocol.HTTP,
            Expires = end,
        });
        return new Uri(url).PathAndQuery;
    }

    public async ValueTask DisposeAsync()
    {
        Client.Dispose();
        await _server.DisposeAsync();
    }
}
