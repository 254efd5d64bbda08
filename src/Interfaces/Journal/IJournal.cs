using ArtifactStore.Interfaces.Contents;
using ArtifactStore.Interfaces.Hashing;
using ArtifactStore.Interfaces.Ids;

namespace ArtifactStore.Interfaces.Journal;

/// <summary>
/// The truth. Appends from all callers are gathered into batches: one transaction, one fsync, answers after it.
/// Sequences are gapless and in commit order; what a reader sees is always a prefix.
/// </summary>
/// <remarks>
/// Failures: <see cref="JournalUnavailableException"/> when nothing can be said now (database gone, queue full, shutting down). An append
/// whose fate was unknown has been looked up by its id before the exception leaves here, so the exception means "not written".
/// Cancellation only stops the waiting: an append that was handed over may still be committed.
/// </remarks>
public interface IJournal
{
    /// <summary>
    /// Each append is atomic on its own and answered on its own; those of one call go into the same batch, in this order.
    /// </summary>
    Task<IReadOnlyList<AppendResult>> Append(IReadOnlyList<Append> appends, CancellationToken cancellation = default);

    /// <summary>Step 3 of design §6, as one transaction. Not fsynced by itself: losing a reservation is harmless.</summary>
    Task<ReserveResult> Reserve(ReserveContent request, CancellationToken cancellation = default);

    /// <summary>Sequence of the last committed event; 0 when empty.</summary>
    long Head { get; }

    /// <summary>
    /// Returns as soon as <see cref="Head"/> is greater than <paramref name="after"/>, or when the time is up. Woken by the commit.
    /// </summary>
    Task<long> WaitForEvents(long after, TimeSpan atMost, CancellationToken cancellation = default);
}

/// <param name="TakeOver">False: answer Busy when another attempt is settling the same content. True: take the next generation.</param>
public sealed partial record ReserveContent(TenantId Tenant, BackendId Backend, ContentDigests Content, AttemptId Attempt, bool TakeOver);

public abstract partial record ReserveResult
{
    private ReserveResult() { }

    public sealed partial record Live(LocationView Location) : ReserveResult;

    public sealed partial record Granted(Reservation Reservation) : ReserveResult;

    /// <summary>Another attempt is at it: wait, bounded, then go on.</summary>
    public sealed partial record Busy(AttemptId Owner, int Generation) : ReserveResult;
}

/// <summary>
/// The journal cannot answer now. Doors render it as <c>database_unavailable</c> (or <c>storage_full</c> when the disk is full).
/// </summary>
public sealed class JournalUnavailableException : Exception
{
    public JournalUnavailableException(string message, Exception? inner = null, bool diskFull = false)
        : base(message, inner) => DiskFull = diskFull;

    public bool DiskFull { get; }

    /// <summary>The queue is at its limit: doors render <c>overloaded</c>.</summary>
    public bool Overloaded { get; init; }
}
