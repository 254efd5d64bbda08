namespace ArtifactStore.Silo.Background;

/// <summary>
/// Work that nobody asks for. It is cut into steps that are short, may be repeated, and may be done by two nodes at once without harm: the
/// lease that keeps others away saves work, it protects nothing.
/// </summary>
public interface IBackgroundJob
{
    /// <summary>Of its lease, and in the log.</summary>
    string Name { get; }

    /// <summary>From the end of one run to the beginning of the next. The first one begins at once.</summary>
    TimeSpan Every { get; }

    /// <summary>True: each node does it for itself. False: one node at a time, under a lease.</summary>
    bool OnEveryNode { get; }

    /// <summary>True when there is more to do at once.</summary>
    /// <param name="cancellation">The store stops, or the lease is lost: leave off.</param>
    Task<bool> Step(CancellationToken cancellation);
}
