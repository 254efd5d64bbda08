using System.Net;
using System.Security.Cryptography;
using Amazon.S3;
using Amazon.S3.Model;

namespace ArtifactStore.Storage.Blobs.S3;

/// <summary>What an endpoint does with the condition "only if absent".</summary>
internal enum S3Condition
{
    Heeded = 1,
    Ignored = 2,

    /// <summary>It refuses the whole request because of it.</summary>
    Refused = 3,
}

/// <summary>What this endpoint does with the condition on a put: found out once, with an object below staging that is put twice.</summary>
internal sealed class S3Conditions(S3Endpoint endpoint)
{
    private Task<S3Condition>? _known;

    public async Task<S3Condition> OnPut(CancellationToken cancellation)
    {
        if (Volatile.Read(ref _known) is { } known) return await known;
        var found = await Ask(cancellation);
        Volatile.Write(ref _known, Task.FromResult(found));
        return found;
    }

    private async Task<S3Condition> Ask(CancellationToken cancellation)
    {
        var name = $"{endpoint.Keys.StagingRoot}condition-{Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(16))}";
        var first = await Put(name, cancellation);
        if (first == S3Condition.Refused) return first;
        // Already the first can meet an object: its own, when the network repeated it.
        var found = first == S3Condition.Heeded ? first : await Put(name, cancellation);
        await endpoint.Delete(name, cancellation);
        return found;
    }

    private Task<S3Condition> Put(string name, CancellationToken cancellation) => endpoint.Call(
        "write an object",
        async token =>
        {
            var request = new PutObjectRequest { BucketName = endpoint.Bucket, Key = name, ContentBody = "?", IfNoneMatch = "*" };
            endpoint.Dress(request);
            try
            {
                await endpoint.Client.PutObjectAsync(request, token);
                return S3Condition.Ignored;
            }
            catch (AmazonS3Exception answer) when (answer.StatusCode == HttpStatusCode.PreconditionFailed)
            {
                return S3Condition.Heeded;
            }
            catch (AmazonS3Exception answer) when (answer.StatusCode == HttpStatusCode.NotImplemented)
            {
                return S3Condition.Refused;
            }
        },
        cancellation);
}
