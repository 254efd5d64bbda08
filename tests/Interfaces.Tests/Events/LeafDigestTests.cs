using System.Buffers.Binary;
using System.Text;
using ArtifactStore.Interfaces.Hashing;
using ArtifactStore.Interfaces.Ids;
using ArtifactStore.Interfaces.Journal;

namespace ArtifactStore.Interfaces.Tests.Events;

public sealed class LeafDigestTests
{
    private static readonly Digest256 Payload = LeafDigest.OfPayload("payload"u8);
    private static readonly DateTimeOffset Time = new(2026, 11, 20, 12, 0, 0, 123, 456, TimeSpan.Zero);
    private static readonly StreamId Stream = new(new("default"), SubjectKind.Package, "0193f6a0");

    [Fact]
    public void The_layout_is_the_documented_one()
    {
        var bytes = new MemoryStream();
        bytes.Write("artifactstore.event.1"u8);
        Integer(7);
        Integer(1_795_176_000_123_456);
        Text("v1.package.created");
        Text("default");
        bytes.WriteByte(2);
        Text("0193f6a0");
        Integer(3);
        Text("alice");
        bytes.Write(Payload.ToArray());
        var expected = Digest256.FromBytes(Blake3.Hash(bytes.ToArray()));
        Assert.Equal(expected, LeafDigest.Of(7, Time, "v1.package.created", Stream, 3, "alice", Payload));

        void Integer(long value)
        {
            Span<byte> buffer = stackalloc byte[8];
            BinaryPrimitives.WriteInt64BigEndian(buffer, value);
            bytes.Write(buffer);
        }

        void Text(string value)
        {
            var utf8 = Encoding.UTF8.GetBytes(value);
            bytes.Write([(byte)(utf8.Length >> 24), (byte)(utf8.Length >> 16), (byte)(utf8.Length >> 8), (byte)utf8.Length]);
            bytes.Write(utf8);
        }
    }

    [Fact]
    public void Every_field_counts_and_none_runs_into_the_next()
    {
        Digest256[] digests =
        [
            LeafDigest.Of(7, Time, "ab", Stream, 3, "alice", Payload),
            LeafDigest.Of(8, Time, "ab", Stream, 3, "alice", Payload),
            LeafDigest.Of(7, Time.AddMicroseconds(1), "ab", Stream, 3, "alice", Payload),
            LeafDigest.Of(7, Time, "abd", Stream with { Tenant = new("efault") }, 3, "alice", Payload),
            LeafDigest.Of(7, Time, "ab", Stream with { Tenant = new("other") }, 3, "alice", Payload),
            LeafDigest.Of(7, Time, "ab", Stream with { Kind = SubjectKind.Content }, 3, "alice", Payload),
            LeafDigest.Of(7, Time, "ab", Stream with { Id = "other" }, 3, "alice", Payload),
            LeafDigest.Of(7, Time, "ab", Stream, 4, "alice", Payload),
            LeafDigest.Of(7, Time, "ab", Stream, 3, "bob", Payload),
            LeafDigest.Of(7, Time, "ab", Stream, 3, "alice", LeafDigest.OfPayload("other"u8)),
        ];
        Assert.Equal(digests.Length, digests.Distinct().Count());
        Assert.Equal(digests[0], LeafDigest.Of(7, Time.AddTicks(9), "ab", Stream, 3, "alice", Payload));
    }
}
