using ArtifactStore.Interfaces.Collection;
using ArtifactStore.Interfaces.Contents;
using ArtifactStore.Interfaces.Events;
using ArtifactStore.Interfaces.Hashing;
using ArtifactStore.Interfaces.Ids;
using ArtifactStore.Interfaces.Packages;
using ArtifactStore.Interfaces.Retention;

namespace ArtifactStore.Conformance.InMemory;

/// <summary>The collector's work lists, filtered from everything.</summary>
public sealed class InMemoryCollectionViews(InMemoryStore store) : ICollectionViews
{
    public Task<IReadOnlyList<EligiblePackage>> Eligible(EligiblePackage? after, int limit, CancellationToken cancellation = default) => Ask(() =>
        store.Packages.Values
            .Where(row => row.View is { Eligible: not null, Status: PackageStatus.Created or PackageStatus.Finalized })
            .Select(row => new EligiblePackage(row.View.Tenant, row.View.Id, row.View.Eligible!.Since, row.View.Version, row.Key))
            .Where(row => after is null || (row.Since, row.Key).CompareTo((after.Since, after.Key)) > 0)
            .OrderBy(row => (row.Since, row.Key)).Take(limit));

    public Task<IReadOnlyList<CollectingPackage>> Collecting(long after, int limit, CancellationToken cancellation = default) => Ask(() =>
        store.Packages.Values.Where(row => row.View.Status == PackageStatus.Collecting && row.Key > after).OrderBy(row => row.Key).Take(limit)
            .Select(row => new CollectingPackage(row.View.Tenant, row.View.Id, store.Left(row.View), row.Key)));

    public Task<IReadOnlyList<StandingReference>> Files(
        CollectingPackage package, string after, int limit, CancellationToken cancellation = default) => Ask(() =>
    {
        var files = store.Files[package.Package];
        return files.Where(pair => files.Comparer.Compare(pair.Key, after) > 0)
            .Select(pair => Standing(pair.Key, row => row.Keeper?.File == pair.Value.Id)).OfType<StandingReference>().Take(limit);
    });

    public Task<StandingReference?> Manifest(CollectingPackage package, CancellationToken cancellation = default)
    {
        lock (store.Gate) return Task.FromResult(Standing(null, row => row.Keeper == new Keeper(package.Package)));
    }

    public Task<IReadOnlyList<DoomedLocation>> Locations(LocationState state, long after, int limit, CancellationToken cancellation = default) =>
        Ask(() => state is LocationState.Condemned or LocationState.Failed
            ? store.LocationKeys.Where(pair => pair.Key > after).Select(pair => Doomed(pair.Key, pair.Value)).Where(row => row.Location.State == state).Take(limit)
            : []);

    public Task<IReadOnlyList<CollectionCandidate>> Candidates(long after, int limit, CancellationToken cancellation = default) => Ask(() =>
        store.Candidates.Where(pair => pair.Value > after).OrderBy(pair => pair.Value).Take(limit)
            .Select(pair => new CollectionCandidate(pair.Key.Item1, pair.Key.Item2, pair.Value)));

    public Task<bool> IsAllHeld(TenantId tenant, CancellationToken cancellation = default)
    {
        lock (store.Gate) return Task.FromResult(store.Holding.Values.Any(hold => hold.Tenant == tenant && hold.Kind == HoldKind.Everything));
    }

    public Task<IReadOnlyList<LocationView>> LocationsOf(TenantId tenant, Digest256 content, CancellationToken cancellation = default) => Ask(() =>
        store.LocationKeys.Where(pair => pair.Value.Tenant == tenant && pair.Value.Content == content)
            .Select(pair => Doomed(pair.Key, pair.Value).Location).Where(row => row.State is LocationState.Live or LocationState.Failed));

    private Task<IReadOnlyList<T>> Ask<T>(Func<IEnumerable<T>> question)
    {
        lock (store.Gate) return Task.FromResult<IReadOnlyList<T>>([.. question()]);
    }

    private StandingReference? Standing(string? path, Predicate<MemoryReference> wanted)
    {
        if (store.References.Find(wanted) is not { Keeper: { } keeper, Backend: { } backend } row) return null;
        var location = store.Of(row.Tenant, backend, row.Content)
            .Where(there => there.State is LocationState.Live or LocationState.Failed)
            .OrderBy(there => there.State).ThenByDescending(there => there.Generation).FirstOrDefault();
        return new(path, keeper, location);
    }

    private DoomedLocation Doomed(long key, (TenantId Tenant, BackendId Backend, Digest256 Content, int Generation) row) => new(
        key, row.Tenant,
        store.Of(row.Tenant, row.Backend, row.Content).Single(there => there.Generation == row.Generation),
        store.Contents.TryGetValue(row.Content, out var content) ? content.Digests.Size : null,
        store.ReleasedBy.GetValueOrDefault((row.Tenant, row.Backend, row.Content, row.Generation)));
}
