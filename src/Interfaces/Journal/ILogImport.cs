namespace ArtifactStore.Interfaces.Journal;

/// <summary>
/// A database that takes over a log which was written elsewhere, line by line as it was: sequences, times, ids, digests. Until
/// <see cref="Complete"/> nothing else can open it as a store, however often the import is interrupted; opening the same import again
/// goes on at its head. It owns the database as a running store would.
/// </summary>
/// <remarks>
/// How it is opened is each database's own affair; what that checks is the same: a database that holds a store, or an import with another
/// <see cref="ImportTarget"/>, is refused with an <see cref="InvalidDataException"/> of one sentence, untouched.
/// Failures: <see cref="JournalUnavailableException"/>.
/// </remarks>
public interface ILogImport : IAsyncDisposable
{
    /// <summary>True when an earlier run of the same import was found.</summary>
    bool Resumed { get; }

    /// <summary>The last line that is in, durably; 0 before the first.</summary>
    long Head { get; }

    /// <summary>
    /// The lines after <see cref="Head"/>, in order; all of them or none, durable when it returns. The caller has proved them.
    /// </summary>
    /// <exception cref="InvalidDataException">They do not come next, or contradict what is in. Nothing of them is kept.</exception>
    Task Import(IReadOnlyList<EventRecord> lines, CancellationToken cancellation = default);

    /// <summary>Builds the views from what is in; see <see cref="IMaintenance.Replay"/>.</summary>
    Task<ReplayReport> Replay(IProgress<long>? progress, CancellationToken cancellation = default);

    /// <summary>Makes it a store like every other. The whole log must be in, the views built, the bytes in their places.</summary>
    /// <exception cref="InvalidDataException">The log in the database does not end as the target says.</exception>
    Task Complete(CancellationToken cancellation = default);
}

/// <summary>Which log is imported, and as what.</summary>
/// <param name="Incarnation">Of the new store: greater than that of the log's origin.</param>
/// <param name="HeadSequence">Where the log will end, with the leaf digest of that line.</param>
public sealed record ImportTarget(Guid StoreId, int Incarnation, long HeadSequence, Hashing.Digest256 HeadLeafDigest);
