using ArtifactStore.Interfaces.Blobs;
using ArtifactStore.Interfaces.Events;
using ArtifactStore.Interfaces.Ids;
using ArtifactStore.Interfaces.Views;

namespace ArtifactStore.Silo.Hosting;

/// <summary>
/// Binds one backend's root to this store. A root that carries our identity is the usual case and costs one look. Only a root that is not
/// ours makes it ask the log whether bytes of this very backend lie there; that reads the log, once in the life of a new backend.
/// </summary>
internal static class BackendClaim
{
    private const int PageSize = 1000;

    public static async Task Run(IBlobStore backend, BackendIdentity identity, IViews views)
    {
        try
        {
            await backend.Claim(identity, holdsBytes: true);
            return;
        }
        catch (BlobStoreException refusal) when (refusal.Failure == BlobFailure.Foreign)
        {
            if (await HoldsBytes(backend.Id, views)) throw;
        }
        await backend.Claim(identity);
    }

    private static async Task<bool> HoldsBytes(BackendId backend, IViews views)
    {
        var after = 0L;
        while (true)
        {
            var page = await views.Events(after, PageSize, [EventCodec.NameOf<LocationSettled>()]);
            if (page.Any(line => EventCodec.Decode(line.Type, line.Payload) is LocationSettled settled && settled.Backend == backend)) return true;
            if (page.Count == 0) return false;
            after = page[^1].Sequence;
        }
    }
}
