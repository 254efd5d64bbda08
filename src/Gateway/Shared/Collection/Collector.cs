using ArtifactStore.Interfaces.Blobs;
using ArtifactStore.Interfaces.Collection;
using ArtifactStore.Interfaces.Contents;
using ArtifactStore.Interfaces.Errors;
using ArtifactStore.Interfaces.Hosting;
using ArtifactStore.Interfaces.Ids;
using ArtifactStore.Interfaces.Journal;
using ArtifactStore.Interfaces.Packages;

namespace ArtifactStore.Gateway.Shared.Collection;

/// <summary>What one run did.</summary>
/// <param name="Started">Packages that passed the point of no return.</param>
/// <param name="Held">Packages that are eligible and that a hold keeps.</param>
/// <param name="Released">References that were released, with their bytes or without.</param>
/// <param name="Deleted">Locations whose bytes are gone.</param>
/// <param name="FreedBytes">What these held.</param>
/// <param name="Collected">Packages of which nothing is left.</param>
/// <param name="Failed">Locations whose backend did not acknowledge the deletion: the next run tries again.</param>
/// <param name="More">Its time was over before it came to the end.</param>
public sealed record CollectionReport(
    long Started, long Held, long Released, long Deleted, long FreedBytes, long Collected, long Failed, bool More)
{
    public static readonly CollectionReport Nothing = new(0, 0, 0, 0, 0, 0, 0, More: false);
}

/// <summary>
/// Takes away what nothing keeps (ADR 9). It decides nothing: each step is proved by the journal, so that runs on two nodes at once, or one
/// that is killed anywhere, are slow at worst. The work follows what goes, in pages, whatever the size of the store.
/// </summary>
public sealed class Collector(
    ICollectionViews lists, IGrains grains, IBlobStores blobs, LocationDeletion deletion, IIds ids, TimeProvider time)
{
    public const int PageSize = 256;

    private const string Actor = "system";
    private const string Unreferenced = "nothing keeps it";

    /// <param name="atMost">It leaves off then, wherever it is; the next run goes on. Null: to the end.</param>
    /// <param name="cancellation">Stops it; what was done is done.</param>
    /// <exception cref="JournalUnavailableException">The database does not answer; what was done is done, the next run goes on.</exception>
    public async Task<CollectionReport> Run(TimeSpan? atMost = null, CancellationToken cancellation = default)
    {
        var run = new CollectionRun();
        var more = await CollectionRun.IsCutShort(
            atMost, time,
            async token =>
            {
                await StartEligible(run, token);
                await Finish(run, plan: null, token);
            },
            cancellation);
        return run.Report with { More = more };
    }

    /// <summary>What follows once packages were started: their references go, then the bytes, then what is left of them.</summary>
    /// <param name="run">Counts what is done.</param>
    /// <param name="plan">Nothing but the packages that this plan's run has started; null: everything that is on its way out.</param>
    /// <param name="cancellation">Stops it; what was done is done.</param>
    internal async Task Finish(CollectionRun run, PlanId? plan, CancellationToken cancellation)
    {
        await foreach (var package in Packages(plan, cancellation)) await ReleaseAll(run, package, cancellation);
        if (plan is null) await CondemnUnkept(cancellation);
        await foreach (var deleted in deletion.Run(plan, cancellation))
        {
            var report = run.Report;
            run.Report = report with
            {
                Deleted = report.Deleted + deleted.Locations,
                FreedBytes = report.FreedBytes + deleted.Bytes,
                Failed = report.Failed + deleted.Failed,
            };
        }
        await foreach (var package in Packages(plan, cancellation))
        {
            if (package.Left == 0 && await End(package)) run.Report = run.Report with { Collected = run.Report.Collected + 1 };
        }
    }

    private async Task StartEligible(CollectionRun run, CancellationToken cancellation)
    {
        EligiblePackage? after = null;
        while (await lists.Eligible(after, PageSize, cancellation) is { Count: > 0 } page)
        {
            var answers = await Task.WhenAll(page.Select(Start));
            var report = run.Report;
            run.Report = report with
            {
                Started = report.Started + answers.Count(answer => answer == StartAnswer.Started),
                Held = report.Held + answers.Count(answer => answer == StartAnswer.Held),
            };
            after = page[^1];
            cancellation.ThrowIfCancellationRequested();
        }
    }

    private async IAsyncEnumerable<CollectingPackage> Packages(
        PlanId? plan, [System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken cancellation)
    {
        var after = 0L;
        while (await lists.Collecting(after, PageSize, cancellation) is { Count: > 0 } page)
        {
            foreach (var package in page)
            {
                if (plan is not null && package.StartedBy != plan.ToString()) continue;
                yield return package;
                cancellation.ThrowIfCancellationRequested();
            }
            after = page[^1].Key;
        }
    }

    private async Task ReleaseAll(CollectionRun run, CollectingPackage package, CancellationToken cancellation)
    {
        if (package.Left == 0) return;
        var after = "";
        while (await lists.Files(package, after, PageSize, cancellation) is { Count: > 0 } page)
        {
            await Release(run, package, page);
            after = page[^1].Path!;
            cancellation.ThrowIfCancellationRequested();
        }
        if (await lists.Manifest(package, cancellation) is { } manifest) await Release(run, package, [manifest]);
    }

    private async Task Release(CollectionRun run, CollectingPackage package, IReadOnlyList<StandingReference> references)
    {
        var answers = await Task.WhenAll(references.Where(reference => reference.Location is not null).Select(reference =>
        {
            var command = new ReleaseReference(
                new(ids.Next()), package.Tenant, package.Package, Actor, time.GetUtcNow(), reference.Keeper, reference.Location!);
            return OnPackage(package.Tenant, package.Package, grain => grain.Release(command));
        }));
        run.Report = run.Report with
        {
            Released = run.Report.Released + answers.Count(answer => answer is ReleaseAnswer.BytesStay or ReleaseAnswer.Condemned),
        };
    }

    /// <summary>Contents that a released hold had kept, and failed locations of which nobody wants anything any more.</summary>
    private async Task CondemnUnkept(CancellationToken cancellation)
    {
        var after = 0L;
        while (await lists.Candidates(after, PageSize, cancellation) is { Count: > 0 } page)
        {
            await Task.WhenAll(page.Select(candidate => Examine(candidate, cancellation)));
            after = page[^1].QueuedBy;
            cancellation.ThrowIfCancellationRequested();
        }
        after = 0;
        while (await lists.Locations(LocationState.Failed, after, PageSize, cancellation) is { Count: > 0 } page)
        {
            await Task.WhenAll(page.Select(failed => Condemn(failed.Tenant, failed.Location)));
            after = page[^1].Key;
            cancellation.ThrowIfCancellationRequested();
        }
    }

    /// <summary>What could not be decided now stays a candidate.</summary>
    private async Task Examine(CollectionCandidate candidate, CancellationToken cancellation)
    {
        foreach (var location in await lists.LocationsOf(candidate.Tenant, candidate.Content, cancellation))
        {
            if (await Condemn(candidate.Tenant, location) == CondemnAnswer.Later) return;
        }
        await grains.Call<IContentGrain>(
            ContentKey.Of(candidate.Tenant, blobs.All.First().Id, candidate.Content), grain => grain.Forget(candidate));
    }

    private Task<CondemnAnswer> Condemn(TenantId tenant, LocationView location) => grains.Call<IContentGrain, CondemnAnswer>(
        ContentKey.Of(tenant, location.Backend, location.Content), grain => grain.Condemn(location, Unreferenced));

    private Task<StartAnswer> Start(EligiblePackage package)
    {
        var command = new StartCollection(new(ids.Next()), package.Tenant, package.Package, Actor, time.GetUtcNow());
        return OnPackage(package.Tenant, package.Package, grain => grain.Start(command));
    }

    private Task<bool> End(CollectingPackage package)
    {
        var command = new EndCollection(new(ids.Next()), package.Tenant, package.Package, Actor, time.GetUtcNow());
        return OnPackage(package.Tenant, package.Package, grain => grain.End(command));
    }

    private async Task<T> OnPackage<T>(TenantId tenant, PackageId package, Func<IPackageGrain, Task<Outcome<T>>> call)
    {
        var outcome = await grains.Call<IPackageGrain, Outcome<T>>(PackageKey.Of(tenant, package), call);
        return outcome.Succeeded ? outcome.Value : throw LocationDeletion.Stopped(outcome.Error);
    }
}
