using System.Runtime.InteropServices;
using ArtifactStore.Interfaces.Events;
using ArtifactStore.Interfaces.Hashing;
using ArtifactStore.Interfaces.Ids;
using ArtifactStore.Interfaces.Journal;

namespace ArtifactStore.Cli.Backups;

/// <summary>
/// Which locations are live at the end of a log, from the log alone. A generation is written once, and what has ended never comes back
/// (design of contents): so the live ones are those that were settled and neither condemned nor failed. In a first walk the endings are
/// remembered, in a second one the settled locations are met that have none. Memory: about 50 bytes for each ending, whatever else the
/// log holds; a million of them are 50 MB.
/// </summary>
public sealed class LiveLocations
{
    private readonly HashSet<Digest256> _ended = [];

    /// <summary>First walk: every line, in order.</summary>
    public void Learn(EventRecord line)
    {
        switch (Decode(line))
        {
            case LocationCondemned e:
                _ended.Add(NameOf(line, e.Backend, e.Content, e.Generation));
                break;
            case LocationFailed e:
                _ended.Add(NameOf(line, e.Backend, e.Content, e.Generation));
                break;
        }
    }

    /// <summary>Second walk: the location that this line settled, if it is live at the end.</summary>
    public LocationSettled? Find(EventRecord line) =>
        Decode(line) is LocationSettled settled && !_ended.Contains(NameOf(line, settled.Backend, settled.Content.Blake3, settled.Generation))
            ? settled
            : null;

    private static StoreEvent? Decode(EventRecord line)
    {
        if (line.Stream.Kind != SubjectKind.Content) return null;
        try
        {
            return EventCodec.Decode(line.Type, line.Payload);
        }
        catch (FormatException malformed)
        {
            throw new CliFailureException(
                ExitCode.VerificationFailed, $"event {line.Sequence} cannot be read as {line.Type}: {malformed.Message.TrimEnd('.')}", malformed);
        }
    }

    /// <summary>A digest, because a set of them has entries of one size.</summary>
    private static Digest256 NameOf(EventRecord line, BackendId backend, Digest256 content, int generation)
    {
        var hash = new Blake3();
        Span<byte> digest = stackalloc byte[Digest256.Bytes];
        content.CopyTo(digest);
        hash.Update(digest);
        hash.Update(BitConverter.GetBytes(generation));
        hash.Update(MemoryMarshal.AsBytes(backend.Value.AsSpan()));
        // A character that no name holds, so that two pairs of names never read the same.
        hash.Update([0, 0]);
        hash.Update(MemoryMarshal.AsBytes(line.Stream.Tenant.Value.AsSpan()));
        return hash.Finish();
    }
}
