using System.Buffers;
using System.Buffers.Binary;
using System.Text;
using ArtifactStore.Interfaces.Events;
using ArtifactStore.Interfaces.Hashing;

namespace ArtifactStore.Interfaces.Journal;

/// <summary>
/// The digest of one line of the log: what a Merkle log over the events will have as its leaves. BLAKE3 over these bytes, integers
/// big-endian, texts in UTF-8 with their length before them, so that no two different lines have the same bytes:
/// <code>
///   "artifactstore.event.1"   21 bytes, ASCII
///   sequence                   8
///   time                       8   microseconds since 1970, two's complement
///   type                       4 + n
///   tenant                     4 + n
///   subject kind               1
///   subject id                 4 + n
///   stream version             8
///   actor                      4 + n
///   payload digest            32   BLAKE3 of the payload
/// </code>
/// Frozen: a change is a new prefix and a new column.
/// </summary>
public static class LeafDigest
{
    private const int FixedBytes = 21 + 8 + 8 + 1 + 8 + Digest256.Bytes + 4 * sizeof(uint);

    private static ReadOnlySpan<byte> Prefix => "artifactstore.event.1"u8;

    public static Digest256 Of(
        long sequence, DateTimeOffset time, string type, in StreamId stream, long streamVersion, string actor, Digest256 payloadDigest)
    {
        var size = FixedBytes + Encoding.UTF8.GetMaxByteCount(type.Length + stream.Tenant.Value.Length + stream.Id.Length + actor.Length);
        var buffer = ArrayPool<byte>.Shared.Rent(size);
        try
        {
            var length = Write(buffer, sequence, time, type, stream, streamVersion, actor, payloadDigest);
            Span<byte> digest = stackalloc byte[Digest256.Bytes];
            Blake3.Hash(buffer.AsSpan(0, length), digest);
            return Digest256.FromBytes(digest);
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    public static Digest256 Of(EventRecord record) =>
        Of(record.Sequence, record.Time, record.Type, record.Stream, record.StreamVersion, record.Actor, record.PayloadDigest);

    public static Digest256 OfPayload(ReadOnlySpan<byte> payload)
    {
        Span<byte> digest = stackalloc byte[Digest256.Bytes];
        Blake3.Hash(payload, digest);
        return Digest256.FromBytes(digest);
    }

    private static int Write(
        Span<byte> buffer,
        long sequence,
        DateTimeOffset time,
        string type,
        in StreamId stream,
        long streamVersion,
        string actor,
        Digest256 payload)
    {
        Prefix.CopyTo(buffer);
        var at = Prefix.Length;
        at += Integer(buffer[at..], sequence);
        at += Integer(buffer[at..], EventTime.ToMicroseconds(time));
        at += Text(buffer[at..], type);
        at += Text(buffer[at..], stream.Tenant.Value);
        buffer[at++] = (byte)stream.Kind;
        at += Text(buffer[at..], stream.Id);
        at += Integer(buffer[at..], streamVersion);
        at += Text(buffer[at..], actor);
        payload.CopyTo(buffer[at..]);
        return at + Digest256.Bytes;
    }

    private static int Integer(Span<byte> destination, long value)
    {
        BinaryPrimitives.WriteInt64BigEndian(destination, value);
        return sizeof(long);
    }

    private static int Text(Span<byte> destination, string value)
    {
        var length = Encoding.UTF8.GetBytes(value, destination[sizeof(uint)..]);
        BinaryPrimitives.WriteUInt32BigEndian(destination, (uint)length);
        return sizeof(uint) + length;
    }
}
