using ArtifactStore.Interfaces.Blobs;
using ArtifactStore.Interfaces.Ids;
using ArtifactStore.Interfaces.Journal;
using ArtifactStore.Interfaces.Views;
using Microsoft.Extensions.Logging;

namespace ArtifactStore.Gateway.Shared;

/// <param name="Scrub">Null on a node that does not scrub, because another one does or the setting is 0.</param>
public sealed record HealthReport(
    string Status, DatabaseHealth Db, OverallBackendHealth Backend, IReadOnlyList<BackendReport> Backends, NodesHealth Nodes,
    ScrubReport? Scrub)
{
    /// <summary>
    /// What everybody may read: reasons name paths of this machine and words of its database, and nodes are named after machines, so both are
    /// for holders of a token. Whether something is wrong, and what, is for all.
    /// </summary>
    public HealthReport ForAnybody() => this with
    {
        Db = Db with { Reason = Db.Reason is null ? null : Withheld("the database") },
        Backends =
        [
            .. Backends.Select(backend => backend.Reason is null
                ? backend
                : backend with { Reason = Withheld("the backend") }),
        ],
        Nodes = Nodes with { Members = null },
    };

    private static string Withheld(string part) => $"{part} does not work; the server's log tells why, and so does this page with a token";
}

/// <param name="Living">Null when the database cannot say.</param>
/// <param name="Members">Null for callers without a token.</param>
public sealed record NodesHealth(int? Living, IReadOnlyList<NodeReport>? Members);

public sealed record NodeReport(string Name, DateTimeOffset StartedAt, DateTimeOffset LastSeenAt);

public sealed record DatabaseHealth(bool Healthy, string? Reason, int? SchemaVersion, int? Incarnation, long? Head);

/// <summary>All backends at once: what a monitor that knows nothing of several of them looks at.</summary>
public sealed record OverallBackendHealth(bool Healthy);

public sealed record BackendReport(string Id, bool Healthy, string? Reason, long? FailedLocations, long? FreeBytes, long? TotalBytes);

/// <summary>
/// What works and what does not. Never throws and never hangs: a health page that needs a healthy store is worth nothing. A backend with
/// failed locations still works, but the store is degraded until they are healed.
/// </summary>
public sealed partial class StoreHealth(
    IViews views, IBlobStores stores, INodes nodes, ILogger<StoreHealth> logger, ScrubProgress? scrub = null)
{
    public const string Ok = "ok";
    public const string Degraded = "degraded";

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(5);

    public async Task<HealthReport> Report(CancellationToken cancellation)
    {
        var (database, failed) = await Database(cancellation);
        var backends = await Task.WhenAll(stores.All.Select(store => Backend(store, failed, cancellation)));
        var backendsHealthy = Array.TrueForAll(backends, backend => backend.Healthy);
        var nothingFailed = Array.TrueForAll(backends, backend => backend.FailedLocations is null or 0);
        var status = database.Healthy && backendsHealthy && nothingFailed ? Ok : Degraded;
        var members = database.Healthy ? await Members(cancellation) : null;
        return new(
            status, database, new(backendsHealthy), [.. backends.OrderBy(backend => backend.Id, StringComparer.Ordinal)],
            new(members?.Count, members), scrub?.Report);
    }

    private async Task<IReadOnlyList<NodeReport>?> Members(CancellationToken cancellation)
    {
        try
        {
            var living = await nodes.Living(cancellation).WaitAsync(Patience, cancellation);
            return [.. living.Select(node => new NodeReport(node.Name, node.StartedAt, node.SeenAt))];
        }
        catch (Exception exception) when (!cancellation.IsCancellationRequested)
        {
            LogUnhealthy(logger, "nodes", exception);
            return null;
        }
    }

    private async Task<(DatabaseHealth, IReadOnlyDictionary<BackendId, long>?)> Database(CancellationToken cancellation)
    {
        try
        {
            var status = await views.Status(cancellation).WaitAsync(Patience, cancellation);
            return (new(true, null, status.SchemaVersion, status.Incarnation, status.Head), status.FailedLocations);
        }
        catch (Exception exception) when (!cancellation.IsCancellationRequested)
        {
            LogUnhealthy(logger, "database", exception);
            return (new(false, Words(exception, "the database"), null, null, null), null);
        }
    }

    private async Task<BackendReport> Backend(
        IBlobStore store, IReadOnlyDictionary<BackendId, long>? failed, CancellationToken cancellation)
    {
        long? failedLocations = failed is null ? null : failed.GetValueOrDefault(store.Id);
        try
        {
            var health = await store.Health(cancellation).WaitAsync(Patience, cancellation);
            if (!health.Healthy) LogReason(logger, store.Id.Value, health.Reason);
            return new(store.Id.Value, health.Healthy, health.Reason, failedLocations, health.FreeBytes, health.TotalBytes);
        }
        catch (Exception exception) when (!cancellation.IsCancellationRequested)
        {
            LogUnhealthy(logger, store.Id.Value, exception);
            return new(store.Id.Value, false, Words(exception, "the backend"), failedLocations, null, null);
        }
    }

    /// <summary>Of an unforeseen exception the page shows only that there was one, even to holders of a token.</summary>
    private static string Words(Exception exception, string part) => exception switch
    {
        JournalUnavailableException or BlobStoreException => exception.Message,
        TimeoutException => $"{part} did not answer within {Patience.TotalSeconds:0} s",
        _ => $"{part} failed; the server's log tells why",
    };

    [LoggerMessage(EventId = 2022, Level = LogLevel.Warning, Message = "Unhealthy: {Part}: {Reason}")]
    private static partial void LogReason(ILogger logger, string part, string? reason);

    [LoggerMessage(EventId = 2021, Level = LogLevel.Warning, Message = "Unhealthy: {Part}")]
    private static partial void LogUnhealthy(ILogger logger, string part, Exception exception);
}
