using System.Runtime.CompilerServices;
using ArtifactStore.Interfaces.Events;
using ArtifactStore.Interfaces.Hashing;

namespace ArtifactStore.Cli.Backups;

/// <summary>
/// What a backup has to hold, from its own log: the contents with a live location at its head, each once. Memory: 50 bytes for each of them
/// and for each location that has ended.
/// </summary>
public sealed class BackupContents(BackupDirectory directory, BackupDocument backup, LiveLocations live)
{
    public long Count { get; private set; }

    public long Bytes { get; private set; }

    /// <summary>Reads the whole log once, proves it, and counts what it needs in a second walk.</summary>
    public static async Task<BackupContents> Of(BackupDirectory directory, BackupDocument backup, CancellationToken cancellation)
    {
        var live = new LiveLocations();
        await foreach (var line in LogSegments.Read(directory, backup, cancellation)) live.Learn(line);
        var contents = new BackupContents(directory, backup, live);
        await contents.Measure(cancellation);
        return contents;
    }

    public async Task Measure(CancellationToken cancellation)
    {
        (Count, Bytes) = (0, 0);
        await foreach (var content in All(cancellation))
        {
            Count++;
            Bytes += content.Size;
        }
    }

    /// <summary>In the order in which they came into the store.</summary>
    public async IAsyncEnumerable<ContentDigests> All([EnumeratorCancellation] CancellationToken cancellation)
    {
        var seen = new HashSet<Digest256>();
        await foreach (var (_, location) in Locations(cancellation))
        {
            if (seen.Add(location.Content.Blake3)) yield return location.Content;
        }
    }

    /// <summary>Every live location; a content may have several.</summary>
    public async IAsyncEnumerable<(long Sequence, LocationSettled Location)> Locations(
        [EnumeratorCancellation] CancellationToken cancellation)
    {
        await foreach (var line in LogSegments.Read(directory, backup, cancellation))
        {
            if (live.Find(line) is { } location) yield return (line.Sequence, location);
        }
    }
}
