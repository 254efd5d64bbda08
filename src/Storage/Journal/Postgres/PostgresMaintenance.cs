using ArtifactStore.Interfaces.Ids;
using ArtifactStore.Interfaces.Journal;
using ArtifactStore.Storage.Journal.Queries;
using ArtifactStore.Storage.Journal.Replaying;
using Npgsql;

namespace ArtifactStore.Storage.Journal.Postgres;

/// <summary>Replays, on a thread of its own: it is one long sequence of steps, and nothing waits for it but whoever asked.</summary>
internal sealed class PostgresMaintenance(
    NpgsqlDataSource source, long journalLock, AbandonedReservations abandoned, PostgresReaders readers, TimeProvider time)
    : IMaintenance, IRecountedDatabase
{
    public Task<ReplayReport> Replay(IProgress<long>? progress, CancellationToken cancellation = default) =>
        Replay(source, journalLock, progress, time, cancellation);

    public static Task<ReplayReport> Replay(
        NpgsqlDataSource source, long journalLock, IProgress<long>? progress, TimeProvider time, CancellationToken cancellation) =>
        OwnThread.Run(() => Run(source, journalLock, progress, time, cancellation));

    public Task<int> CondemnAbandoned(IReadOnlyCollection<NodeId> living, CancellationToken cancellation = default) =>
        abandoned.Condemn(living, cancellation);

    public Task<RecountPage> Recount(RecountPlace? after, CancellationToken cancellation = default) => Recounting.Page(this, after, cancellation);

    public Task<IReadOnlyList<T>> All<T>(string sql, Func<IRow, T> read, long[] values, CancellationToken cancellation) =>
        readers.All(sql, read, [.. values.Select(value => (object)value)], cancellation);

    private static ReplayReport Run(
        NpgsqlDataSource source, long journalLock, IProgress<long>? progress, TimeProvider time, CancellationToken cancellation)
    {
        var started = time.GetTimestamp();
        try
        {
            var sequences = progress is null ? null : new ReplaySequences(progress);
            var (applied, identical) = new PostgresReplay(source, journalLock, sequences, cancellation).Run();
            return new(applied, identical, time.GetElapsedTime(started));
        }
        catch (Exception e) when (e is NpgsqlException or TimeoutException)
        {
            throw new JournalUnavailableException($"the replay did not end, and the views are as they were: {e.Message}", e);
        }
    }
}
