using ArtifactStore.Interfaces.Hashing;
using ArtifactStore.Interfaces.Ids;
using ArtifactStore.Interfaces.Journal;

namespace ArtifactStore.Interfaces.Tests.Events;

/// <summary>Lines of the log outside a database, and the proof that they are what comes next.</summary>
public sealed class EventLineTests
{
    /// <summary>Frozen: a backup of today is read for ever. An independent decoder shows what it says.</summary>
    private const string Golden =
        "ad" + "656163746f72" + "65616c696365" + "6674656e616e74" + "6764656661756c74" + "677061796c6f6164" + "44a1617801"
        + "6873657175656e6365" + "01" + "69617070656e645f6964" + "5001932f00000070008000000000000001"
        + "6a637265617465645f6174" + "1b000660b3fbcbf240" + "6a6576656e745f74797065" + "6776312e74657374" + "6a7375626a6563745f6964" + "6161"
        + "6b617070656e645f73697a65" + "02";

    [Fact]
    public void The_bytes_of_a_line_are_frozen()
    {
        var hex = Convert.ToHexStringLower(EventLine.Encode(Line(1, 1, 2)));
        Assert.StartsWith(Golden, hex);
        Assert.Contains(Convert.ToHexStringLower("leaf_digest"u8) + "5820" + Line(1, 1, 2).LeafDigest.ToHex(), hex);
    }

    [Fact]
    public async Task What_was_written_is_read_line_by_line_and_a_cut_is_found()
    {
        EventRecord[] lines = [Line(1, 1, 2), Line(2, 2, 0), Line(3, 3, 1)];
        byte[] bytes = [.. lines.SelectMany(EventLine.Encode)];
        var read = await Read(bytes);
        Assert.Equal(lines.Select(EventLine.Encode), read.Select(EventLine.Encode));
        Assert.Equal([2, 0, 1], read.Select(line => line.AppendSize));
        for (var length = bytes.Length - 1; length > bytes.Length - EventLine.Encode(lines[2]).Length; length--)
            await Assert.ThrowsAsync<FormatException>(() => Read(bytes[..length]));
    }

    [Fact]
    public void What_is_not_what_comes_next_is_refused_with_its_reason()
    {
        var proof = new LogProof();
        Assert.Null(proof.Accept(Line(1, 1, 2)));
        Assert.False(proof.AtEndOfAppend);
        Assert.Contains("after event 1 comes event 3", proof.Accept(Line(3, 2, 0)));
        Assert.Contains("out of place", proof.Accept(Line(2, 2, 1)));
        Assert.Contains("payload", proof.Accept(Line(2, 2, 0) with { Payload = new byte[] { 0xa0 } }));
        Assert.Contains("fields", proof.Accept(Line(2, 2, 0) with { Actor = "bob" }));
        Assert.Null(proof.Accept(Line(2, 2, 0)));
        Assert.True(proof.AtEndOfAppend);
        Assert.Contains("out of place", proof.Accept(Line(3, 3, 0)));
        Assert.Equal((2, Line(2, 2, 0).LeafDigest), (proof.Head, proof.HeadLeaf));
    }

    private static async Task<List<EventRecord>> Read(byte[] bytes)
    {
        var lines = new List<EventRecord>();
        await foreach (var line in EventLine.ReadAsync(new MemoryStream(bytes))) lines.Add(line);
        return lines;
    }

    private static EventRecord Line(long sequence, long version, int appendSize)
    {
        byte[] payload = [0xa1, 0x61, 0x78, 0x01];
        var line = new EventRecord(
            sequence, new(2026, 11, 20, 12, 0, 0, 123, 456, TimeSpan.Zero), "v1.test", new(new TenantId("default"), SubjectKind.Store, "a"), version,
            "alice", new(new Guid("01932f00-0000-7000-8000-000000000001")), payload, LeafDigest.OfPayload(payload), default)
        { AppendSize = appendSize };
        return line with { LeafDigest = LeafDigest.Of(line) };
    }
}
