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

/// <param name="Item">What was to be deleted.</param>
/// <param name="Outcome">What became of it.</param>
/// <param name="Reported">By this call: its location was condemned and is gone.</param>
public sealed record Deletion(DoomedLocation Item, DeletionOutcome Outcome, bool Reported);

public enum DeletionOutcome
{
    Deleted = 1,

    /// <summary>The backend did not acknowledge it: the location stays condemned.</summary>
    Failed = 2,

    /// <summary>A hold is on everything.</summary>
    Held = 3,
}

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

    /// <param name="plan">Only what this plan's packages were the last to keep; null: everything that is condemned.</param>
    /// <param name="cancellation">Stops it between two pages.</param>
    public async IAsyncEnumerable<DeletedPage> Run(PlanId? plan, [EnumeratorCancellation] CancellationToken cancellation)
    {
        var after = 0L;
        while (await lists.Locations(LocationState.Condemned, after, PageSize, cancellation) is { Count: > 0 } page)
        {
            var wanted = page.Where(item => plan is null || item.StartedBy == plan.ToString()).ToList();
            var deletions = await DeletePage(wanted, cancellation);
            yield return new(
                deletions.LongCount(one => one.Reported), deletions.Where(one => one.Reported).Sum(one => one.Item.Size ?? 0),
                deletions.LongCount(one => one.Outcome == DeletionOutcome.Failed));
            after = page[^1].Key;
        }
    }

    /// <summary>Locations that were condemned, or are gone, before this was called.</summary>
    public async Task<IReadOnlyList<Deletion>> DeletePage(IReadOnlyList<DoomedLocation> page, CancellationToken cancellation)
    {
        // Asked for every page, and after its rows were read: a hold on everything keeps further deletions from beginning.
        var held = new HashSet<TenantId>();
        foreach (var tenant in page.Select(item => item.Tenant).Distinct())
        {
            if (await lists.IsAllHeld(tenant, cancellation)) held.Add(tenant);
        }
        var outcomes = new DeletionOutcome[page.Count];
        // Where the caller runs, as everything else does that a simulation drives step by step.
        var options = new ParallelOptions
        {
            MaxDegreeOfParallelism = AtOnce,
            CancellationToken = cancellation,
            TaskScheduler = TaskScheduler.Current,
        };
        await Parallel.ForAsync(0, page.Count, options, async (i, token) =>
        {
            if (held.Contains(page[i].Tenant)) outcomes[i] = DeletionOutcome.Held;
            else outcomes[i] = await TryDelete(page[i].Location, token) ? DeletionOutcome.Deleted : DeletionOutcome.Failed;
        });
        return await Task.WhenAll(page.Select(async (item, i) => new Deletion(
            item, outcomes[i],
            // What was gone before has been told.
            outcomes[i] == DeletionOutcome.Deleted && item.Location.State == LocationState.Condemned && await Report(item))));
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
