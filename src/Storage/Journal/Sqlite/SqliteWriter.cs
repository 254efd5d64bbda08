using ArtifactStore.Interfaces.Journal;
using ArtifactStore.Storage.Journal.Core;
using ArtifactStore.Storage.Journal.Projections;
using ArtifactStore.Storage.Journal.Sqlite.Engine;
using SQLitePCL;

namespace ArtifactStore.Storage.Journal.Sqlite;

/// <summary>
/// The one connection that writes and checkpoints. Invariants: a batch is one transaction; nothing is remembered from one transaction to
/// the next except whether the last commit's fate was learned; a call is answered "written" only after its commit was synced to the disk.
/// </summary>
internal sealed class SqliteWriter : IDisposable
{
    private const string Begin = "BEGIN IMMEDIATE";
    private const string Commit = "COMMIT";
    private const string ReadHead = "SELECT head_sequence FROM store WHERE id = 1";
    private const string Recover = "UPDATE store SET recoveries = recoveries + 1 WHERE id = 1";
    private const int MaxRecoveryAttempts = 5;

    // As a multiple of the pages after which a checkpoint is due.
    private const int LongLog = 4;
    private static readonly TimeSpan LongLogPatience = TimeSpan.FromMilliseconds(200);
    private static readonly TimeSpan RecoveryPause = TimeSpan.FromMilliseconds(100);

    private readonly SqliteConnection _db;
    private readonly DatabaseFile _file;
    private readonly PlanWrites _writes;
    private readonly int _incarnation;
    private readonly TimeProvider _time;
    private readonly int _checkpointPages;

    // Null: not known, because the connection is new or somebody else had it.
    private bool? _synced;
    private bool _doubtful;

    public SqliteWriter(SqliteConnection db, DatabaseFile file, int incarnation, Guid nodeEpoch, TimeProvider time, int checkpointPages)
    {
        _db = db;
        _file = file;
        _incarnation = incarnation;
        _time = time;
        _checkpointPages = checkpointPages;
        _writes = new(db, nodeEpoch);
    }

    /// <summary>
    /// Lends the connection. What was set on it meanwhile is not trusted: the borrower may have failed before setting it back.
    /// </summary>
    public void Lend(ExclusiveCall call)
    {
        call.Run(_db);
        _synced = null;
    }

    /// <summary>
    /// Executes the calls as one transaction, or one by one when a statement failed. Afterwards each has its verdicts or its failure.
    /// </summary>
    /// <returns>The head after the last commit; null when nothing was committed.</returns>
    public long? Execute(IReadOnlyList<BatchCall> calls)
    {
        try
        {
            if (_doubtful) LearnFate();
            return Transact(calls);
        }
        catch (SqliteException e) when (e.IsOfStatement && calls.Count > 1)
        {
            long? head = null;
            foreach (var call in calls) head = Execute([call]) ?? head;
            return head;
        }
        catch (SqliteException e)
        {
            FailAll(calls, e.IsOfStatement
                ? new InvalidOperationException($"the views refuse this append: {e.Message}", e)
                : new JournalUnavailableException($"the database cannot be written: {e.Message}", e, e.IsDiskFull));
        }
        catch (Exception e)
        {
            FailAll(calls, e);
        }
        return null;
    }

    /// <summary>Moves the log into the database when it has grown. Called between batches, after the answers have left.</summary>
    public void CheckpointWhenDue()
    {
        if (_db.PagesWritten(reset: false) < _checkpointPages) return;
        _db.PagesWritten(reset: true);
        try
        {
            if (Checkpoint("PRAGMA wal_checkpoint(PASSIVE)") <= LongLog * _checkpointPages) return;
            // The log starts over only when nobody reads in it, and under steady reading that moment never comes by itself: it would grow
            // for ever. So once it is long, those who read now are waited for; who comes meanwhile finds everything in the database.
            _db.SetPatience(LongLogPatience);
            Checkpoint("PRAGMA wal_checkpoint(RESTART)");
        }
        catch (SqliteException)
        {
            // The log stays longer; a disk that fails here fails the next commit too, and that one answers.
        }
        finally
        {
            _db.SetPatience(SqliteConnection.DefaultPatience);
        }
    }

    /// <summary>Returns how many pages the log has.</summary>
    private int Checkpoint(string sql)
    {
        using var row = _db.Query(sql);
        return row.Step() ? row.Int32(1) : 0;
    }

    private long? Transact(IReadOnlyList<BatchCall> calls)
    {
        _file.Require();
        // A reservation that a power cut takes away was nobody's yet; everything else is synced before it is answered.
        SetSynced(!calls.All(call => call.Items.All(item => item is ReserveItem)));
        _db.Run(Begin);
        var committing = false;
        try
        {
            var state = SqliteFacts.Read(_db, CurrentHead(), BatchQuestions.Of(calls.SelectMany(call => call.Items)));
            var before = state.Head;
            var decider = new BatchDecider(state, _incarnation);
            foreach (var call in calls) call.Decide(decider);
            if (decider.Plan.IsEmpty)
            {
                _db.RollbackIfOpen();
                return null;
            }
            _writes.Write(decider.Plan, state, _time.GetUtcNow());
            committing = true;
            _db.Run(Commit);
            if (_synced == true) JournalMetrics.Committed(calls.Sum(call => call.CountCommitted()));
            return state.Head > before ? state.Head : null;
        }
        catch (SqliteException e) when (committing && e.PrimaryCode != raw.SQLITE_FULL)
        {
            return ResolveCommit(calls, e);
        }
        catch
        {
            _db.RollbackIfOpen();
            throw;
        }
    }

    /// <summary>
    /// The commit failed, and what reached the disk is not known: learn it under the lock before anybody is answered. Only a log that could
    /// not take the commit is sure not to have it; shared memory that cannot grow is found out after the log was written and synced.
    /// </summary>
    private long? ResolveCommit(IReadOnlyList<BatchCall> calls, SqliteException failure)
    {
        _doubtful = true;
        for (var attempt = 1; _doubtful; attempt++)
        {
            try
            {
                LearnFate();
            }
            catch (SqliteException) when (attempt < MaxRecoveryAttempts)
            {
                using var never = new ManualResetEventSlim();
                never.Wait(RecoveryPause);
            }
        }
        var appends = calls.SelectMany(call => call.Items).OfType<AppendItem>().Where(item => item.Events.Length > 0).ToList();
        // The transaction was atomic: one of its appends speaks for all.
        if (appends.Exists(item => SqliteFacts.FindAppend(_db, item.Append.Id) is not null)) return CurrentHead();
        throw failure;
    }

    /// <summary>
    /// Commits something of no meaning where the doubtful commit would lie, so that no later recovery of the log can find that one, and
    /// then moves the log into the database: after a failed sync the system may believe pages to be written that are not.
    /// </summary>
    private void LearnFate()
    {
        _db.RollbackIfOpen();
        SetSynced(true);
        _db.Run(Begin);
        _db.Run(Recover);
        _db.Run(Commit);
        _db.Execute("PRAGMA wal_checkpoint(TRUNCATE)");
        _doubtful = false;
    }

    private long CurrentHead()
    {
        using var row = _db.Query(ReadHead);
        return row.Step() ? row.Int64(0) : throw new InvalidDataException("the table store has no row");
    }

    private void SetSynced(bool wanted)
    {
        if (_synced == wanted) return;
        _db.Execute(wanted ? "PRAGMA synchronous = FULL" : "PRAGMA synchronous = NORMAL");
        _synced = wanted;
    }

    private static void FailAll(IReadOnlyList<BatchCall> calls, Exception failure)
    {
        foreach (var call in calls) call.Failure = failure;
    }

    public void Dispose() => _db.Dispose();
}
