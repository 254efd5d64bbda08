using ArtifactStore.Interfaces.Collection;
using ArtifactStore.Interfaces.Events;
using ArtifactStore.Interfaces.Ids;
using ArtifactStore.Interfaces.Packages;
using ArtifactStore.Interfaces.Views;

namespace ArtifactStore.Gateway.Shared.Collection;

/// <summary>How packages went: read from the log, where it stands for ever.</summary>
public sealed class Departures(IViews views, IKeepingViews keeping)
{
    /// <summary>Nothing but the end can follow the start of a collection.</summary>
    private const int LastEvents = 2;

    public async Task<Departure?> Of(TenantId tenant, PackageId id, CancellationToken cancellation) =>
        await views.Package(tenant, id, cancellation) is { } package ? await Of(package, cancellation) : null;

    /// <summary>Null: its collection has not begun.</summary>
    public async Task<Departure?> Of(PackageView package, CancellationToken cancellation)
    {
        if (package.Status is not (PackageStatus.Collecting or PackageStatus.GarbageCollected)) return null;
        var departure = new Departure(
            package.Id, package.Eligible?.Cause, package.Eligible?.Reason, package.Eligible?.Since, null, null, null, null);
        foreach (var line in await keeping.LastEvents(package.Tenant, package.Id, LastEvents, cancellation))
        {
            departure = EventCodec.Decode(line.Type, line.Payload) switch
            {
                CollectionStarted started => departure with { StartedAt = line.Time, StartedBy = line.Actor, Plan = started.Plan },
                PackageCollected => departure with { EndedAt = line.Time },
                _ => departure,
            };
        }
        return departure;
    }
}
