using System.Runtime.CompilerServices;
using ArtifactStore.Interfaces.Blobs;
using ArtifactStore.Interfaces.Collection;
using ArtifactStore.Interfaces.Contents;
using ArtifactStore.Interfaces.Errors;
using ArtifactStore.Interfaces.Events;
using ArtifactStore.Interfaces.Hosting;
using ArtifactStore.Interfaces.Ids;
using ArtifactStore.Interfaces.Journal;
using ArtifactStore.Interfaces.Packages;
using Microsoft.Extensions.Logging;

namespace ArtifactStore.Gateway.Shared.Collection;

/// <summary>What one page of deletions did.</summary>
public sealed record DeletedPage(long Locations, long Bytes, long Failed);

/// <summary>
/// The only place in the store that deletes bytes (ADR 9, step 3): those of locations that are condemned, which they stay for ever. It may
/// be stopped anywhere and begun again: a key is deleted as often as it takes for the backend to acknowledge it.
/// </summary>
public sealed partial class LocationDeletion(
    ICollectionViews lists, IGrains grains, IBlobStores blobs, IIds ids, TimeProvider time, ILogger<LocationDeletion> logger)
{
    private const int PageSize = 1000;
    private const int AtOnce = 16;
    private const string Actor = "system";

    public async IAsyncEnumerable<DeletedPage> Run([EnumeratorCancellation] CancellationToken cancellation)
    {
        var after = 0L;
        while (await lists.Locations(LocationState.Condemned, after, PageSize, cancellation) is { Count: > 0 } page)
        {
            // Asked for every page: a hold on everything keeps further deletions from beginning.
            var held = new HashSet<TenantId>();
            foreach (var tenant in page.Select(item => item.Tenant).Distinct())
            {
                if (await lists.IsAllHeld(tenant, cancellation)) held.Add(tenant);
            }
            yield return await Delete([.. page.Where(item => !held.Contains(item.Tenant))], cancellation);
            after = page[^1].Key;
        }
    }

    private async Task<DeletedPage> Delete(IReadOnlyList<DoomedLocation> page, CancellationToken cancellation)
    {
        var acknowledged = new bool[page.Count];
        // Where the caller runs, as everything else does that a simulation drives step by step.
        var options = new ParallelOptions
        {
            MaxDegreeOfParallelism = AtOnce,
            CancellationToken = cancellation,
            TaskScheduler = TaskScheduler.Current,
        };
        await Parallel.ForAsync(0, page.Count, options, async (i, token) => acknowledged[i] = await TryDelete(page[i].Location, token));
        var gone = page.Where((_, i) => acknowledged[i]).ToList();
        var reported = await Task.WhenAll(gone.Select(Report));
        return new(
            reported.Count(mine => mine), gone.Where((_, i) => reported[i]).Sum(item => item.Size ?? 0), page.Count - gone.Count);
    }

    /// <summary>False: the location stays condemned, and the next run tries again.</summary>
    private async Task<bool> TryDelete(LocationView location, CancellationToken cancellation)
    {
        try
        {
            if (blobs.All.FirstOrDefault(backend => backend.Id == location.Backend) is not { } backend)
            {
                LogUnknownBackend(logger, location.Backend.Value, location.PhysicalKey);
                return false;
            }
            await backend.Delete(location.PhysicalKey, cancellation);
            return true;
        }
        catch (BlobStoreException failure)
        {
            LogNotDeleted(logger, location.Backend.Value, location.PhysicalKey, failure.Message);
            return false;
        }
    }

    private async Task<bool> Report(DoomedLocation item)
    {
        if (item.Released is not { } keeper)
        {
            return await grains.Call<IContentGrain, bool>(
                ContentKey.Of(item.Tenant, item.Location.Backend, item.Location.Content), grain => grain.ReportDeleted(item.Location));
        }
        var command = new ReportDeleted(new(ids.Next()), item.Tenant, keeper.Package, Actor, time.GetUtcNow(), keeper, item.Location);
        var outcome = await grains.Call<IPackageGrain, Outcome<bool>>(
            PackageKey.Of(item.Tenant, keeper.Package), grain => grain.Report(command));
        return outcome.Succeeded ? outcome.Value : throw Stopped(outcome.Error);
    }

    internal static JournalUnavailableException Stopped(Error error) => new($"the collector stopped: {error.Detail}")
    {
        Overloaded = error.Code == ErrorCatalogue.Overloaded.Code,
    };

    [LoggerMessage(
        EventId = 2041, Level = LogLevel.Warning, Message = "Backend {Backend} did not delete {PhysicalKey}; the next run tries again: {Reason}")]
    private static partial void LogNotDeleted(ILogger logger, string backend, string physicalKey, string reason);

    [LoggerMessage(
        EventId = 2042, Level = LogLevel.Warning, Message = "{PhysicalKey} is to be deleted in backend {Backend}, which is not configured here")]
    private static partial void LogUnknownBackend(ILogger logger, string backend, string physicalKey);
}
