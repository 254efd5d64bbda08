using ArtifactStore.Interfaces.Collection;
using ArtifactStore.Interfaces.Hashing;
using ArtifactStore.Interfaces.Ids;
using ArtifactStore.Interfaces.Journal;
using ArtifactStore.Interfaces.Views;
using Npgsql;

namespace ArtifactStore.Storage.Journal.Postgres;

/// <summary>
/// A store in one schema of a PostgreSQL database, which this node may share with others. Opening does not scan: it checks the server, brings
/// the schema up to date, writes what a new store begins with, and says that this node lives.
/// </summary>
public sealed class PostgresStore : IStoreDatabase
{
    private const string ReadStore = "SELECT store_id, incarnation, head_sequence, head_leaf_digest FROM store WHERE id = 1";

    private readonly PostgresConnections _connections;
    private readonly PostgresJournal _journal;
    private readonly PostgresReaders _readers;
    private bool _isClosed;

    private PostgresStore(
        PostgresConnections connections,
        StoreNames names,
        PostgresJournal journal,
        PostgresReaders readers,
        INodes nodes,
        TimeProvider time,
        IIds ids)
    {
        _connections = connections;
        _journal = journal;
        _readers = readers;
        Nodes = nodes;
        Views = new PostgresViews(readers);
        Collection = new PostgresCollectionViews(readers);
        Plans = new PostgresPlanViews(readers);
        Maintenance = new PostgresMaintenance(connections.Maintenance, names.LockKey, new(connections, journal, time, ids), readers, time);
        Keeping = new PostgresKeepingViews(readers);
    }

    public IJournal Journal => _journal;

    public IViews Views { get; }

    public ICollectionViews Collection { get; }

    public IPlanViews Plans { get; }

    public IKeepingViews Keeping { get; }

    public INodes Nodes { get; }

    public IMaintenance Maintenance { get; }

    public int MigratedFrom { get; private init; }

    /// <exception cref="InvalidDataException">
    /// The URL, the server or the database cannot be used, or it is of a newer program. The message is one sentence.
    /// </exception>
    /// <exception cref="JournalUnavailableException">The database cannot be reached.</exception>
    public static async Task<PostgresStore> Open(PostgresOptions options, TimeProvider time, IIds ids)
    {
        var connections = new PostgresConnections(options);
        try
        {
            var (found, names, opened) = await Prepare(connections, options, time, ids);
            var self = new NodeId(ids.Next());
            // Before it reserves anything: what is reserved by a node that is not known to live is condemned by the others.
            var nodes = new PostgresNodes(connections, self);
            await nodes.Beat(options.NodeName);
            var journal = new PostgresJournal(connections, names, opened, self.Value, options, time);
            var readers = new PostgresReaders(connections.Questions, options.MaxReaders);
            var store = new PostgresStore(connections, names, journal, readers, nodes, time, ids) { MigratedFrom = found };
            try
            {
                if (opened.Head == 0) await Seeding.DefineClasses(journal, time.GetUtcNow(), ids);
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
            await connections.DisposeAsync();
            if (e is PostgresException || e.IsOfConnection()) throw e.Unavailable(connections.Database, "cannot be opened");
            throw;
        }
    }

    /// <summary>Brings the schema up to date, creating the store if there is none. Returns the versions before and after.</summary>
    public static async Task<(int From, int To)> Migrate(PostgresOptions options, TimeProvider time, IIds ids)
    {
        var store = await Open(options with { Migrate = true }, time, ids);
        await store.DisposeAsync();
        return (store.MigratedFrom, PostgresMigrations.Latest);
    }

    private static async Task<(int Found, StoreNames Names, HeadFact Opened)> Prepare(
        PostgresConnections connections, PostgresOptions options, TimeProvider time, IIds ids)
    {
        await using var db = await connections.OpenMigrating();
        var migrations = new PostgresMigrations(db, connections.Database);
        var names = StoreNames.Of(await migrations.RequireServer());
        await migrations.RefuseUnfinished();
        var found = PostgresMigrations.Latest;
        if (options.Migrate) found = await migrations.Migrate(names, ids.Next, time.GetUtcNow());
        else await migrations.RequireLatest();
        await using var command = new NpgsqlCommand(ReadStore, db);
        await using var row = await command.ExecuteReaderAsync();
        if (!await row.ReadAsync()) throw new InvalidDataException($"{connections.Database}: the table store has no row");
        var leaf = Digest256.FromBytes(row.GetFieldValue<byte[]>(3));
        return (found, names, new(row.GetGuid(0), row.GetInt64(1), row.GetInt64(2), leaf, leaf));
    }

    /// <summary>Every row of every view of one moment, in the order of keys: equal dumps are equal views, on whatever database.</summary>
    public async Task DumpViews(TextWriter output, CancellationToken cancellation = default)
    {
        await using var db = await _connections.Maintenance.OpenConnectionAsync(cancellation);
        await using var moment = await db.BeginTransactionAsync(System.Data.IsolationLevel.RepeatableRead, cancellation);
        PostgresViewDump.Write(db, "", output);
    }

    /// <summary>Answers what was taken, says that this node ends, closes.</summary>
    public async ValueTask DisposeAsync()
    {
        if (Interlocked.Exchange(ref _isClosed, true)) return;
        _readers.Dispose();
        try
        {
            await _journal.DisposeAsync();
            await Nodes.Leave();
        }
        catch (JournalUnavailableException)
        {
            // The others find out by themselves when its lifetime has passed.
        }
        finally
        {
            await _connections.DisposeAsync();
        }
    }
}
