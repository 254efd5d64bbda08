using ArtifactStore.Interfaces.Events;
using ArtifactStore.Interfaces.Journal;

namespace ArtifactStore.Storage.Journal.Replaying;

/// <summary>What a replay demands of every line of the log before it is believed.</summary>
internal static class LineProof
{
    /// <summary>The line follows the one before, and its bytes and fields have the digests that were recorded.</summary>
    public static void Prove(EventRecord record, long last)
    {
        if (record.Sequence != last + 1)
            throw new DamagedLogException($"the log has a hole: after event {last} comes event {record.Sequence}");
        if (LeafDigest.OfPayload(record.Payload.Span) != record.PayloadDigest)
            throw new DamagedLogException($"event {record.Sequence} is damaged: its payload does not have the digest that was recorded");
        if (LeafDigest.Of(record) != record.LeafDigest)
            throw new DamagedLogException($"event {record.Sequence} is damaged: its fields do not have the digest that was recorded");
    }

    /// <summary>Null for a type that is not known.</summary>
    public static StoreEvent? Decode(EventRecord record)
    {
        try
        {
            return EventCodec.Decode(record.Type, record.Payload);
        }
        catch (FormatException e)
        {
            throw new DamagedLogException($"event {record.Sequence} cannot be read as {record.Type}: {e.Message}", e);
        }
    }

    public static DamagedLogException OtherEnd(long last, long head) =>
        new($"the log ends at event {last}, but the store remembers another end ({head})");
}
