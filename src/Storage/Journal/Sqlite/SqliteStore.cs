using ArtifactStore.Interfaces.Collection;
using ArtifactStore.Interfaces.Ids;
using ArtifactStore.Interfaces.Journal;
using ArtifactStore.Interfaces.Views;
using ArtifactStore.Storage.Journal.Sqlite.Engine;

namespace ArtifactStore.Storage.Journal.Sqlite;

/// <summary>
/// A store in one SQLite file: journal, views, maintenance. Opening does not scan: it takes the lock, brings the schema up to date and writes
/// what a new store begins with. What an earlier run of the process left half done is background work: a full disk must not stop the start.
/// </summary>
public sealed class SqliteStore : IStoreDatabase
{
    private readonly StoreLock _ownership;
    private readonly SqliteJournal _journal;
    private readonly SqliteReaders _readers;

    private SqliteStore(StoreLock ownership, SqliteJournal journal, SqliteReaders readers, INodes nodes, TimeProvider time, IIds ids)
    {
        Nodes = nodes;
        _ownership = ownership;
        _journal = journal;
        _readers = readers;
        Views = new SqliteViews(readers);
        Collection = new SqliteCollectionViews(readers);
        Plans = new SqlitePlanViews(readers);
        Keeping = new SqliteKeepingViews(readers);
        Maintenance = new SqliteMaintenance(journal, readers, time, ids);
    }

    public IJournal Journal => _journal;

    public IViews Views { get; }

    public ICollectionViews Collection { get; }

    public IPlanViews Plans { get; }

    public IKeepingViews Keeping { get; }

    public INodes Nodes { get; }

    public IMaintenance Maintenance { get; }

    /// <exception cref="StoreInUseException">Another process owns the store.</exception>
    /// <exception cref="InvalidDataException">The database is of a newer program, or damaged. The message is one sentence.</exception>
    /// <exception cref="JournalUnavailableException">The file cannot be opened.</exception>
    public static async Task<SqliteStore> Open(SqliteOptions options, TimeProvider time, IIds ids)
    {
        var path = Path.GetFullPath(options.Path);
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        var taken = StoreLock.Take(path);
        SqliteConnection? db = null;
        try
        {
            CreatePrivately(path);
            db = OpenDatabase(path);
            SqliteImport.RefuseUnfinished(db, path);
            var found = SqliteMigrations.Latest;
            if (options.Migrate) found = SqliteMigrations.Migrate(db, path, ids.Next, time.GetUtcNow());
            else SqliteMigrations.RequireLatest(db, path);
            var status = SqliteViews.ReadStatus(db);
            var epoch = ids.Next();
            var file = new DatabaseFile(path);
            var writer = new SqliteWriter(db, file, status.Incarnation, epoch, time, options.CheckpointPages);
            var queue = new SqliteJournal(writer, options, time, status.Head);
            var nodes = new SqliteNodes(new(epoch), time);
            var store = new SqliteStore(taken, queue, new(path, file, options.MaxReaders), nodes, time, ids) { MigratedFrom = found };
            try
            {
                if (status.Head == 0) await Seeding.DefineClasses(queue, time.GetUtcNow(), ids);
            }
            catch
            {
                await store.DisposeAsync();
                throw;
            }
            return store;
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

    /// <summary>The log names people and subjects: it is not for everybody on the machine. What lies beside it takes over its mode.</summary>
    internal static void CreatePrivately(string path)
    {
        if (OperatingSystem.IsWindows() || File.Exists(path)) return;
        var create = new FileStreamOptions
        {
            Mode = FileMode.OpenOrCreate,
            Access = FileAccess.Write,
            UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.GroupRead,
        };
        try
        {
            using var file = new FileStream(path, create);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new JournalUnavailableException($"{path} cannot be created: {e.Message}", e);
        }
    }

    internal static SqliteConnection OpenDatabase(string path)
    {
        var db = SqliteConnection.OpenWriter(path);
        // The journal mode is kept in the file; the rest is of this connection. Checkpoints are the writer's own decision.
        db.Execute("PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA wal_autocheckpoint = 0; PRAGMA cache_size = -65536;");
        return db;
    }

    /// <summary>
    /// Computes the views again from the log, and proves the log while reading it. Appends wait meanwhile; questions are answered from the
    /// views as they were. Returns the highest sequence applied.
    /// </summary>
    /// <exception cref="DamagedLogException">The log contradicts itself; the views stay as they were.</exception>
    public async Task<long> Replay(IProgress<ReplayProgress>? progress = null, CancellationToken cancellation = default)
    {
        var applied = 0L;
        await RunAlone(db => applied = new SqliteReplay(db, progress, cancellation).Run(), CancellationToken.None);
        return applied;
    }

    /// <summary>Between two batches, with the writing connection to itself.</summary>
    internal Task RunAlone(Action<SqliteConnection> run, CancellationToken cancellation) => _journal.RunAlone(run, cancellation);

    /// <summary>Every row of every view, in the order of keys: equal dumps are equal views.</summary>
    public Task DumpViews(TextWriter output, CancellationToken cancellation = default) => _readers.Read(
        db =>
        {
            ViewDump.Write(db, output);
            return true;
        },
        cancellation);

    /// <summary>Brings the schema up to date, creating the store if there is none. Returns the versions before and after.</summary>
    public static async Task<(int From, int To)> Migrate(SqliteOptions options, TimeProvider time, IIds ids)
    {
        var store = await Open(options with { Migrate = true }, time, ids);
        await store.DisposeAsync();
        return (store.MigratedFrom, SqliteMigrations.Latest);
    }

    public int MigratedFrom { get; private set; }

    /// <summary>Answers what was taken, then closes. The last connection to close moves the log into the database.</summary>
    public async ValueTask DisposeAsync()
    {
        _readers.Dispose();
        try
        {
            await _journal.DisposeAsync();
        }
        finally
        {
            _ownership.Dispose();
        }
    }
}
