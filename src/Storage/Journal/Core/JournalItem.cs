using System.Runtime.InteropServices;
using ArtifactStore.Interfaces.Events;
using ArtifactStore.Interfaces.Hashing;
using ArtifactStore.Interfaces.Ids;
using ArtifactStore.Interfaces.Journal;

namespace ArtifactStore.Storage.Journal.Core;

/// <summary>One thing that a batch decides. Everything that needs no facts (encoding, hashing) was done by the caller's thread.</summary>
internal abstract class JournalItem
{
    /// <summary>Rough size of what it writes, for the bound of a batch.</summary>
    public abstract int Bytes { get; }
}

internal sealed class ReserveItem(ReserveContent request) : JournalItem
{
    public ReserveContent Request { get; } = request;

    public SlotRef Slot { get; } = new(request.Tenant, request.Backend, request.Content.Blake3);

    public override int Bytes => 256;
}

internal sealed class AppendItem : JournalItem
{
    private const int BytesPerEvent = 512;

    public AppendItem(Append append)
    {
        Append = append;
        Events = new PreparedEvent[append.Events.Length];
        var bytes = 0;
        for (var i = 0; i < Events.Length; i++)
        {
            var body = append.Events[i].Body;
            var payload = EventCodec.Encode(body);
            Events[i] = new(EventCodec.NameOf(body), payload, LeafDigest.OfPayload(payload));
            bytes += BytesPerEvent + payload.Length;
        }
        Bytes = bytes;
    }

    public Append Append { get; }

    public PreparedEvent[] Events { get; }

    public override int Bytes { get; }
}

internal readonly record struct PreparedEvent(string Type, byte[] Payload, Digest256 PayloadDigest);

/// <summary>
/// An accepted event with its place in the log. <paramref name="AppendSize"/> is the number of events of its append on the first of
/// them, else 0.
/// </summary>
internal sealed record PlacedEvent(EventRecord Record, StoreEvent? Body, int AppendSize);

/// <summary>What became of an item.</summary>
[StructLayout(LayoutKind.Auto)]
internal readonly record struct Verdict(AppendResult? Append, ReserveResult? Reserve, string? Fault)
{
    public static Verdict Of(AppendResult result) => new(result, null, null);

    public static Verdict Of(ReserveResult result) => new(null, result, null);

    /// <summary>The append contradicts the views (a file of no package): a bug of the caller, found before anything was written.</summary>
    public static Verdict Faulty(string reason) => new(null, null, reason);
}
