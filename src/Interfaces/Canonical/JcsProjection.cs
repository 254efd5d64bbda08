using System.Buffers;
using System.IO.Pipelines;
using System.Text;

namespace ArtifactStore.Interfaces.Canonical;

/// <summary>Opens a range of stored bytes; the caller disposes the stream. A projection opens a few ranges, one after another.</summary>
public delegate ValueTask<Stream> OpenRange(long offset, long length, CancellationToken cancel);

/// <summary>
/// Projects a large canonical CBOR map to RFC 8785 JSON without holding it. The two formats order keys differently, so the map is
/// read twice: once to note where each top-level value lies, then value by value in JSON's order. Arrays directly under the map are
/// streamed element by element; every other top-level value, and every element, must fit <see cref="MaxItemBytes"/>.
/// Memory depends on the largest item, never on the number of elements.
/// </summary>
public static class JcsProjection
{
    public const int MaxItemBytes = 4 * 1024 * 1024;
    public const int MaxTopLevelKeys = 1024;
    private const int FlushBytes = 64 * 1024;

    private static readonly CanonicalLimits ItemLimits = new(CanonicalLimits.DefaultMaxDepth, MaxItemBytes);

    public static async Task WriteAsync(OpenRange open, long length, Stream json, CancellationToken cancel)
    {
        var pipe = PipeWriter.Create(json, new StreamPipeWriterOptions(leaveOpen: true, minimumBufferSize: FlushBytes));
        try
        {
            await WriteAsync(open, length, pipe, cancel);
        }
        finally
        {
            await pipe.CompleteAsync();
        }
    }

    /// <summary>Leaves <paramref name="json"/> open. Bytes that are no canonical map are a <see cref="FormatException"/>.</summary>
    public static async Task WriteAsync(OpenRange open, long length, PipeWriter json, CancellationToken cancel)
    {
        var entries = await IndexAsync(open, length, cancel);
        entries.Sort((left, right) => Utf16KeyOrder.Compare(left.Key, right.Key));
        json.Write("{"u8);
        for (var i = 0; i < entries.Count; i++)
        {
            if (i > 0)
                json.Write(","u8);
            JcsWriter.WriteText(entries[i].Key, json);
            json.Write(":"u8);
            var stream = await open(entries[i].Offset, entries[i].Length, cancel);
            await using (stream)
                await WriteValueAsync(new CborStreamReader(stream, MaxItemBytes), json, cancel);
        }

        json.Write("}"u8);
        await json.FlushAsync(cancel);
    }

    private static async Task<List<Entry>> IndexAsync(OpenRange open, long length, CancellationToken cancel)
    {
        var stream = await open(0, length, cancel);
        await using (stream)
        {
            var reader = new CborStreamReader(stream, MaxItemBytes);
            var map = await reader.TakeHeadAsync(cancel);
            if (map.Major != CborMajor.Map)
                throw new FormatException("The content is not a CBOR map.");
            if (map.Argument > MaxTopLevelKeys)
                throw new FormatException($"The map has more than {MaxTopLevelKeys} keys.");
            var entries = new List<Entry>((int)map.Argument);
            for (var i = 0UL; i < map.Argument; i++)
            {
                var key = CheckedKey(await reader.TakeItemAsync(cancel));
                if (i > 0 && CanonicalForm.CompareKeys(key, entries[^1].Key) <= 0)
                    throw new FormatException($"Key \"{Encoding.UTF8.GetString(key)}\" is not in canonical order.");
                var start = reader.Position;
                await VisitItemsAsync(reader, static (_, _) => ValueTask.CompletedTask, cancel);
                entries.Add(new(key, start, reader.Position - start));
            }

            return await reader.AtEndAsync(cancel) ? entries : throw new FormatException("Bytes follow the map.");
        }
    }

    private static async Task WriteValueAsync(CborStreamReader reader, PipeWriter json, CancellationToken cancel)
    {
        var isArray = (await reader.PeekHeadAsync(cancel)).Major == CborMajor.Array;
        if (isArray)
            json.Write("["u8);
        await VisitItemsAsync(reader, async (item, index) =>
        {
            if (index > 0)
                json.Write(","u8);
            if (CanonicalForm.Check(item.Span, ItemLimits, CanonicalProfile.Document) is { } fault)
                throw new FormatException($"An item is not canonical: {fault}.");
            JcsWriter.Write(item, json);
            if (json.UnflushedBytes >= FlushBytes)
                await json.FlushAsync(cancel);
        }, cancel);
        if (isArray)
            json.Write("]"u8);
    }

    /// <summary>Visits the elements of an array, or the value itself when it is anything else.</summary>
    private static async Task VisitItemsAsync(CborStreamReader reader, Func<ReadOnlyMemory<byte>, ulong, ValueTask> visit, CancellationToken cancel)
    {
        var head = await reader.PeekHeadAsync(cancel);
        if (head.Major != CborMajor.Array)
        {
            await visit(await reader.TakeItemAsync(cancel), 0);
            return;
        }

        await reader.TakeHeadAsync(cancel);
        for (var i = 0UL; i < head.Argument; i++)
            await visit(await reader.TakeItemAsync(cancel), i);
    }

    private static byte[] CheckedKey(ReadOnlyMemory<byte> item)
    {
        if (CanonicalForm.Check(item.Span, ItemLimits, CanonicalProfile.Document) is { } fault)
            throw new FormatException($"A key is not canonical: {fault}.");
        CborHead.TryRead(item.Span, out var head);
        return head.Major == CborMajor.Text ? item[head.Length..].ToArray() : throw new FormatException("Map keys must be text.");
    }

    private readonly record struct Entry(byte[] Key, long Offset, long Length);
}
