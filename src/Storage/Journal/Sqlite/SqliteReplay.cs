using ArtifactStore.Interfaces.Hashing;
using ArtifactStore.Storage.Journal.Projections;
using ArtifactStore.Storage.Journal.Replaying;
using ArtifactStore.Storage.Journal.Sqlite.Engine;

namespace ArtifactStore.Storage.Journal.Sqlite;

/// <summary>
/// Computes the views again. Shadow tables are filled from the events in chunks, each its own transaction; then one transaction catches up,
/// drops the old tables, gives the shadows their names and builds the indexes. Whatever stops it before that last commit, the views are as
/// they were. While reading it proves the log: no hole, every payload and every leaf as its digest says, the head as the store says.
/// </summary>
internal sealed class SqliteReplay(
    SqliteConnection db,
    IProgress<ReplayProgress>? progress,
    CancellationToken cancellation,
    int maxRememberedContents = ReplayKeys.MaxRememberedContents)
{
    private const string Shadow = "shadow_";
    private const int EventsPerChunk = 50_000;
    private const int CheckpointPages = 32_768;
    private const string StoreHead = "SELECT head_sequence, head_leaf_digest FROM store WHERE id = 1";
    private const string TableSql = "SELECT sql FROM sqlite_schema WHERE type = 'table' AND name = $1";
    private const string IndexSql =
        "SELECT sql FROM sqlite_schema WHERE type = 'index' AND tbl_name = $1 AND sql IS NOT NULL ORDER BY name";

    private static readonly ProjectionSql ShadowSql = new(Shadow);

    private readonly SqliteShadows _shadows = new(db, Shadow);
    private long _applied;
    private Digest256 _lastLeaf;

    /// <summary>The last moment at which the views are the old ones. What it throws ends the replay, and they stay.</summary>
    public Action? BeforeSwap { get; init; }

    private ReplayKeys Keys => field ??= new(_shadows, maxRememberedContents);

    /// <summary>Returns the highest sequence applied.</summary>
    public long Run()
    {
        var (head, _) = HeadOf(db);
        try
        {
            db.Execute("PRAGMA synchronous = NORMAL");
            DropShadows();
            foreach (var table in ViewTables.All) CreateShadow(table);
            _shadows.IndexHolds();
            using (var source = new ReplaySource(() => new SqliteLogReader(db.Path), 0, head))
            {
                for (var more = true; more;)
                {
                    cancellation.ThrowIfCancellationRequested();
                    InTransaction(() => more = ApplyChunk(source));
                    progress?.Report(new(ReplayStage.Applying, _applied, head));
                    Checkpoint(CheckpointPages);
                }
            }
            RequireHead();
            BeforeSwap?.Invoke();
            progress?.Report(new(ReplayStage.Indexing, _applied, head));
            db.Execute("PRAGMA synchronous = FULL; PRAGMA threads = 2");
            InTransaction(Swap);
        }
        finally
        {
            db.RollbackIfOpen();
            db.ForgetStatements();
            DropShadows();
            db.Execute("PRAGMA synchronous = FULL; PRAGMA threads = 0");
        }
        Checkpoint(0);
        progress?.Report(new(ReplayStage.Done, _applied, head));
        return _applied;
    }

    /// <summary>False at the end of the log.</summary>
    private bool ApplyChunk(ReplaySource source)
    {
        var projection = new Projection(ShadowSql, db, Keys);
        var more = true;
        for (var until = _applied + EventsPerChunk; more && _applied < until;)
        {
            var lines = source.Next();
            more = lines is not null;
            foreach (var (record, body) in lines ?? [])
            {
                projection.Apply(record, body);
                _applied = record.Sequence;
                _lastLeaf = record.LeafDigest;
            }
        }
        projection.Flush();
        return more;
    }

    private void RequireHead()
    {
        var (head, leaf) = HeadOf(db);
        if (head != _applied || leaf != _lastLeaf) throw LineProof.OtherEnd(_applied, head);
    }

    /// <summary>Where the log ends, as the store remembers it.</summary>
    internal static (long Sequence, Digest256 Leaf) HeadOf(SqliteConnection db)
    {
        using var row = db.Query(StoreHead);
        return row.Step() ? (row.Int64(0), row.Digest(1)) : throw new InvalidDataException("the table store has no row");
    }

    /// <summary>The table as it is now, without its indexes; its constraints are those that applying needs.</summary>
    private void CreateShadow(string table)
    {
        var sql = Single(TableSql, table);
        db.Execute($"CREATE TABLE {Shadow}{table} {sql[sql.IndexOf('(')..]}");
    }

    private void Swap()
    {
        _shadows.DropIndexes();
        foreach (var table in ViewTables.All)
        {
            var indexes = new List<string>();
            using (var rows = db.Query(IndexSql, table))
            {
                while (rows.Step()) indexes.Add(rows.Text(0));
            }
            db.Execute($"DROP TABLE {table}; ALTER TABLE {Shadow}{table} RENAME TO {table}");
            foreach (var index in indexes) db.Execute(index);
        }
    }

    private void DropShadows()
    {
        foreach (var table in ViewTables.All) db.Execute($"DROP TABLE IF EXISTS {Shadow}{table}");
    }

    private void InTransaction(Action work)
    {
        db.Execute("BEGIN IMMEDIATE");
        try
        {
            work();
            db.Execute("COMMIT");
        }
        catch
        {
            db.RollbackIfOpen();
            throw;
        }
    }

    private void Checkpoint(int whenPages)
    {
        if (db.PagesWritten(reset: false) < whenPages) return;
        db.PagesWritten(reset: true);
        db.Execute("PRAGMA wal_checkpoint(PASSIVE)");
    }

    private string Single(string sql, string table)
    {
        using var row = db.Query(sql, table);
        return row.Step() ? row.Text(0) : throw new InvalidDataException($"there is no table {table}");
    }
}
