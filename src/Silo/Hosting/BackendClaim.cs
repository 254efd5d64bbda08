using ArtifactStore.Interfaces.Blobs;
using ArtifactStore.Interfaces.Ids;
using ArtifactStore.Interfaces.Views;

namespace ArtifactStore.Silo.Hosting;

/// <summary>
/// Binds one backend's root to this store. A root that carries our identity is the usual case and costs one look. Only a root that is not
/// ours makes it ask whether bytes of this very backend should lie there; that looks through the locations, once in the life of a new backend.
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
        for (long? after = 0; after is { } key;)
        {
            var page = await views.Locations(backend, key, PageSize);
            if (page.Items.Count > 0) return true;
            after = page.Next;
        }
        return false;
    }
}
