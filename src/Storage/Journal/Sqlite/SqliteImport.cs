using ArtifactStore.Interfaces.Journal;
using ArtifactStore.Storage.Journal.Projections;
using ArtifactStore.Storage.Journal.Replaying;
using ArtifactStore.Storage.Journal.Sqlite.Engine;

namespace ArtifactStore.Storage.Journal.Sqlite;

/// <summary>
/// A log on its way into a SQLite database. Invariant: from its first transaction to <see cref="Complete"/> the table <c>restoring</c>
/// stands in the database and says what is being imported; while it does, nothing opens the file as a store. It is no part of the schema:
/// a store has no such table.
/// </summary>
public sealed class SqliteImport : ILogImport
{
    private const string MarkerExists = "SELECT 1 FROM sqlite_schema WHERE type = 'table' AND name = 'restoring'";
    private const string CreateMarker =
        """
        CREATE TABLE restoring (
            id INTEGER PRIMARY KEY CHECK (id = 1),
            store_id BLOB NOT NULL,
            incarnation INTEGER NOT NULL,
            head_sequence INTEGER NOT NULL,
            head_leaf_digest BLOB NOT NULL
        )
        """;

    private readonly StoreLock _ownership;
    private readonly SqliteConnection _db;
    private readonly ImportTarget _target;
    private readonly TimeProvider _time;

    private SqliteImport(StoreLock ownership, SqliteConnection db, ImportTarget target, TimeProvider time, bool resumed)
    {
        _ownership = ownership;
        _db = db;
        _target = target;
        _time = time;
        Resumed = resumed;
        Head = SqliteReplay.HeadOf(_db).Sequence;
    }

    public bool Resumed { get; }

    public long Head { get; private set; }

    /// <exception cref="StoreInUseException">Another process owns the database.</exception>
    /// <exception cref="InvalidDataException">It holds a store, or another import. The message is one sentence.</exception>
    /// <exception cref="JournalUnavailableException">The file cannot be opened.</exception>
    public static SqliteImport Open(SqliteOptions options, ImportTarget target, TimeProvider time)
    {
        var path = Path.GetFullPath(options.Path);
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        var taken = StoreLock.Take(path);
        SqliteConnection? db = null;
        try
        {
            SqliteStore.CreatePrivately(path);
            db = SqliteStore.OpenDatabase(path);
            var resumed = Exists(db, MarkerExists);
            if (resumed) RequireSame(db, path, target);
            else Begin(db, path, target);
            SqliteMigrations.Migrate(db, path, () => target.StoreId, time.GetUtcNow(), target.Incarnation);
            return new(taken, db, target, time, resumed);
        }
        catch (Exception e)
        {
            db?.Dispose();
            taken.Dispose();
            if (e is SqliteException failure)
                throw new JournalUnavailableException($"{path} cannot be opened: {e.Message}", e, failure.IsDiskFull);
            throw;
        }
    }

    /// <exception cref="InvalidDataException">A restore into this database was begun and not completed.</exception>
    internal static void RefuseUnfinished(SqliteConnection db, string path)
    {
        if (Exists(db, MarkerExists))
            throw new InvalidDataException($"{path} holds a restore that is not complete: run 'artifactstore restore' again, it goes on where it stopped");
    }

    public Task Import(IReadOnlyList<EventRecord> lines, CancellationToken cancellation = default)
    {
        cancellation.ThrowIfCancellationRequested();
        if (lines.Count == 0) return Task.CompletedTask;
        ImportRules.RequireNext(_target, Head, lines);
        try
        {
            _db.Execute("BEGIN IMMEDIATE");
            foreach (var line in lines) PlanWrites.Insert(_db, line, line.AppendSize);
            PlanWrites.SetHead(_db, lines[^1]);
            _db.Execute("COMMIT");
        }
        catch (SqliteException e)
        {
            _db.RollbackIfOpen();
            if (e.IsOfStatement) throw ImportRules.Contradiction(lines, e);
            throw new JournalUnavailableException($"the database cannot be written: {e.Message}", e, e.IsDiskFull);
        }
        Head = lines[^1].Sequence;
        _db.Execute("PRAGMA wal_checkpoint(PASSIVE)");
        return Task.CompletedTask;
    }

    public async Task<ReplayReport> Replay(IProgress<long>? progress, CancellationToken cancellation = default) =>
        await OwnThread.Run(() => SqliteMaintenance.Replay(_db, progress, _time, cancellation));

    public Task Complete(CancellationToken cancellation = default)
    {
        ImportRules.RequireEnd(_target, SqliteReplay.HeadOf(_db));
        _db.Execute(ImportRules.DropMarker);
        _db.Execute("PRAGMA wal_checkpoint(TRUNCATE)");
        return Task.CompletedTask;
    }

    public ValueTask DisposeAsync()
    {
        _db.Dispose();
        _ownership.Dispose();
        return ValueTask.CompletedTask;
    }

    private static void Begin(SqliteConnection db, string path, ImportTarget target)
    {
        if (Exists(db, "SELECT 1 FROM sqlite_schema LIMIT 1"))
            throw new InvalidDataException($"{path} is not empty: a backup is restored into a new database; name another file, or move this one away");
        db.Execute("BEGIN IMMEDIATE");
        try
        {
            db.Execute(CreateMarker);
            db.Run(ImportRules.InsertMarker, target.StoreId, (long)target.Incarnation, target.HeadSequence, target.HeadLeafDigest);
            db.Execute("COMMIT");
        }
        catch
        {
            db.RollbackIfOpen();
            throw;
        }
    }

    private static void RequireSame(SqliteConnection db, string path, ImportTarget target)
    {
        using var row = db.Query(ImportRules.ReadMarker);
        if (row.Step() && target == new ImportTarget(row.Uuid(0), row.Int32(1), row.Int64(2), row.Digest(3))) return;
        throw new InvalidDataException(
            $"{path} holds an unfinished restore of another backup: complete that one, or move the file away");
    }

    private static bool Exists(SqliteConnection db, string sql)
    {
        using var row = db.Query(sql);
        return row.Step();
    }
}
