namespace ArtifactStore.Storage.Journal.Sqlite;

/// <summary>How a SQLite store is opened. Every queue has a bound.</summary>
public sealed record SqliteOptions
{
    /// <summary>The database file. Beside it lie <c>-wal</c>, <c>-shm</c> and <c>.lock</c>.</summary>
    public required string Path { get; init; }

    /// <summary>False: a store of an older schema is refused instead of being brought up to date.</summary>
    public bool Migrate { get; init; } = true;

    /// <summary>Calls that wait for the writer.</summary>
    public int MaxQueuedCalls { get; init; } = 4_096;

    /// <summary>How long a call waits for room in the queue before it is told that the store is overloaded.</summary>
    public TimeSpan MaxQueueWait { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>Appends of one transaction; a single call may bring more.</summary>
    public int MaxBatchItems { get; init; } = 1_024;

    public int MaxBatchBytes { get; init; } = 4 * 1024 * 1024;

    /// <summary>Pages of the write-ahead log after which they are moved into the database, between two batches.</summary>
    public int CheckpointPages { get; init; } = 4_096;

    /// <summary>Connections that answer questions.</summary>
    public int MaxReaders { get; init; } = 8;
}
