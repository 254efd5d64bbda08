using System.Collections.Concurrent;
using ArtifactStore.Interfaces.Blobs;
using ArtifactStore.Interfaces.Contents;
using ArtifactStore.Interfaces.Hashing;
using ArtifactStore.Interfaces.Hosting;
using ArtifactStore.Interfaces.Ids;
using ArtifactStore.Interfaces.Views;
using Microsoft.Extensions.Logging;

namespace ArtifactStore.Gateway.Shared;

/// <summary>What one page of a verification found.</summary>
/// <param name="Next">The key that the next page comes after; null when there is none.</param>
/// <param name="Locations">How many were looked at.</param>
/// <param name="Bytes">How many were read.</param>
/// <param name="Verified">How many have good bytes.</param>
/// <param name="Repaired">How many that had failed, now or earlier, were replaced by a good copy.</param>
/// <param name="Faults">What was found wrong now, repaired or not, and what had failed earlier and could not be repaired.</param>
public sealed record VerificationPage(
    string BackendId, long? Next, long Locations, long Bytes, long Verified, long Repaired, IReadOnlyList<VerificationFault> Faults);

public sealed record VerificationFault(string ContentAddress, int Generation, string PhysicalKey, string Reason, bool Failed, bool Repaired);

/// <summary>
/// Reads locations again, every byte through both digests (design §6, step 12). Invariants: a location fails only when its backend answered
/// and the bytes were missing or wrong, never because the backend is away; nothing is deleted; and a copy from another backend goes the way
/// of every other attempt.
/// </summary>
public sealed partial class LocationVerifier(
    IViews views, IGrains grains, IBlobStores stores, LocationRepair repair, ILogger<LocationVerifier> logger)
{
    /// <exception cref="BlobStoreException">The backend does not answer; nothing was marked because of it.</exception>
    public async Task<VerificationPage> Page(BackendId backend, long after, int jobs, CancellationToken cancellation)
    {
        var page = await LocationWalk.Page(views, backend, retentionClass: null, after, cancellation);
        return await Verify(backend, page.Items, jobs, cancellation) with { Next = page.Next };
    }

    /// <summary>These locations of one backend, live or failed.</summary>
    /// <exception cref="BlobStoreException">The backend does not answer; nothing was marked because of it.</exception>
    public async Task<VerificationPage> Verify(
        BackendId backend, IReadOnlyList<StoredLocation> locations, int jobs, CancellationToken cancellation)
    {
        var store = stores.Get(backend);
        var good = new ConcurrentBag<StoredLocation>();
        var bad = new ConcurrentBag<(StoredLocation Location, Finding Finding)>();
        await Parallel.ForEachAsync(locations, LocationWalk.Bounded(jobs, cancellation), async (item, token) =>
        {
            if (item.Location.State == LocationState.Failed) bad.Add((item, new("it had failed before", Found.FailedBefore)));
            else if (await Read(store, item, token) is { } finding) bad.Add((item, finding));
            else good.Add(item);
        });
        // All at once: the journal takes them as one batch.
        var verified = await Task.WhenAll(good.Select(item => Call(item, grain => grain.ReportVerified(item.Location))));
        var faults = new List<VerificationFault>();
        var repaired = 0L;
        foreach (var (item, finding) in bad.OrderBy(pair => pair.Location.Key))
        {
            var failed = finding.What == Found.FailedBefore;
            if (finding.What == Found.Bad)
            {
                // No longer live: condemned, or reported by somebody else. It is not this location's fault that its bytes have gone.
                if (!await Call(item, grain => grain.ReportMissing(item.Location, finding.Reason))) continue;
                LogFailed(logger, backend.Value, item.Location.PhysicalKey, finding.Reason);
                failed = true;
            }
            var healed = failed && await repair.Run(item, cancellation);
            if (healed) repaired++;
            if (healed && finding.What == Found.FailedBefore) continue;
            faults.Add(new(
                ContentAddress.Blake3(item.Content.Blake3).ToString(), item.Location.Generation, item.Location.PhysicalKey, finding.Reason,
                failed, healed));
        }
        return new(
            backend.Value, null, locations.Count, good.Sum(item => item.Content.Size), verified.LongCount(yes => yes), repaired, faults);
    }

    /// <summary>Null: every byte is what it must be.</summary>
    private static async Task<Finding?> Read(IBlobStore store, StoredLocation item, CancellationToken cancellation)
    {
        try
        {
            await using var bytes = await store.Open(item.Location.PhysicalKey, 0, null, cancellation);
            if (bytes is null) return new("there is no object at the key", Found.Bad);
            var actual = await ContentHasher.HashStreamAsync(bytes, cancellation);
            if (actual == item.Content) return null;
            return actual.Size != item.Content.Size
                ? new($"the object has {actual.Size} bytes and should have {item.Content.Size}", Found.Bad)
                : new($"the bytes are {ContentAddress.Blake3(actual.Blake3)}", Found.Bad);
        }
        catch (Exception unreadable) when (unreadable is BlobStoreException or IOException)
        {
            var health = await store.Health(cancellation);
            if (!health.Healthy) throw new BlobStoreException(BlobFailure.Unavailable, health.Reason ?? unreadable.Message, unreadable);
            return new(unreadable.Message, Found.Unreadable);
        }
    }

    private Task<bool> Call(StoredLocation item, Func<IContentGrain, Task<bool>> report) => grains.Call(
        ContentKey.Of(item.Tenant, item.Location.Backend, item.Content.Blake3), report);

    private enum Found
    {
        Bad,
        FailedBefore,

        /// <summary>The backend works, and this object cannot be read. Its bytes may be there: it is told, and not marked.</summary>
        Unreadable,
    }

    private sealed record Finding(string Reason, Found What);

    [LoggerMessage(EventId = 2031, Level = LogLevel.Error, Message = "Backend {Backend} has not the right bytes at {PhysicalKey}: {Reason}")]
    private static partial void LogFailed(ILogger logger, string backend, string physicalKey, string reason);
}
