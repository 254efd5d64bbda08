using System.Net;
using Amazon.S3;
using Amazon.S3.Model;
using ArtifactStore.Interfaces.Blobs;

namespace ArtifactStore.Storage.Blobs.S3;

/// <summary>
/// Says whose bytes lie under the prefix (<see cref="IdentityDocument"/>). Written only where nothing is, and read again after it was
/// written: what lies there then is the truth, whoever wrote it.
/// </summary>
internal sealed class S3Identity(S3Endpoint endpoint, S3Conditions conditions)
{
    public async Task<BackendIdentity> Claim(BackendIdentity identity, bool holdsBytes, CancellationToken cancellation)
    {
        var found = await Read(cancellation);
        if (found is null)
        {
            if (holdsBytes) throw Foreign($"has no {endpoint.Keys.Identity}, yet the log says that bytes lie there: is it the right bucket?");
            await RequireEmpty(cancellation);
            await Write(identity, cancellation);
            found = await Read(cancellation) ?? throw Foreign("does not keep what is written to it");
        }
        if (found == identity) return found;
        throw Foreign(
            $"belongs to store {found.StoreId:D}, incarnation {found.Incarnation}, "
            + $"and not to {identity.StoreId:D}, incarnation {identity.Incarnation}");
    }

    private async Task<BackendIdentity?> Read(CancellationToken cancellation)
    {
        var bytes = await endpoint.Call(
            "read the identity",
            async token =>
            {
                try
                {
                    using var answer = await endpoint.Client.GetObjectAsync(
                        new GetObjectRequest { BucketName = endpoint.Bucket, Key = endpoint.Keys.Identity }, token);
                    var buffer = new byte[IdentityDocument.MaxBytes];
                    return buffer[..await answer.ResponseStream.ReadAtLeastAsync(buffer, buffer.Length, throwOnEndOfStream: false, token)];
                }
                catch (AmazonS3Exception answer) when (S3Failure.IsAbsent(answer))
                {
                    return null;
                }
            },
            cancellation);
        return bytes is null ? null : Parse(bytes);
    }

    private BackendIdentity Parse(ReadOnlyMemory<byte> bytes)
    {
        try
        {
            return IdentityDocument.Parse(bytes);
        }
        catch (FormatException malformed)
        {
            throw Foreign($"carries an {endpoint.Keys.Identity} {malformed.Message}", malformed);
        }
    }

    private async Task RequireEmpty(CancellationToken cancellation)
    {
        string? after = null;
        while (true)
        {
            var page = await endpoint.List(endpoint.Keys.Root, after, 100, cancellation);
            foreach (var found in page.S3Objects ?? [])
            {
                after = found.Key;
                // Staging and the identity itself, which another store may have written just now, are no strangers.
                if (found.Key.StartsWith(endpoint.Keys.StagingRoot, StringComparison.Ordinal) || found.Key == endpoint.Keys.Identity) continue;
                throw Foreign($"has no {endpoint.Keys.Identity}, yet it holds '{Printable(found.Key)}'");
            }
            if (page.IsTruncated != true) return;
        }
    }

    private async Task<bool> Write(BackendIdentity identity, CancellationToken cancellation) =>
        await Write(identity, await conditions.OnPut(cancellation), cancellation);

    private Task<bool> Write(BackendIdentity identity, S3Condition onPut, CancellationToken cancellation) => endpoint.Call(
        "write the identity",
        async token =>
        {
            using var stream = new MemoryStream(IdentityDocument.Encode(identity));
            var request = new PutObjectRequest
            {
                BucketName = endpoint.Bucket,
                Key = endpoint.Keys.Identity,
                InputStream = stream,
                ContentType = "application/json",
                IfNoneMatch = onPut == S3Condition.Refused ? null : "*",
            };
            endpoint.Dress(request);
            try
            {
                await endpoint.Client.PutObjectAsync(request, token);
            }
            catch (AmazonS3Exception answer) when (answer.StatusCode == HttpStatusCode.PreconditionFailed)
            {
                // Somebody was faster; whose it is now is read again.
            }
            return true;
        },
        cancellation);

    private static string Printable(string name) => string.Concat(name.Take(200).Select(c => c is >= ' ' and <= '~' ? c : '?'));

    private BlobStoreException Foreign(string what, Exception? inner = null)
    {
        var place = endpoint.Keys.Root.Length == 0 ? $"bucket {endpoint.Bucket}" : $"prefix {endpoint.Keys.Root} of the bucket {endpoint.Bucket}";
        return new(
            BlobFailure.Foreign,
            $"The {place} {what}. Nothing was touched; check ARTIFACTSTORE_S3_BUCKET, ARTIFACTSTORE_S3_KEY_PREFIX and the database.",
            inner);
    }
}
