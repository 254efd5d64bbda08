using ArtifactStore.Gateway.Shared.Collection;
using ArtifactStore.Interfaces.Blobs;
using ArtifactStore.Interfaces.Ids;
using Microsoft.Extensions.Logging;

namespace ArtifactStore.Silo.Background;

/// <summary>
/// Looks through every backend for objects that no row knows, a page a step. A node that takes over begins again.
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
        var page = await scan.Page(id, from, OrphanAction.DeleteFew, cancellation);
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
        if (page.Suspicious) LogSuspicious(logger, page.Orphans, page.Keys, page.BackendId);
        else if (page.Orphans > 0) LogFound(logger, page.Orphans, page.BackendId, page.Deleted, page.DeletedBytes);
        if (page.Foreign > 0) LogForeign(logger, page.Foreign, page.BackendId, page.Findings[^1].PhysicalKey);
    }

    [LoggerMessage(EventId = 5021, Level = LogLevel.Information,
        Message = "{Orphans} objects in backend {Backend} were left by uploads that were cut off; {Deleted} were deleted, {Bytes} bytes")]
    private static partial void LogFound(ILogger logger, long orphans, string backend, long deleted, long bytes);

    [LoggerMessage(EventId = 5022, Level = LogLevel.Error,
        Message = "{Orphans} of {Keys} objects in backend {Backend} are unknown to the database, which is more than crashes leave: is it an older "
            + "copy? Nothing was deleted; artifactstore storage scan shows them, and deletes them with --delete")]
    private static partial void LogSuspicious(ILogger logger, long orphans, long keys, string backend);

    [LoggerMessage(EventId = 5023, Level = LogLevel.Warning,
        Message = "{Foreign} objects in backend {Backend} have names that this store does not write, such as {Key}; they are not touched")]
    private static partial void LogForeign(ILogger logger, long foreign, string backend, string key);
}
