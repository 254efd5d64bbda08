using Amazon.S3.Model;
using ArtifactStore.Interfaces.Ids;

namespace ArtifactStore.Storage.Blobs.S3;

/// <summary>
/// Ends what attempts left behind that nobody will finish: objects and uploads of parts below staging, of nodes that do not live, and
/// uploads of parts to other keys (copies of very large objects, which do not say whose they are) that are older than any copy takes.
/// </summary>
internal sealed class S3Sweep(S3Endpoint endpoint, S3Staging staging, TimeProvider time)
{
    private const int PageSize = 1000;
    private static readonly TimeSpan LongestCopy = TimeSpan.FromDays(1);
    private static readonly TimeSpan LongestProbe = TimeSpan.FromHours(1);

    public async Task<int> Run(Func<CancellationToken, Task<IReadOnlySet<NodeId>>> living, CancellationToken cancellation) =>
        await SweepUploads(living, cancellation) + await SweepObjects(living, cancellation);

    private async Task<int> SweepObjects(Func<CancellationToken, Task<IReadOnlySet<NodeId>>> living, CancellationToken cancellation)
    {
        var swept = 0;
        string? after = null;
        while (true)
        {
            var page = await endpoint.List(endpoint.Keys.StagingRoot, after, PageSize, cancellation);
            // Asked after looking, never before: see the port.
            var alive = await living(cancellation);
            foreach (var found in page.S3Objects ?? [])
            {
                after = found.Key;
                if (staging.IsLive(found.Key) || IsOfTheLiving(found.Key, alive) || IsOfAProbe(found)) continue;
                await endpoint.Delete(found.Key, cancellation);
                swept++;
            }
            if (page.IsTruncated != true) return swept;
        }
    }

    private async Task<int> SweepUploads(Func<CancellationToken, Task<IReadOnlySet<NodeId>>> living, CancellationToken cancellation)
    {
        var swept = 0;
        var request = new ListMultipartUploadsRequest { BucketName = endpoint.Bucket, Prefix = endpoint.Keys.Root, MaxUploads = PageSize };
        while (true)
        {
            var page = await endpoint.Call(
                "list the multipart uploads", token => endpoint.Client.ListMultipartUploadsAsync(request, token), cancellation);
            var alive = await living(cancellation);
            foreach (var upload in page.MultipartUploads ?? [])
            {
                if (staging.IsLive(upload.UploadId) || staging.IsLive(upload.Key) || IsSpared(upload, alive)) continue;
                if (await S3PartsUpload.Abort(endpoint, upload.Key, upload.UploadId, cancellation)) swept++;
            }
            if (page.IsTruncated != true || page.NextKeyMarker is null) return swept;
            request.KeyMarker = page.NextKeyMarker;
            request.UploadIdMarker = page.NextUploadIdMarker;
        }
    }

    private bool IsSpared(MultipartUpload upload, IReadOnlySet<NodeId> alive)
    {
        if (endpoint.Keys.NodeOf(upload.Key) is not null) return IsOfTheLiving(upload.Key, alive);
        // What has no date is not old.
        return upload.Initiated is not { } date || date.ToUniversalTime() >= (time.GetUtcNow() - LongestCopy).UtcDateTime;
    }

    /// <summary>A probe runs beside the store and is no node: what it has just written is spared.</summary>
    private bool IsOfAProbe(S3Object found) =>
        found.Key.StartsWith(endpoint.Keys.ProbeRoot, StringComparison.Ordinal)
        && found.LastModified is { } date && date.ToUniversalTime() >= (time.GetUtcNow() - LongestProbe).UtcDateTime;

    /// <summary>This node lives, but what its staging does not know any more is nobody's.</summary>
    private bool IsOfTheLiving(string name, IReadOnlySet<NodeId> alive) =>
        endpoint.Keys.NodeOf(name) is { } owner && owner != endpoint.Node && alive.Contains(owner);
}
