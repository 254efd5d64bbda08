using ArtifactStore.Interfaces.Events;
using ArtifactStore.Interfaces.Journal;

namespace ArtifactStore.Storage.Journal.Replaying;

/// <summary>What a replay demands of every line of the log before it is believed.</summary>
internal static class LineProof
{
    public static void Prove(EventRecord record, long last)
    {
        if (LogProof.FaultOf(record, last) is { } fault) throw new DamagedLogException(fault);
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
