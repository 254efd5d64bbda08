using ArtifactStore.Interfaces.Hashing;
using ArtifactStore.Interfaces.Journal;
using ArtifactStore.Storage.Journal.Queries;
using ArtifactStore.Storage.Journal.Replaying;
using ArtifactStore.Storage.Journal.Sqlite.Engine;

namespace ArtifactStore.Storage.Journal.Sqlite;

/// <summary>
/// Replays, and proves what it did: the views are dumped before and after, on the writer's own connection, so that no append comes between.
/// Only the digests of the dumps are kept, whatever their size.
/// </summary>
internal sealed class SqliteMaintenance(SqliteJournal journal, TimeProvider time) : IMaintenance
{
    public async Task<ReplayReport> Replay(IProgress<long>? progress, CancellationToken cancellation = default)
    {
        ReplayReport? report = null;
        await journal.RunAlone(
            db =>
            {
                var before = DigestOfViews(db);
                var started = time.GetTimestamp();
                var applied = new SqliteReplay(db, progress is null ? null : new ReplaySequences(progress), cancellation).Run();
                var elapsed = time.GetElapsedTime(started);
                report = new(applied, DigestOfViews(db) == before, elapsed);
            },
            CancellationToken.None);
        return report ?? throw new InvalidOperationException("the replay ended without a result");
    }

    private static Digest256 DigestOfViews(SqliteConnection db)
    {
        using var digest = new DigestWriter();
        ViewDump.Write(db, digest);
        return digest.Finish();
    }
}
