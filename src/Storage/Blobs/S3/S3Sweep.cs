using Amazon.S3.Model;

namespace ArtifactStore.Storage.Blobs.S3;

/// <summary>Ends what attempts left behind that nobody will finish: old objects below staging, and old uploads of parts anywhere of ours.</summary>
internal sealed class S3Sweep(S3Endpoint endpoint, S3Staging staging)
{
    private const int PageSize = 1000;

    public async Task<int> Run(DateTimeOffset olderThan, CancellationToken cancellation) =>
        await SweepUploads(olderThan, cancellation) + await SweepObjects(olderThan, cancellation);

    private async Task<int> SweepObjects(DateTimeOffset olderThan, CancellationToken cancellation)
    {
        var swept = 0;
        string? after = null;
        while (true)
        {
            var page = await endpoint.List(endpoint.Keys.StagingRoot, after, PageSize, cancellation);
            foreach (var found in page.S3Objects ?? [])
            {
                after = found.Key;
                if (IsSpared(found.Key, found.LastModified, olderThan)) continue;
                await endpoint.Delete(found.Key, cancellation);
                swept++;
            }
            if (page.IsTruncated != true) return swept;
        }
    }

    private async Task<int> SweepUploads(DateTimeOffset olderThan, CancellationToken cancellation)
    {
        var swept = 0;
        var request = new ListMultipartUploadsRequest { BucketName = endpoint.Bucket, Prefix = endpoint.Keys.Root, MaxUploads = PageSize };
        while (true)
        {
            var page = await endpoint.Call(
                "list the multipart uploads", token => endpoint.Client.ListMultipartUploadsAsync(request, token), cancellation);
            foreach (var upload in page.MultipartUploads ?? [])
            {
                if (staging.IsLive(upload.UploadId) || IsSpared(upload.Key, upload.Initiated, olderThan)) continue;
                if (await S3PartsUpload.Abort(endpoint, upload.Key, upload.UploadId, cancellation)) swept++;
            }
            if (page.IsTruncated != true || page.NextKeyMarker is null) return swept;
            request.KeyMarker = page.NextKeyMarker;
            request.UploadIdMarker = page.NextUploadIdMarker;
        }
    }

    /// <summary>What has no date is not old.</summary>
    private bool IsSpared(string name, DateTime? since, DateTimeOffset olderThan) =>
        staging.IsLive(name) || since is not { } date || date.ToUniversalTime() >= olderThan.UtcDateTime;
}
