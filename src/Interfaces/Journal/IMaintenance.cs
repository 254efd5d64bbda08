namespace ArtifactStore.Interfaces.Journal;

/// <summary>What an operator asks of the journal. One at a time; ordinary work waits or is refused meanwhile, and says so.</summary>
public interface IMaintenance
{
    /// <summary>
    /// Checks every line of the log (no hole, every digest), builds all views anew beside the old ones, compares, and swaps. An interrupted
    /// replay leaves the old views as they were.
    /// </summary>
    /// <exception cref="InvalidDataException">The log is damaged: one sentence that names the sequence. Nothing was changed.</exception>
    Task<ReplayReport> Replay(IProgress<long>? progress, CancellationToken cancellation = default);
}

/// <param name="HighestSequence">The last event applied.</param>
/// <param name="Identical">The views were, byte for byte, what the log says. False: they were not, and now they are.</param>
public sealed record ReplayReport(long HighestSequence, bool Identical, TimeSpan Elapsed);
