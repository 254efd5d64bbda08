using ArtifactStore.Interfaces.Blobs;
using ArtifactStore.Interfaces.Contents;
using ArtifactStore.Interfaces.Errors;
using ArtifactStore.Interfaces.Hosting;
using ArtifactStore.Interfaces.Ids;
using ArtifactStore.Interfaces.Views;
using Microsoft.Extensions.Logging;

namespace ArtifactStore.Gateway.Shared;

/// <summary>
/// Replaces a failed location by a new generation, from a live copy in another backend. The copy is one more attempt: staged, compared,
/// reserved, promoted and settled; the append that settles it condemns the failed one.
/// </summary>
public sealed partial class LocationRepair(
    IViews views, IGrains grains, IBlobStores stores, ContentIngest ingest, ILogger<LocationRepair> logger)
{
    /// <summary>True when the failed location was replaced, or had been; false when no good copy was found or nothing refers to it.</summary>
    public async Task<bool> Run(StoredLocation failed, CancellationToken cancellation)
    {
        var backend = failed.Location.Backend;
        var address = ContentAddress.Blake3(failed.Content.Blake3);
        if (await views.LiveLocation(failed.Tenant, backend, address, cancellation) is { } live)
        {
            // Pushed again, and whoever pushed it did not come to condemn the failed one.
            await Call(failed, grain => grain.CondemnFailed(live));
            return true;
        }
        var content = await views.Content(new ReadScope(failed.Tenant), address, cancellation);
        foreach (var copy in content?.Locations ?? [])
        {
            if (copy.State != LocationState.Live || copy.Backend == backend || stores.All.All(store => store.Id != copy.Backend)) continue;
            try
            {
                if (await From(copy, failed, cancellation)) return true;
            }
            catch (Exception unreadable) when (unreadable is BlobStoreException or IOException)
            {
                LogNotCopied(logger, copy.Backend.Value, copy.PhysicalKey, unreadable.Message);
            }
        }
        return false;
    }

    private async Task<bool> From(LocationView copy, StoredLocation failed, CancellationToken cancellation)
    {
        await using var bytes = await stores.Get(copy.Backend).Open(copy.PhysicalKey, 0, null, cancellation);
        if (bytes is null) return false;
        var expected = new ExpectedDigests(failed.Content.Blake3, failed.Content.Sha256);
        var incoming = new IncomingContent(failed.Tenant, failed.Location.Backend, bytes, failed.Content.Size, expected);
        var repaired = await ingest.Ingest(incoming, (_, placement) => Settle(failed, placement), cancellation);
        if (!repaired.Succeeded) LogNotCopied(logger, copy.Backend.Value, copy.PhysicalKey, repaired.Error.Detail);
        return repaired.Succeeded && repaired.Value;
    }

    private async Task<Outcome<Claim<bool>>> Settle(StoredLocation failed, Placement placement)
    {
        switch (placement)
        {
            case Placement.Live(var live):
                // It may be a hint of a moment ago, so what is live now decides.
                await Call(failed, grain => grain.CondemnFailed(live));
                return new Claim<bool>.AlreadySo(
                    await views.LiveLocation(failed.Tenant, failed.Location.Backend, ContentAddress.Blake3(failed.Content.Blake3)) is not null);
            case Placement.Reserved(var reservation):
                var result = await grains.Call<IContentGrain, RepairResult>(Key(failed), grain => grain.Repair(reservation, failed.Location));
                return result switch
                {
                    RepairResult.Done => new Claim<bool>.Made(true),
                    RepairResult.PlaceAgain => new Claim<bool>.PlaceAgain(),
                    _ => new Claim<bool>.AlreadySo(false),
                };
            default:
                throw new InvalidOperationException($"unknown placement {placement.GetType().Name}");
        }
    }

    private Task<bool> Call(StoredLocation failed, Func<IContentGrain, Task<bool>> ask) => grains.Call(Key(failed), ask);

    private static string Key(StoredLocation failed) => ContentKey.Of(failed.Tenant, failed.Location.Backend, failed.Content.Blake3);

    [LoggerMessage(
        EventId = 2032, Level = LogLevel.Warning, Message = "The copy that backend {Backend} has at {PhysicalKey} repairs nothing: {Reason}")]
    private static partial void LogNotCopied(ILogger logger, string backend, string physicalKey, string reason);
}
