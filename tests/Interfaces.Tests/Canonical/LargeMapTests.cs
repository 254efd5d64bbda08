using System.Buffers;
using System.IO.Pipelines;
using System.Text;
using ArtifactStore.Interfaces.Blobs;
using ArtifactStore.Interfaces.Canonical;

namespace ArtifactStore.Interfaces.Tests.Canonical;

/// <summary>Measures the live memory of the process, so nothing else may run beside it.</summary>
[CollectionDefinition(Name, DisableParallelization = true)]
public sealed class MeasuredAlone
{
    public const string Name = "measured alone";
}

/// <summary>Maps too large to be held: written incrementally, projected to JCS by ranges.</summary>
[Collection(MeasuredAlone.Name)]
public class LargeMapTests
{
    [Fact]
    public async Task A_streamed_map_is_the_document_it_would_be_and_its_projection_is_that_documents_jcs()
    {
        var stored = Manifest(3);
        Assert.True(CanonicalDocument.TryFromCbor(stored, out var document, out var error), error);
        Assert.Equal(Encoding.UTF8.GetString(document.ToJcs()), Encoding.UTF8.GetString(await ProjectAsync(stored, chunkBytes: 1)));
    }

    [Fact]
    public async Task Any_map_projects_to_its_jcs()
    {
        var random = new Random(17);
        for (var round = 0; round < 300; round++)
        {
            var (one, two) = (Documents.Json(Documents.Any(random)), Documents.Json(Documents.Any(random)));
            var document = Documents.FromJson($"{{\"\uFB33\":{one},\"😀\":[{two},1],\"bb\":[],\"a\":{{}}}}");
            Assert.Equal(document.ToJson(), Encoding.UTF8.GetString(await ProjectAsync(document.Cbor.ToArray(), random.Next(1, 40))));
        }
    }

    [Fact]
    public async Task A_hundred_thousand_elements_project_in_the_memory_of_a_few()
    {
        var stored = Manifest(100_000);
        await MeasureAsync(Manifest(1000));
        var few = await MeasureAsync(Manifest(1000));
        var many = await MeasureAsync(stored);
        Assert.InRange(many.Peak, 0, few.Peak + 1_000_000);
        Assert.Equal(JcsLength(stored), many.Length);
    }

    [Theory]
    [InlineData("80", "not a CBOR map")]
    [InlineData("a1", "end inside")]
    [InlineData("a16161", "end inside")]
    [InlineData("a1616182a0", "end inside")]
    [InlineData("a000", "follow")]
    [InlineData("a2616201616102", "canonical order")]
    [InlineData("a2616101616102", "canonical order")]
    [InlineData("a10101", "text")]
    [InlineData("a1616141ff", "byte strings")]
    [InlineData("a161619fff", "indefinite")]
    [InlineData("a1616181a2616201616102", "order")]
    [InlineData("a161619bffffffffffffffff", "end inside")]
    [InlineData("bb00000000ffffffff", "shortest")]
    [InlineData("baffffffff", "keys")]
    [InlineData("a161617affffffff", "larger|end inside")]
    public async Task Broken_bytes_do_not_project(string hex, string because)
    {
        var failure = await Assert.ThrowsAsync<FormatException>(() => ProjectAsync(Convert.FromHexString(hex)));
        Assert.Contains(because.Split('|'), text => failure.Message.Contains(text, StringComparison.Ordinal));
    }

    [Fact]
    public void Broken_promises_of_the_writer_are_bugs()
    {
        var output = new ArrayBufferWriter<byte>();
        var map = new CanonicalMapStream(output, 2);
        map.Text("bb", "x");
        Assert.Throws<InvalidOperationException>(() => map.Text("a", "shorter keys come first"));
        Assert.Throws<InvalidOperationException>(() => map.Text("bb", "twice"));
        Assert.Throws<InvalidOperationException>(() => map.Element([0xa0]));
        Assert.Throws<InvalidOperationException>(map.Complete);
        map.StartArray("cc", 1);
        Assert.Throws<InvalidOperationException>(map.Complete);
        map.Element([0xa0]);
        Assert.Throws<InvalidOperationException>(() => map.Element([0xa0]));
        map.Complete();
        Assert.Throws<InvalidOperationException>(() => map.Int64("dd", 1));
    }

    private static byte[] Manifest(int files)
    {
        var output = new ArrayBufferWriter<byte>();
        var map = new CanonicalMapStream(output, 4);
        map.Text("id", "p-1");
        map.StartArray("files", files);
        for (var i = 0; i < files; i++)
        {
            map.Element(CborMapWriter.Encode(i, static (file, n) => file
                .Text("path", $"logs/{n:D6}.txt").Int64("size_bytes", n).Text("media_type", "text/plain")));
        }

        map.Document("metadata", Documents.FromJson("""{"b":1.5,"aa":[true]}"""));
        map.Int64("finalized_at", -5);
        map.Complete();
        return output.WrittenSpan.ToArray();
    }

    private static async Task<byte[]> ProjectAsync(byte[] stored, int chunkBytes = int.MaxValue)
    {
        using var json = new MemoryStream();
        await JcsProjection.WriteAsync(Range(stored, chunkBytes), stored.Length, json, TestContext.Current.CancellationToken);
        return json.ToArray();
    }

    private static OpenRange Range(byte[] stored, int chunkBytes) => (offset, length, _) =>
        ValueTask.FromResult<Stream>(new Chunked(new MemoryStream(stored, (int)offset, (int)length), chunkBytes));

    private static async Task<(long Peak, long Length)> MeasureAsync(byte[] stored)
    {
        var sink = new MeasuringSink();
        await JcsProjection.WriteAsync(Range(stored, int.MaxValue), stored.Length, sink, TestContext.Current.CancellationToken);
        return (sink.PeakBytes, sink.Length);
    }

    private static long JcsLength(byte[] stored)
    {
        Assert.True(
            CanonicalDocument.TryFromCbor(stored, new CanonicalLimits(MaxBytes: stored.Length), out var document, out var error), error);
        return document.ToJcs().Length;
    }

    /// <summary>Hands out a few bytes at a time, as sockets and disks may.</summary>
    private sealed class Chunked(MemoryStream inner, int chunkBytes) : ForwardStream
    {
        public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default) =>
            inner.ReadAsync(buffer[..Math.Min(buffer.Length, chunkBytes)], cancellationToken);
    }

    /// <summary>Counts what arrives, and the live memory at each arrival.</summary>
    private sealed class MeasuringSink : Stream
    {
        private readonly long _before = GC.GetTotalMemory(forceFullCollection: true);
        private long _length;

        public long PeakBytes { get; private set; }
        public override bool CanRead => false;
        public override bool CanSeek => false;
        public override bool CanWrite => true;
        public override long Length => _length;
        public override long Position { get => _length; set => throw new NotSupportedException(); }
        public override void Flush() { }
        public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();
        public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();
        public override void SetLength(long value) => throw new NotSupportedException();
        public override void Write(byte[] buffer, int offset, int count) => _length += count;

        public override ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
        {
            // A full collection for every arrival would be slow; one in sixteen sees growth just as well.
            if (((_length / 65536) & 15) == 0)
                PeakBytes = Math.Max(PeakBytes, GC.GetTotalMemory(forceFullCollection: true) - _before);
            _length += buffer.Length;
            return ValueTask.CompletedTask;
        }
    }
}
