using ArtifactStore.Interfaces.Ids;

namespace ArtifactStore.Interfaces.Journal;

/// <summary>What is asked of the journal by an operator or by background work, never by a request.</summary>
public interface IMaintenance
{
    /// <summary>
    /// One at a time; ordinary work waits or is refused meanwhile, and says so.
    /// Checks every line of the log (no hole, every digest), builds all views anew beside the old ones, compares, and swaps. An interrupted
    /// replay leaves the old views as they were.
    /// </summary>
    /// <exception cref="InvalidDataException">The log is damaged: one sentence that names the sequence. Nothing was changed.</exception>
    Task<ReplayReport> Replay(IProgress<long>? progress, CancellationToken cancellation = default);

    /// <summary>
    /// Condemns reservations of nodes other than the given ones, by ordinary appends, so that the collector learns of keys that may have been
    /// written; at most a few hundred in one call. Returns how many it found; 0 when none is left. A living node that is missing from the list
    /// loses its turn, nothing else: it places its bytes again.
    /// </summary>
    /// <exception cref="JournalUnavailableException">As for an append; what is left is condemned another time.</exception>
    Task<int> CondemnAbandoned(IReadOnlyCollection<NodeId> living, CancellationToken cancellation = default);

    /// <summary>
    /// Counts a page of rows and compares with the numbers that the views keep. Number and rows are of one moment, whoever writes meanwhile. It
    /// repairs nothing: a number that differs is a bug or a damaged database, and a replay makes the views anew.
    /// </summary>
    /// <param name="after">Next of the page before; null begins.</param>
    /// <param name="cancellation">Stops the waiting.</param>
    Task<RecountPage> Recount(RecountPlace? after, CancellationToken cancellation = default);
}

/// <param name="HighestSequence">The last event applied.</param>
/// <param name="Identical">The views were, byte for byte, what the log says. False: they were not, and now they are.</param>
public sealed record ReplayReport(long HighestSequence, bool Identical, TimeSpan Elapsed);
