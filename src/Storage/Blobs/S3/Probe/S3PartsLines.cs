using Amazon.S3.Model;

namespace ArtifactStore.Storage.Blobs.S3.Probe;

/// <summary>Uploads of parts: sent at once, copied, listed while they are open, aborted.</summary>
internal sealed class S3PartsLines(S3ProbeBench bench)
{
    private const int Part = S3Options.MinMultipartChunkBytes;
    private static readonly byte[] Whole = S3ProbeBench.Bytes(2 * Part + 1000);

    public (string Name, Func<CancellationToken, Task<S3Verdict>> Ask)[] All =>
    [
        ("multipart", Multipart), ("multipart-copy", MultipartCopy), ("multipart-list", MultipartList), ("multipart-abort", MultipartAbort),
    ];

    private async Task<S3Verdict> Multipart(CancellationToken cancellation)
    {
        var upload = await bench.Begin("parts", cancellation);
        var parts = await Task.WhenAll(
            bench.PutPart("parts", upload, 3, Whole[(2 * Part)..], cancellation),
            bench.PutPart("parts", upload, 2, Whole[Part..(2 * Part)], cancellation),
            bench.PutPart("parts", upload, 1, Whole[..Part], cancellation));
        var early = await bench.IsThere("parts", cancellation);
        await bench.Complete("parts", upload, parts.Reverse(), cancellation);
        if (early) return S3Verdict.Fail("the object is there before its upload was completed");
        var read = await bench.Get("parts", cancellation);
        return S3Verdict.Of(read.AsSpan().SequenceEqual(Whole), "parts at once, the last one first", "an object of parts has other bytes than its parts");
    }

    /// <summary>Bodies above 5 GiB take their key so.</summary>
    private async Task<S3Verdict> MultipartCopy(CancellationToken cancellation)
    {
        var upload = await bench.Begin("parts-copied", cancellation);
        var parts = new List<PartETag>();
        foreach (var (first, last) in new[] { (0, Part - 1), (Part, Whole.Length - 1) })
        {
            var request = new CopyPartRequest
            {
                SourceBucket = bench.Bucket,
                SourceKey = bench.Root + "parts",
                DestinationBucket = bench.Bucket,
                DestinationKey = bench.Root + "parts-copied",
                UploadId = upload,
                PartNumber = parts.Count + 1,
                FirstByte = first,
                LastByte = last,
            };
            var copied = "";
            var refusal = await S3ProbeBench.Refusal(async () => copied = (await bench.Client.CopyPartAsync(request, cancellation)).ETag);
            if (refusal is not null) return S3Verdict.Fail($"refused with {(int)refusal}: nothing above 5 GiB can be stored with these keys");
            parts.Add(new PartETag(parts.Count + 1, copied));
        }
        await bench.Complete("parts-copied", upload, parts, cancellation);
        var read = await bench.Get("parts-copied", cancellation);
        return S3Verdict.Of(
            read.AsSpan().SequenceEqual(Whole), "ranges of an object become parts", "a copy of parts has other bytes: nothing above 5 GiB can be stored");
    }

    private async Task<S3Verdict> MultipartList(CancellationToken cancellation)
    {
        var upload = await bench.Begin("open", cancellation);
        await bench.PutPart("open", upload, 1, Whole[..1000], cancellation);
        var open = await bench.OpenUploads(cancellation);
        return S3Verdict.Of(
            open.Exists(one => one.Key == bench.Root + "open" && one.UploadId == upload) && !open.Exists(one => one.Key == bench.Root + "parts"),
            "open uploads are told, finished ones are not",
            "open uploads are not listed: those of a dead node would stay for ever");
    }

    private async Task<S3Verdict> MultipartAbort(CancellationToken cancellation)
    {
        var upload = await bench.Begin("aborted", cancellation);
        await bench.PutPart("aborted", upload, 1, Whole[..1000], cancellation);
        // The second time there is nothing to abort, which must not look like a failure.
        foreach (var round in new[] { "", " twice" })
        {
            if (!await S3PartsUpload.Abort(bench.Endpoint, bench.Root + "aborted", upload, cancellation))
                return S3Verdict.Fail($"an upload cannot be aborted{round}: what breaks off would stay");
        }
        var open = await bench.OpenUploads(cancellation);
        var gone = open.TrueForAll(other => other.UploadId != upload) && !await bench.IsThere("aborted", cancellation);
        return S3Verdict.Of(gone, "gone at once; aborting again does no harm", "an aborted upload is still there");
    }
}
