using SQLitePCL;

namespace ArtifactStore.Storage.Journal.Sqlite.Engine;

/// <summary>A call that the engine refused, with its extended result code.</summary>
internal sealed class SqliteException(int code, string message) : Exception($"SQLite {code}: {message}")
{
    // sqlite3_shm growth that finds no room is an I/O error of its own kind; it is a full disk all the same.
    private const int SharedMemoryCannotGrow = raw.SQLITE_IOERR | (19 << 8);

    public int Code { get; } = code;

    public int PrimaryCode => Code & 0xff;

    public bool IsDiskFull => PrimaryCode == raw.SQLITE_FULL || Code == SharedMemoryCannotGrow;

    /// <summary>The statement was at fault, not the surroundings: trying the others alone makes sense.</summary>
    public bool IsOfStatement => PrimaryCode is raw.SQLITE_CONSTRAINT or raw.SQLITE_MISMATCH or raw.SQLITE_TOOBIG or raw.SQLITE_RANGE
        or raw.SQLITE_ERROR or raw.SQLITE_MISUSE;
}
