using ArtifactStore.Gateway.Shared.Collection;
using ArtifactStore.Interfaces.Blobs;
using ArtifactStore.Interfaces.Ids;
using Microsoft.Extensions.Logging;

namespace ArtifactStore.Silo.Background;

/// <summary>
/// Looks through every backend for objects that no row knows, a page a step, and says so: whether the database is the right one is for a person to
/// judge. A node that takes over begins again.
/// </summary>
public sealed partial class ScanOrphansJob(
    OrphanScan scan, IBlobStores blobs, TimeSpan interval, TimeProvider time, ILogger<ScanOrphansJob> logger) : IBackgroundJob
{
    private readonly DueTime _due = new(interval, time);
    private readonly Queue<BackendId> _left = new();
    private string? _after;

    public string Name => "scan-orphans";

    public TimeSpan Every => _due.Look;

    public bool OnEveryNode => false;

    public async Task<bool> Step(CancellationToken cancellation)
    {
        if (_left.Count == 0)
        {
            if (!_due.Passed()) return false;
            foreach (var backend in blobs.All) _left.Enqueue(backend.Id);
        }
        var id = _left.Dequeue();
        var from = _after;
        _after = null;
        // A backend that is away is left to the next pass, so that it does not keep the others from being looked at.
        var page = await scan.Page(id, from, ScanDeletion.LeftBehind, cancellation);
        Tell(page);
        if (page.Next is null) return _left.Count > 0;
        _after = page.Next;
        Requeue(id);
        return true;
    }

    /// <summary>Before the others: one backend is looked through after the other.</summary>
    private void Requeue(BackendId id)
    {
        var rest = _left.ToArray();
        _left.Clear();
        _left.Enqueue(id);
        foreach (var other in rest) _left.Enqueue(other);
    }

    private void Tell(ScanPage page)
    {
        if (page.Deleted > 0) LogDeleted(logger, page.Deleted, page.BackendId, page.DeletedBytes);
        if (page.Orphans > page.Deleted) LogFound(logger, page.Orphans - page.Deleted, page.BackendId, page.OrphanBytes - page.DeletedBytes);
        if (page.Foreign > 0) LogForeign(logger, page.Foreign, page.BackendId, page.Findings[^1].PhysicalKey);
    }

    [LoggerMessage(EventId = 5021, Level = LogLevel.Information,
        Message = "{Deleted} objects in backend {Backend} that came back after they were deleted were deleted again, {Bytes} bytes")]
    private static partial void LogDeleted(ILogger logger, long deleted, string backend, long bytes);

    [LoggerMessage(EventId = 5022, Level = LogLevel.Warning,
        Message = "{Orphans} objects in backend {Backend} are unknown to the database, {Bytes} bytes: crashes leave a few, an older copy of the database "
            + "knows none that came after it; artifactstore storage scan shows them, and deletes them with --delete")]
    private static partial void LogFound(ILogger logger, long orphans, string backend, long bytes);

    [LoggerMessage(EventId = 5023, Level = LogLevel.Warning,
        Message = "{Foreign} objects in backend {Backend} have names that this store does not write, such as {Key}; they are not touched")]
    private static partial void LogForeign(ILogger logger, long foreign, string backend, string key);
}
