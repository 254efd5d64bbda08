using ArtifactStore.Interfaces.Hashing;

namespace ArtifactStore.Interfaces.Journal;

/// <summary>
/// Proves the lines of a log one after another: no hole, every payload and every leaf as its digest says, appends whole and together.
/// Whoever carries a log from one place to another lets every line pass through here.
/// </summary>
public sealed class LogProof
{
    private long _endOfAppend;

    public LogProof(long head = 0, Digest256 headLeaf = default)
    {
        Head = head;
        HeadLeaf = headLeaf;
        _endOfAppend = head;
    }

    /// <summary>The last line that was proved; 0 before the first.</summary>
    public long Head { get; private set; }

    public Digest256 HeadLeaf { get; private set; }

    /// <summary>True when the log may end here: an append is in it whole or not at all.</summary>
    public bool AtEndOfAppend => Head == _endOfAppend;

    /// <summary>Null: the line is what comes next. Else what is wrong with it, as the end of a sentence.</summary>
    public string? Accept(EventRecord line)
    {
        if (FaultOf(line, Head) is { } fault) return fault;
        if (AtEndOfAppend != line.AppendSize > 0)
            return $"event {line.Sequence} is {(AtEndOfAppend ? "not the first" : "the first")} of its append, out of place";
        if (line.AppendSize > 0) _endOfAppend = Head + line.AppendSize;
        Head = line.Sequence;
        HeadLeaf = line.LeafDigest;
        return null;
    }

    /// <summary>Null: the line follows the one before, and its bytes and fields have the digests that were recorded. Else a sentence.</summary>
    public static string? FaultOf(EventRecord line, long last)
    {
        if (line.Sequence != last + 1) return $"the log has a hole: after event {last} comes event {line.Sequence}";
        if (LeafDigest.OfPayload(line.Payload.Span) != line.PayloadDigest)
            return $"event {line.Sequence} is damaged: its payload does not have the digest that was recorded";
        return LeafDigest.Of(line) == line.LeafDigest
            ? null
            : $"event {line.Sequence} is damaged: its fields do not have the digest that was recorded";
    }
}
