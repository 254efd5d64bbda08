using System.Net;
using Amazon.S3;
using Amazon.S3.Model;
using ArtifactStore.Interfaces.Blobs;

namespace ArtifactStore.Storage.Blobs.S3.Probe;

/// <summary>Writing, reading back, ranges, copies and deletion of single objects.</summary>
internal sealed class S3BytesLines(S3ProbeBench bench)
{
    private const int Size = 1024 * 1024;
    private static readonly byte[] Whole = S3ProbeBench.Bytes(Size);

    public (string Name, Func<CancellationToken, Task<S3Verdict>> Ask)[] All =>
    [
        ("put", Put), ("put-empty", PutEmpty), ("put-streamed", PutStreamed), ("names", Names), ("metadata", Metadata), ("absent", Absent),
        ("range", Range), ("range-beyond-end", RangeBeyondEnd), ("range-after-end", RangeAfterEnd), ("range-suffix", RangeSuffix),
        ("copy", Copy), ("delete", Delete), ("delete-again", DeleteAgain),
    ];

    private async Task<S3Verdict> Put(CancellationToken cancellation)
    {
        await bench.Put("whole", Whole, cancellation, request => request.Metadata.Add(S3Found.Blake3Name, "digest"));
        var read = await bench.Get("whole", cancellation);
        return S3Verdict.Of(read.AsSpan().SequenceEqual(Whole), "1 MiB reads back as it was put", "what is read is not what was put: bytes would be lost");
    }

    private async Task<S3Verdict> PutEmpty(CancellationToken cancellation)
    {
        await bench.Put("empty", [], cancellation);
        var read = await bench.Get("empty", cancellation);
        return S3Verdict.Of(read.Length == 0, "an object of no bytes is one", "an empty object has bytes");
    }

    /// <summary>Over http the pieces of a body that streams are signed one by one.</summary>
    private async Task<S3Verdict> PutStreamed(CancellationToken cancellation)
    {
        await using var stream = new OnceOnly(Whole);
        var request = new PutObjectRequest { BucketName = bench.Bucket, Key = bench.Root + "streamed", InputStream = stream, AutoCloseStream = false };
        bench.Endpoint.Dress(request);
        await bench.Client.PutObjectAsync(request, cancellation);
        var read = await bench.Get("streamed", cancellation);
        return S3Verdict.Of(
            read.AsSpan().SequenceEqual(Whole), "a body that cannot be read twice goes up", "a streamed body is not what was sent: the store cannot stage");
    }

    private async Task<S3Verdict> Names(CancellationToken cancellation)
    {
        const string name = "names/a b+c%20d=(e)'~.json";
        await bench.Put(name, [1], cancellation);
        var page = await bench.Endpoint.List(bench.Root + "names/", null, 10, cancellation);
        var listed = page.S3Objects is [var only] && only.Key == bench.Root + name;
        return S3Verdict.Of(
            listed && (await bench.Get(name, cancellation)).Length == 1, "names come back byte for byte", "a name with signs in it is listed as another");
    }

    private async Task<S3Verdict> Metadata(CancellationToken cancellation)
    {
        var found = await bench.Endpoint.Find(bench.Root + "whole", cancellation);
        return S3Verdict.Of(
            found is { Size: Size, Blake3: "digest" }, "HEAD tells the size and our digest", "HEAD does not tell the size or x-amz-meta-blake3");
    }

    private async Task<S3Verdict> Absent(CancellationToken cancellation) =>
        S3Verdict.Of(!await bench.IsThere("absent", cancellation), "404, for HEAD and GET", "something is said to be there that is not");

    private async Task<S3Verdict> Range(CancellationToken cancellation)
    {
        var read = await bench.Get("whole", cancellation, new ByteRange(70_001, 270_000));
        return S3Verdict.Of(
            read.AsSpan().SequenceEqual(Whole.AsSpan(70_001..270_001)), "exactly the bytes asked for", "a range answers other bytes: ranges cannot be served");
    }

    private async Task<S3Verdict> RangeBeyondEnd(CancellationToken cancellation)
    {
        var read = await bench.Get("whole", cancellation, new ByteRange(Size - 10, long.MaxValue));
        return S3Verdict.Of(read.AsSpan().SequenceEqual(Whole.AsSpan(^10..)), "ends with the object", "a range that ends after the object is not cut to it");
    }

    private async Task<S3Verdict> RangeAfterEnd(CancellationToken cancellation)
    {
        var status = await S3ProbeBench.Refusal(() => bench.Get("whole", cancellation, new ByteRange(Size, Size + 9)));
        return S3Verdict.Of(
            status == HttpStatusCode.RequestedRangeNotSatisfiable, "416, which the store takes for no bytes",
            $"a range after the end answers {(int?)status ?? 200} instead of 416");
    }

    private async Task<S3Verdict> RangeSuffix(CancellationToken cancellation)
    {
        var last = await bench.Get("whole", cancellation, new ByteRange("bytes=-10"));
        var more = await bench.Get("whole", cancellation, new ByteRange($"bytes=-{Size + 10}"));
        return last.AsSpan().SequenceEqual(Whole.AsSpan(^10..)) && more.Length == Size
            ? S3Verdict.Pass("the last bytes, and all when there are fewer")
            : S3Verdict.Ignored("suffix ranges are not answered as they should be; the store does not send them");
    }

    private async Task<S3Verdict> Copy(CancellationToken cancellation)
    {
        await bench.Copy("whole", "copied", cancellation);
        var found = await bench.Endpoint.Find(bench.Root + "copied", cancellation);
        if (found?.Blake3 != "copied") return S3Verdict.Fail("a copy does not take the metadata that is sent with it");
        var read = await bench.Get("copied", cancellation);
        return S3Verdict.Of(read.AsSpan().SequenceEqual(Whole), "inside the endpoint, with new metadata", "a copy has other bytes than its source");
    }

    private async Task<S3Verdict> Delete(CancellationToken cancellation)
    {
        await bench.Delete("copied", cancellation);
        return S3Verdict.Of(!await bench.IsThere("copied", cancellation), "gone at once", "a deleted object is still there: nothing can be collected");
    }

    private async Task<S3Verdict> DeleteAgain(CancellationToken cancellation)
    {
        var status = await S3ProbeBench.Refusal(() => bench.Delete("copied", cancellation));
        return S3Verdict.Of(status is null, "deleting nothing succeeds", $"deleting what is gone answers {(int?)status}: a repeated deletion would fail");
    }

    /// <summary>A body of known length that the client cannot read twice.</summary>
    private sealed class OnceOnly(byte[] bytes) : ForwardStream
    {
        private int _position;

        public override long Length => bytes.Length;

        public override long Position
        {
            get => _position;
            set => throw new NotSupportedException();
        }

        public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
        {
            var read = Math.Min(buffer.Length, bytes.Length - _position);
            bytes.AsMemory(_position, read).CopyTo(buffer);
            _position += read;
            return ValueTask.FromResult(read);
        }
    }
}
