using ArtifactStore.Interfaces.Hashing;
using ArtifactStore.Interfaces.Ids;

namespace ArtifactStore.Interfaces.Journal;

/// <summary>One line of the log, as stored. Unknown types are carried along unread.</summary>
public sealed partial record EventRecord(
    long Sequence,
    DateTimeOffset Time,
    string Type,
    StreamId Stream,
    long StreamVersion,
    string Actor,
    AppendId AppendId,
    ReadOnlyMemory<byte> Payload,
    Digest256 PayloadDigest,
    Digest256 LeafDigest)
{
    /// <summary>How many events its append has, on the first of them; 0 on the others. A copy of the log needs it.</summary>
    public int AppendSize { get; init; }
}
