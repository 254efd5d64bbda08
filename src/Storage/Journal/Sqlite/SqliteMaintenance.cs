using ArtifactStore.Interfaces.Hashing;
using ArtifactStore.Interfaces.Ids;
using ArtifactStore.Interfaces.Journal;
using ArtifactStore.Storage.Journal.Projections;
using ArtifactStore.Storage.Journal.Queries;
using ArtifactStore.Storage.Journal.Replaying;
using ArtifactStore.Storage.Journal.Sqlite.Engine;

namespace ArtifactStore.Storage.Journal.Sqlite;

/// <summary>
/// Replays, and proves what it did: the views are digested before and after, while the writing connection is held, so that no append comes between.
/// </summary>
internal sealed class SqliteMaintenance(SqliteJournal journal, SqliteReaders readers, TimeProvider time, IIds ids) : IMaintenance, IRecountedDatabase
{
    public async Task<ReplayReport> Replay(IProgress<long>? progress, CancellationToken cancellation = default)
    {
        ReplayReport? report = null;
        await journal.RunAlone(
            db => report = Replay(db, progress, time, cancellation),
            CancellationToken.None);
        return report ?? throw new InvalidOperationException("the replay ended without a result");
    }

    public Task<int> CondemnAbandoned(IReadOnlyCollection<NodeId> living, CancellationToken cancellation = default) =>
        StaleReservations.Condemn(journal, readers, living, time, ids, cancellation);

    public Task<RecountPage> Recount(RecountPlace? after, CancellationToken cancellation = default) => Recounting.Page(this, after, cancellation);

    public Task<IReadOnlyList<T>> All<T>(string sql, Func<IRow, T> read, long[] values, CancellationToken cancellation) =>
        readers.Read<IReadOnlyList<T>>(
            db =>
            {
                var all = new List<T>();
                using var rows = db.Query(sql, [.. values.Select(value => (SqlValue)value)]);
                while (rows.Step()) all.Add(read(rows));
                return all;
            },
            cancellation);

    /// <summary>The caller has the writing connection to itself.</summary>
    public static ReplayReport Replay(SqliteConnection db, IProgress<long>? progress, TimeProvider time, CancellationToken cancellation)
    {
        var started = time.GetTimestamp();
        // Beside the replay, which leaves the views alone until it swaps them.
        var before = OwnThread.Run(() => ViewDigest.Of(db.Path));
        try
        {
            Digest256 old = default;
            var replay = new SqliteReplay(db, progress is null ? null : new ReplaySequences(progress), cancellation)
            {
                BeforeSwap = () => old = before.GetAwaiter().GetResult(),
            };
            var applied = replay.Run();
            var elapsed = time.GetElapsedTime(started);
            return new(applied, ViewDigest.Of(db.Path) == old, elapsed);
        }
        finally
        {
            // A replay that failed leaves no reader behind either.
            ((IAsyncResult)before).AsyncWaitHandle.WaitOne();
        }
    }
}
