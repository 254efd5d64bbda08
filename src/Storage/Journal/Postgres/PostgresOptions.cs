namespace ArtifactStore.Storage.Journal.Postgres;

/// <summary>How a store on PostgreSQL is opened. Every queue and every wait has a bound.</summary>
public sealed record PostgresOptions
{
    /// <summary><c>postgresql://user:password@host:port/database?sslmode=…</c>, percent-encoded; see <see cref="PostgresUrl"/>.</summary>
    public required Uri Url { get; init; }

    /// <summary>What this node is called among the others. Only shown.</summary>
    public string NodeName { get; init; } = "";

    /// <summary>False: a store of an older schema is refused instead of being brought up to date.</summary>
    public bool Migrate { get; init; } = true;

    /// <summary>Calls that wait for the writer.</summary>
    public int MaxQueuedCalls { get; init; } = 4_096;

    /// <summary>How long a call waits for room in the queue before it is told that the store is overloaded.</summary>
    public TimeSpan MaxQueueWait { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>Appends of one transaction; a single call may bring more.</summary>
    public int MaxBatchItems { get; init; } = 1_024;

    public int MaxBatchBytes { get; init; } = 4 * 1024 * 1024;

    /// <summary>Connections that answer questions, besides the one that appends and the one that listens.</summary>
    public int MaxReaders { get; init; } = 16;

    /// <summary>How long the journal's lock is waited for. Another node holds it for a millisecond, or for as long as its maintenance takes.</summary>
    public TimeSpan MaxLockWait { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>What one statement of an append may take.</summary>
    public TimeSpan MaxStatement { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>How long after an unknown commit its batch, if it was not written, is still decided again instead of being refused.</summary>
    public TimeSpan MaxTransparent { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>How long the fate of a commit is looked for before its callers are told that it is unknown.</summary>
    public TimeSpan MaxDoubt { get; init; } = TimeSpan.FromSeconds(60);
}
