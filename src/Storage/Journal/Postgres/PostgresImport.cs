using ArtifactStore.Interfaces.Hashing;
using ArtifactStore.Interfaces.Journal;
using ArtifactStore.Storage.Journal.Projections;
using Npgsql;

namespace ArtifactStore.Storage.Journal.Postgres;

/// <summary>
/// A log on its way into one schema of a PostgreSQL database. Invariant: from its first transaction to <see cref="Complete"/> the table
/// <c>restoring</c> stands in the schema and says what is being imported; while it does, no node opens the schema as a store. It is no part
/// of the schema's versions: a store has no such table. One process imports: an advisory lock of the session keeps others out.
/// </summary>
public sealed class PostgresImport : ILogImport
{
    // Beside the journal's own key.
    private const long ImportLockMask = 0x0069_6d70_6f72_74;

    private const string TablesOfSchema = "SELECT count(*) FROM pg_tables WHERE schemaname = current_schema()";
    private const string CreateMarker =
        """
        CREATE TABLE restoring (
            id bigint PRIMARY KEY CHECK (id = 1),
            store_id uuid NOT NULL,
            incarnation bigint NOT NULL,
            head_sequence bigint NOT NULL,
            head_leaf_digest bytea NOT NULL
        )
        """;

    private readonly PostgresConnections _connections;
    private readonly NpgsqlConnection _db;
    private readonly StoreNames _names;
    private readonly ImportTarget _target;
    private readonly TimeProvider _time;
    private readonly PostgresStatements _statements = new(PostgresStatements.NewKnown());

    private PostgresImport(
        PostgresConnections connections, NpgsqlConnection db, StoreNames names, ImportTarget target, TimeProvider time, bool resumed, long head)
    {
        _connections = connections;
        _db = db;
        _names = names;
        _target = target;
        _time = time;
        Resumed = resumed;
        Head = head;
    }

    public bool Resumed { get; }

    public long Head { get; private set; }

    /// <exception cref="InvalidDataException">It holds a store, or another import, or one is running. The message is one sentence.</exception>
    /// <exception cref="JournalUnavailableException">The database cannot be reached.</exception>
    public static async Task<PostgresImport> Open(PostgresOptions options, ImportTarget target, TimeProvider time)
    {
        var connections = new PostgresConnections(options);
        NpgsqlConnection? db = null;
        try
        {
            db = await connections.OpenMigrating();
            var migrations = new PostgresMigrations(db, connections.Database);
            var names = StoreNames.Of(await migrations.RequireServer());
            if (await Scalar(db, $"SELECT pg_try_advisory_lock({names.LockKey ^ ImportLockMask})") is not true)
                throw new InvalidDataException($"another restore into {connections.Database} is running: wait until it has ended");
            var resumed = await migrations.HoldsRestore();
            if (resumed) await RequireSame(db, connections.Database, target);
            else await Begin(db, connections.Database, names, target);
            await migrations.Migrate(names, () => target.StoreId, time.GetUtcNow(), target.Incarnation);
            var (head, _) = await HeadOf(db);
            return new(connections, db, names, target, time, resumed, head);
        }
        catch (Exception e)
        {
            if (db is not null) await db.DisposeAsync();
            await connections.DisposeAsync();
            if (e is PostgresException || e.IsOfConnection()) throw e.Unavailable(connections.Database, "cannot be opened");
            throw;
        }
    }

    public async Task Import(IReadOnlyList<EventRecord> lines, CancellationToken cancellation = default)
    {
        cancellation.ThrowIfCancellationRequested();
        if (lines.Count == 0) return;
        ImportRules.RequireNext(_target, Head, lines);
        foreach (var line in lines) PlanWrites.Insert(_statements, line, line.AppendSize);
        PlanWrites.SetHead(_statements, lines[^1]);
        try
        {
            // Without explicit begin and end a batch is one transaction: all of it or nothing.
            await using var batch = new NpgsqlBatch(_db);
            foreach (var command in _statements.Take()) batch.BatchCommands.Add(command);
            await batch.ExecuteNonQueryAsync(CancellationToken.None);
        }
        catch (Exception e) when (e.IsOfContent())
        {
            throw ImportRules.Contradiction(lines, e);
        }
        catch (Exception e) when (e is PostgresException || e.IsOfConnection())
        {
            throw e.Unavailable(_connections.Database, "cannot be written");
        }
        Head = lines[^1].Sequence;
    }

    public Task<ReplayReport> Replay(IProgress<long>? progress, CancellationToken cancellation = default) =>
        PostgresMaintenance.Replay(_connections.Maintenance, _names.LockKey, progress, _time, cancellation);

    public async Task Complete(CancellationToken cancellation = default)
    {
        ImportRules.RequireEnd(_target, await HeadOf(_db));
        await Run(_db, ImportRules.DropMarker);
    }

    public async ValueTask DisposeAsync()
    {
        await _db.DisposeAsync();
        await _connections.DisposeAsync();
    }

    /// <summary>Under the journal's lock, so that a node that starts now finds either nothing or the marker.</summary>
    private static async Task Begin(NpgsqlConnection db, string database, StoreNames names, ImportTarget target)
    {
        await using var transaction = await db.BeginTransactionAsync();
        await Run(db, StoreNames.TakeLock, names.LockKey);
        if (await Scalar(db, TablesOfSchema) is not 0L)
            throw new InvalidDataException($"{database} is not empty: a backup is restored into a new database, or a new schema of one");
        await Run(db, CreateMarker);
        await Run(db, ImportRules.InsertMarker, target.StoreId, (long)target.Incarnation, target.HeadSequence, target.HeadLeafDigest.ToArray());
        await transaction.CommitAsync();
    }

    private static async Task RequireSame(NpgsqlConnection db, string database, ImportTarget target)
    {
        await using var command = new NpgsqlCommand(ImportRules.ReadMarker, db);
        await using var rows = await command.ExecuteReaderAsync();
        var row = new PostgresRow(rows);
        if (await rows.ReadAsync() && target == new ImportTarget(row.Uuid(0), row.Int32(1), row.Int64(2), row.Digest(3))) return;
        throw new InvalidDataException($"{database} holds an unfinished restore of another backup: complete that one, or drop its schema");
    }

    private static async Task<(long Sequence, Digest256 Leaf)> HeadOf(NpgsqlConnection db)
    {
        await using var command = new NpgsqlCommand(PostgresReplay.StoreHead, db);
        await using var rows = await command.ExecuteReaderAsync();
        var row = new PostgresRow(rows);
        return await rows.ReadAsync() ? (row.Int64(0), row.Digest(1)) : throw new InvalidDataException("the table store has no row");
    }

    private static async Task<object?> Scalar(NpgsqlConnection db, string sql)
    {
        await using var command = new NpgsqlCommand(sql, db);
        return await command.ExecuteScalarAsync();
    }

    private static async Task Run(NpgsqlConnection db, string sql, params object[] values)
    {
        await using var command = new NpgsqlCommand(sql, db);
        foreach (var value in values) command.Parameters.Add(new NpgsqlParameter { Value = value });
        await command.ExecuteNonQueryAsync();
    }
}
