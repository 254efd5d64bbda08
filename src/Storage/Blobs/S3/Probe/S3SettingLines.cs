using System.Net;
using System.Security.Cryptography;
using Amazon.S3;

namespace ArtifactStore.Storage.Blobs.S3.Probe;

/// <summary>What a setting asks for, and what the endpoint could check by itself. A refusal fails only where the setting is made.</summary>
internal sealed class S3SettingLines(S3ProbeBench bench)
{
    public (string Name, Func<CancellationToken, Task<S3Verdict>> Ask)[] All =>
        [("sse", Encryption), ("storage-class", StorageClass), ("checksum-md5", Md5), ("checksum-sha256", Sha256)];

    private async Task<S3Verdict> Encryption(CancellationToken cancellation)
    {
        var configured = bench.Endpoint.Options.ServerSideEncryption;
        var method = configured ?? "AES256";
        var refusal = await S3ProbeBench.Refusal(() => bench.Put(
            "encrypted", [1], cancellation, request => request.ServerSideEncryptionMethod = new ServerSideEncryptionMethod(method)));
        if (refusal is null)
        {
            var found = await bench.Client.GetObjectMetadataAsync(bench.Bucket, bench.Root + "encrypted", cancellation);
            if (found.ServerSideEncryptionMethod?.Value == method && (await bench.Get("encrypted", cancellation)).Length == 1)
                return S3Verdict.Pass($"{method} is taken and told again");
        }
        var seen = refusal is null ? $"{method} is taken and not told again: the bytes may lie in the clear" : $"{method} is refused with {(int)refusal}";
        return configured is null
            ? S3Verdict.Ignored($"{seen}; leave ARTIFACTSTORE_S3_SSE empty")
            : S3Verdict.Fail($"{seen}; change ARTIFACTSTORE_S3_SSE or set the endpoint up for it");
    }

    private async Task<S3Verdict> StorageClass(CancellationToken cancellation)
    {
        var configured = bench.Endpoint.Options.StorageClass;
        var name = configured ?? "STANDARD";
        var refusal = await S3ProbeBench.Refusal(() => bench.Put("class", [1], cancellation, request => request.StorageClass = new S3StorageClass(name)));
        if (refusal is not null)
        {
            return configured is null
                ? S3Verdict.Ignored($"{name} is refused with {(int)refusal}; leave ARTIFACTSTORE_S3_STORAGE_CLASS empty")
                : S3Verdict.Fail($"{name} is refused with {(int)refusal}: change ARTIFACTSTORE_S3_STORAGE_CLASS");
        }
        var found = await bench.Client.GetObjectMetadataAsync(bench.Bucket, bench.Root + "class", cancellation);
        // The standard one is told by silence.
        return (found.StorageClass?.Value ?? "STANDARD") == name
            ? S3Verdict.Pass($"{name} is taken")
            : S3Verdict.Ignored($"{name} is taken and another one told: what ARTIFACTSTORE_S3_STORAGE_CLASS asks for may not happen");
    }

    private async Task<S3Verdict> Md5(CancellationToken cancellation)
    {
        var other = Convert.ToBase64String(new byte[16]);
        var refusal = await S3ProbeBench.Refusal(() => bench.Put("md5", [1], cancellation, request => request.MD5Digest = other));
        return Checked(refusal, "Content-MD5");
    }

    private async Task<S3Verdict> Sha256(CancellationToken cancellation)
    {
        var other = Convert.ToBase64String(SHA256.HashData("other bytes"u8));
        var refusal = await S3ProbeBench.Refusal(() => bench.Put("sha256", [1], cancellation, request => request.ChecksumSHA256 = other));
        return Checked(refusal, "x-amz-checksum-sha256");
    }

    private static S3Verdict Checked(HttpStatusCode? refusal, string header) => refusal is not null
        ? S3Verdict.Pass($"a wrong {header} is refused with {(int)refusal}")
        : S3Verdict.Ignored($"a wrong {header} is taken; the store sends none and checks its own digests");
}
