using ArtifactStore.Interfaces.Hashing;
using ArtifactStore.Interfaces.Journal;
using ArtifactStore.Storage.Journal.Projections;
using ArtifactStore.Storage.Journal.Replaying;
using Npgsql;

namespace ArtifactStore.Storage.Journal.Postgres;

/// <summary>
/// Computes the views again while all nodes go on working. Shadow tables are filled from the events up to the head of one moment and
/// compared with the views of that moment; then one transaction under the journal's lock catches up, drops the old tables and gives the
/// shadows their names. Whatever stops it before that commit, the views are as they were, and the next replay drops what was left over.
/// While reading it proves the log: no hole, every payload and every leaf as its digest says, the head as the store says.
/// </summary>
/// <param name="source">Two connections are taken, both of them with waits of any length.</param>
/// <param name="journalLock">Who holds it is the only one who appends.</param>
internal sealed class PostgresReplay(
    NpgsqlDataSource source,
    long journalLock,
    IProgress<ReplayProgress>? progress,
    CancellationToken cancellation,
    int maxRememberedContents = ReplayKeys.MaxRememberedContents)
{
    // One replay at a time, whichever node it runs on: the lock goes with its connection. Beside the journal's own key.
    private const long ReplayLockMask = 0x0072_6570_6c61_79;
    private const int LinesPerChunk = 10_000;
    private const int PayloadBytesPerChunk = 16 * 1024 * 1024;
    private const int LinesUnderLock = 1_000;
    private const int RoundsBeforeLock = 10;
    private const int LockAttempts = 10;

    private const string Session =
        """
        SET idle_in_transaction_session_timeout = 0; SET statement_timeout = 0; SET lock_timeout = '60s'; SET synchronous_commit = off;
        SET jit = off; SET plan_cache_mode = force_generic_plan; SET enable_seqscan = off; SET enable_hashjoin = off;
        SET enable_mergejoin = off; SET maintenance_work_mem = '256MB'
        """;
    internal const string StoreHead = "SELECT head_sequence, head_leaf_digest FROM store WHERE id = 1";

    private static readonly ProjectionSql ShadowSql = new(PostgresShadows.Prefix);

    private readonly NpgsqlConnection _db = source.OpenConnection();
    private long _applied;
    private Digest256 _lastLeaf;

    private PostgresShadows Shadows => field ??= new(_db);

    private ReplayKeys Keys => field ??= new(Shadows, maxRememberedContents);

    /// <returns>The highest sequence applied, and whether the views of the moment when it began were what the log says.</returns>
    public (long Applied, bool Identical) Run()
    {
        using var connection = _db;
        Shadows.Execute(Session);
        if (!Scalar<bool>($"SELECT pg_try_advisory_lock({journalLock ^ ReplayLockMask})"))
            throw new JournalUnavailableException("a replay is running already: wait until it has ended") { Overloaded = true };
        try
        {
            return RunAlone();
        }
        finally
        {
            TidyUp();
        }
    }

    private (long Applied, bool Identical) RunAlone()
    {
        Shadows.Drop();
        var (head, leaf, before) = Snapshot();
        Shadows.Create();
        Apply(head);
        RequireHead(head, leaf);
        progress?.Report(new(ReplayStage.Indexing, _applied, head));
        Shadows.BuildIndexes();
        var identical = PostgresViewDump.DigestOf(_db, PostgresShadows.Prefix) == before;
        for (var round = 0; round < RoundsBeforeLock && ReadHead().Sequence - _applied > LinesUnderLock; round++) Apply(ReadHead().Sequence);
        cancellation.ThrowIfCancellationRequested();
        Swap();
        progress?.Report(new(ReplayStage.Done, _applied, _applied));
        return (_applied, identical);
    }

    private (long Head, Digest256 Leaf, Digest256 Views) Snapshot()
    {
        Shadows.Execute("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY");
        var (head, leaf) = ReadHead();
        var views = PostgresViewDump.DigestOf(_db, "");
        Shadows.Execute("COMMIT");
        return (head, leaf, views);
    }

    /// <summary>In chunks, each its own transaction, with the lines read and proved ahead on another connection.</summary>
    private void Apply(long head)
    {
        using var lines = new ReplaySource(() => new PostgresLogReader(source.OpenConnection(), owns: true), _applied, head);
        for (var more = true; more;)
        {
            cancellation.ThrowIfCancellationRequested();
            Shadows.Execute("BEGIN");
            more = ApplyChunk(lines);
            Shadows.Execute("COMMIT");
            progress?.Report(new(ReplayStage.Applying, _applied, head));
        }
    }

    /// <summary>False at the end of the log.</summary>
    private bool ApplyChunk(ReplaySource source)
    {
        var projection = new Projection(ShadowSql, Shadows.Statements, Keys);
        var (lines, bytes) = (0, 0L);
        while (lines < LinesPerChunk && bytes < PayloadBytesPerChunk)
        {
            if (source.Next() is not { } batch)
            {
                Finish(projection);
                return false;
            }
            lines += batch.Count;
            foreach (var line in batch)
            {
                Apply(projection, line);
                bytes += line.Record.Payload.Length;
            }
        }
        Finish(projection);
        return true;
    }

    private void Apply(Projection projection, ReplayLine line)
    {
        projection.Apply(line.Record, line.Body);
        _applied = line.Record.Sequence;
        _lastLeaf = line.Record.LeafDigest;
    }

    private void Finish(Projection projection)
    {
        projection.Flush();
        Shadows.Write();
    }

    /// <summary>
    /// The journal's lock first, alone, as everybody: what is read after it is the end of the log until this commits. The appending nodes
    /// wait meanwhile, so nothing in here may wait long.
    /// </summary>
    private void Swap()
    {
        Shadows.Execute("BEGIN; SET LOCAL synchronous_commit = on");
        Shadows.Execute($"SELECT pg_advisory_xact_lock({journalLock})");
        var (head, leaf) = ReadHead();
        using (var log = new PostgresLogReader(_db, owns: false))
        {
            var projection = new Projection(ShadowSql, Shadows.Statements, Keys);
            while (_applied < head)
            {
                foreach (var line in ReplaySource.Lines(log, _applied, head)) Apply(projection, line);
            }
            Finish(projection);
        }
        RequireHead(head, leaf);
        HoldTables();
        Shadows.TakePlace();
        Shadows.Execute("COMMIT");
    }

    /// <summary>
    /// Readers hold these tables for as long as a question takes, and in another order: waiting less than the database's patience with a
    /// deadlock gives way to them instead of ending one of them.
    /// </summary>
    private void HoldTables()
    {
        Shadows.Execute("SET LOCAL lock_timeout = '500ms'");
        for (var attempt = 1; ; attempt++)
        {
            try
            {
                Shadows.Execute("SAVEPOINT held");
                Shadows.Execute($"LOCK TABLE {string.Join(", ", ViewTables.All)} IN ACCESS EXCLUSIVE MODE");
                return;
            }
            catch (PostgresException e) when (e.SqlState is PostgresErrorCodes.LockNotAvailable or PostgresErrorCodes.DeadlockDetected)
            {
                if (attempt == LockAttempts)
                    throw new JournalUnavailableException(
                        "the views are held by a long transaction on the database, a backup perhaps: replay again when it has ended", e);
                Shadows.Execute("ROLLBACK TO SAVEPOINT held");
            }
        }
    }

    private void RequireHead(long head, Digest256 leaf)
    {
        if (head != _applied || leaf != _lastLeaf) throw LineProof.OtherEnd(_applied, head);
    }

    private (long Sequence, Digest256 Leaf) ReadHead()
    {
        using var command = new NpgsqlCommand(StoreHead, _db);
        using var rows = command.ExecuteReader();
        var row = new PostgresRow(rows);
        return rows.Read() ? (row.Int64(0), row.Digest(1)) : throw new InvalidDataException("the table store has no row");
    }

    /// <summary>After a broken connection there is nothing to let go of, and the shadows are for the next replay to drop.</summary>
    private void TidyUp()
    {
        try
        {
            Shadows.Execute("ROLLBACK");
            Shadows.Drop();
            Shadows.Execute($"SELECT pg_advisory_unlock({journalLock ^ ReplayLockMask})");
        }
        catch (Exception e) when (e is NpgsqlException or InvalidOperationException)
        {
            // How the replay ended is what the caller is told.
        }
    }

    private T Scalar<T>(string sql)
    {
        using var command = new NpgsqlCommand(sql, _db);
        return (T)command.ExecuteScalar()!;
    }
}
