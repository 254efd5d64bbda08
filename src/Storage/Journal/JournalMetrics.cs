using System.Diagnostics.Metrics;

namespace ArtifactStore.Storage.Journal;

/// <summary>An append with a transaction for itself would cost a sync: appends minus batches are what group commit saves.</summary>
internal static class JournalMetrics
{
    private static readonly Meter Meter = new("ArtifactStore.Storage");
    private static readonly Counter<long> Batches = Meter.CreateCounter<long>(
        "artifactstore.journal.batches", null, "Transactions of the journal that were synced to the disk");
    private static readonly Counter<long> Appends = Meter.CreateCounter<long>(
        "artifactstore.journal.appends", null, "Appends that were committed in those transactions");

    public static void Committed(int appends)
    {
        Batches.Add(1);
        Appends.Add(appends);
    }
}
