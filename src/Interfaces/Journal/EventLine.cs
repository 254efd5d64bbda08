using System.Runtime.CompilerServices;
using ArtifactStore.Interfaces.Canonical;
using ArtifactStore.Interfaces.Events;
using ArtifactStore.Interfaces.Hashing;

namespace ArtifactStore.Interfaces.Journal;

/// <summary>
/// A line of the log outside a database: one canonical CBOR map with every column of <c>docs/formats/journal.md</c>, lines one after
/// another (a CBOR sequence, RFC 8742). Frozen: a backup of today is read for ever. Reading ignores fields that it does not know.
/// </summary>
public static class EventLine
{
    /// <summary>The largest payload is a record of 16 times the largest document; around it are a few texts of bounded length.</summary>
    private const int MaxLineBytes = 32 * 1024 * 1024;

    public static byte[] Encode(EventRecord line) => CborMapWriter.Encode(line, static (map, e) => map
        .Int64("sequence", e.Sequence)
        .Int64("created_at", EventTime.ToMicroseconds(e.Time))
        .Text("event_type", e.Type)
        .Text("tenant", e.Stream.Tenant.Value)
        .Int64("subject_kind", (long)e.Stream.Kind)
        .Text("subject_id", e.Stream.Id)
        .Int64("stream_version", e.StreamVersion)
        .Text("actor", e.Actor)
        .Bytes("append_id", e.AppendId.Value.ToByteArray(bigEndian: true))
        .Int64("append_size", e.AppendSize)
        .Bytes("payload", e.Payload.Span)
        .Bytes("payload_digest", e.PayloadDigest.ToArray())
        .Bytes("leaf_digest", e.LeafDigest.ToArray()));

    /// <exception cref="FormatException">The bytes are no line of a log.</exception>
    public static EventRecord Decode(ReadOnlyMemory<byte> line)
    {
        var map = CborMapReader.Parse(line);
        return new(
            Sequence: map.Int64("sequence"),
            Time: EventTime.FromMicroseconds(map.Int64("created_at")),
            Type: map.Text("event_type"),
            Stream: new(new(map.Text("tenant")), (SubjectKind)map.Int64("subject_kind"), map.Text("subject_id")),
            StreamVersion: map.Int64("stream_version"),
            Actor: map.Text("actor"),
            AppendId: new(Uuid(map, "append_id")),
            Payload: map.Bytes("payload"),
            PayloadDigest: Digest(map, "payload_digest"),
            LeafDigest: Digest(map, "leaf_digest"))
        {
            AppendSize = checked((int)map.Int64("append_size")),
        };
    }

    /// <summary>The lines of a stream, one in memory at a time.</summary>
    /// <exception cref="FormatException">The bytes are no lines of a log, or the last of them is cut off.</exception>
    public static async IAsyncEnumerable<EventRecord> ReadAsync(
        Stream lines, [EnumeratorCancellation] CancellationToken cancellation = default)
    {
        var reader = new CborStreamReader(lines, MaxLineBytes);
        while (!await reader.AtEndAsync(cancellation)) yield return Decode(await reader.TakeItemAsync(cancellation));
    }

    private static Guid Uuid(CborMapReader map, string name) =>
        map.Bytes(name) is { Length: 16 } bytes ? new(bytes, bigEndian: true) : throw new FormatException($"Field \"{name}\" is not a UUID.");

    private static Digest256 Digest(CborMapReader map, string name) =>
        map.Bytes(name) is { Length: Digest256.Bytes } bytes
            ? Digest256.FromBytes(bytes)
            : throw new FormatException($"Field \"{name}\" is not a digest.");
}
