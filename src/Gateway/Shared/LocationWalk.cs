using ArtifactStore.Interfaces.Contents;
using ArtifactStore.Interfaces.Ids;
using ArtifactStore.Interfaces.Views;

namespace ArtifactStore.Gateway.Shared;

/// <summary>
/// The live and failed locations of a backend in pages that take a bounded time to work on, for what is done with whole backends.
/// </summary>
public static class LocationWalk
{
    /// <summary>How many locations a page looks at.</summary>
    public const int PageLocations = 256;

    /// <summary>A page ends with the location that brings it to this: whoever waits for pages hears something soon.</summary>
    public const long PageBytes = 256L * 1024 * 1024;

    public const int DefaultJobs = 4;
    public const int MaxJobs = 64;

    /// <param name="views">Whom to ask.</param>
    /// <param name="backend">Locations of others are passed over.</param>
    /// <param name="retentionClass">Only what packages of this class use; null: all.</param>
    /// <param name="after">Next of the page before; 0 begins.</param>
    /// <param name="cancellation">Stops the waiting.</param>
    public static async Task<LocationPage> Page(
        IViews views, BackendId backend, string? retentionClass, long after, CancellationToken cancellation)
    {
        var page = await views.Locations(backend, after, PageLocations, cancellation);
        var items = page.Items;
        if (retentionClass is not null && items.Count > 0)
        {
            var used = (await views.LocationsUsedBy(backend, retentionClass, after, items[^1].Key, cancellation)).ToHashSet();
            items = [.. items.Where(item => used.Contains(item.Key))];
        }
        var taken = new List<StoredLocation>();
        var bytes = 0L;
        foreach (var item in items)
        {
            taken.Add(item);
            bytes += item.Content.Size;
            if (bytes >= PageBytes) break;
        }
        return new(taken, taken.Count < items.Count ? taken[^1].Key : page.Next);
    }

    public static ParallelOptions Bounded(int jobs, CancellationToken cancellation) =>
        new() { MaxDegreeOfParallelism = Math.Clamp(jobs, 1, MaxJobs), CancellationToken = cancellation };
}
