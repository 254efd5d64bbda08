using System.Text;
using Amazon.Runtime;
using Amazon.S3;
using Amazon.S3.Model;
using ArtifactStore.Conformance.Servers;

namespace ArtifactStore.EndToEnd.Tests.Fixtures;

/// <summary>A bucket of one test in the shared Ceph RGW, and the settings that lead a store to it.</summary>
internal sealed class RgwBucket : IAsyncDisposable
{
    private readonly AmazonS3Client _client;

    private RgwBucket(RgwServer server)
    {
        Server = server;
        Name = server.NextBucket();
        _client = new AmazonS3Client(
            new BasicAWSCredentials(RgwServer.AccessKey, RgwServer.SecretKey),
            new AmazonS3Config
            {
                ServiceURL = server.Endpoint.ToString(),
                AuthenticationRegion = "us-east-1",
                ForcePathStyle = true,
                RequestChecksumCalculation = RequestChecksumCalculation.WHEN_REQUIRED,
                ResponseChecksumValidation = ResponseChecksumValidation.WHEN_REQUIRED,
            });
    }

    public RgwServer Server { get; }

    public string Name { get; }

    public static async Task<RgwBucket> Create()
    {
        var bucket = new RgwBucket(await RgwServer.Shared());
        await bucket._client.PutBucketAsync(bucket.Name);
        return bucket;
    }

    /// <summary>What a test says of its backends replaces what the run says.</summary>
    public void Configure(Dictionary<string, string?> variables, string prefix = "prod/artifact-store")
    {
        foreach (var name in variables.Keys.Where(name => name.StartsWith("ARTIFACTSTORE_S3_", StringComparison.Ordinal)).ToArray()) variables.Remove(name);
        variables.Remove("ARTIFACTSTORE_STORAGE_BACKENDS");
        variables.Remove("ARTIFACTSTORE_STORAGE_DEFAULT_BACKEND");
        variables.Remove("ARTIFACTSTORE_STORAGE_BACKEND_ROUTES");
        variables["ARTIFACTSTORE_S3_ENDPOINT_URL"] = Server.Endpoint.ToString();
        variables["ARTIFACTSTORE_S3_BUCKET"] = Name;
        variables["ARTIFACTSTORE_S3_KEY_PREFIX"] = prefix;
        variables["ARTIFACTSTORE_S3_ACCESS_KEY_REF"] = "env:RGW_ACCESS_KEY";
        variables["ARTIFACTSTORE_S3_SECRET_KEY_REF"] = "env:RGW_SECRET_KEY";
        variables["RGW_ACCESS_KEY"] = RgwServer.AccessKey;
        variables["RGW_SECRET_KEY"] = RgwServer.SecretKey;
    }

    public async Task<List<string>> Names() => [.. (await Objects("")).Select(found => found.Key)];

    public async Task<List<S3Object>> Objects(string prefix)
    {
        var found = new List<S3Object>();
        var request = new ListObjectsV2Request { BucketName = Name, Prefix = prefix };
        do
        {
            var page = await _client.ListObjectsV2Async(request);
            found.AddRange(page.S3Objects ?? []);
            request.ContinuationToken = page.NextContinuationToken;
        }
        while (request.ContinuationToken is not null);
        return found;
    }

    /// <summary>How much has arrived of each upload in parts that was neither completed nor aborted.</summary>
    public async Task<List<long>> UploadsInParts(string prefix)
    {
        var page = await _client.ListMultipartUploadsAsync(new ListMultipartUploadsRequest { BucketName = Name, Prefix = prefix });
        var sizes = new List<long>();
        foreach (var upload in page.MultipartUploads ?? [])
        {
            try
            {
                var parts = await _client.ListPartsAsync(new ListPartsRequest { BucketName = Name, Key = upload.Key, UploadId = upload.UploadId });
                sizes.Add((parts.Parts ?? []).Sum(part => part.Size ?? 0));
            }
            catch (AmazonS3Exception gone) when (gone.ErrorCode == "NoSuchUpload")
            {
                // It ended between the two questions.
            }
        }
        return sizes;
    }

    public async Task<string> Text(string key)
    {
        using var found = await _client.GetObjectAsync(Name, key);
        return await new StreamReader(found.ResponseStream).ReadToEndAsync();
    }

    public Task Put(string key, byte[] bytes) =>
        _client.PutObjectAsync(new PutObjectRequest { BucketName = Name, Key = key, InputStream = new MemoryStream(bytes) });

    /// <summary>Another byte in the middle of the object, as a disk or a bug would leave it.</summary>
    public async Task FlipOneByte(string key)
    {
        using var bytes = new MemoryStream();
        using (var found = await _client.GetObjectAsync(Name, key)) await found.ResponseStream.CopyToAsync(bytes);
        bytes.GetBuffer()[bytes.Length / 2] ^= 1;
        bytes.Position = 0;
        await _client.PutObjectAsync(new PutObjectRequest { BucketName = Name, Key = key, InputStream = bytes, AutoCloseStream = false });
    }

    public Task Delete(string key) => _client.DeleteObjectAsync(Name, key);

    /// <summary>Looks for the secret in what a store said, which has ended, and in every file that it wrote: log, views, staging.</summary>
    public static void RequireNoSecretIn(string said, string folder)
    {
        Assert.DoesNotContain(RgwServer.SecretKey, said);
        var secret = Encoding.ASCII.GetBytes(RgwServer.SecretKey);
        foreach (var file in Directory.EnumerateFiles(folder, "*", SearchOption.AllDirectories))
        {
            Assert.True(File.ReadAllBytes(file).AsSpan().IndexOf(secret) < 0, $"{file} holds the secret");
        }
    }

    public ValueTask DisposeAsync()
    {
        _client.Dispose();
        return ValueTask.CompletedTask;
    }
}
