using ArtifactStore.Conformance.InMemory;
using ArtifactStore.Gateway.Tests.Fixtures;
using ArtifactStore.Interfaces.Blobs;
using ArtifactStore.Interfaces.Collection;
using ArtifactStore.Interfaces.Contents;
using ArtifactStore.Interfaces.Events;
using ArtifactStore.Interfaces.Ids;
using ArtifactStore.Interfaces.Journal;

namespace ArtifactStore.Simulation.Tests.Museum;

/// <summary>A push sees that the bytes are there, and refers to them; nothing proves in that moment that they still are.</summary>
internal sealed class Harbor23116 : Exhibit
{
    public override IJournal Journal(IJournal inner, SimulatedStore store) => new ForgetfulJournal(inner, condition => condition is Condition.LocationLive);
}

/// <summary>Asking what would be deleted deletes it.</summary>
internal sealed class Harbor15332 : Exhibit
{
    public override ICollectionViews Lists(ICollectionViews inner, SimulatedStore store) => new Observed(inner)
    {
        Eligible = page =>
        {
            foreach (var (keeper, (backend, content)) in store.Model.References)
            {
                if (page.Any(package => package.Package == keeper.Package) && store.Model.Live(backend, content) is { } live)
                    store.Root.Overwrite(live.Key, null);
            }
        },
    };
}

/// <summary>That nothing refers to the bytes is found before the transaction that gives them up, not in it.</summary>
internal sealed class Quay6318 : Exhibit
{
    public override IJournal Journal(IJournal inner, SimulatedStore store) =>
        new CheckThenActJournal(inner, store, condition => condition is Condition.KeptOnlyBy or Condition.NotKept);
}

/// <summary>What is swept was found unreferenced when it was enumerated, however long ago that was.</summary>
internal sealed class Distribution3544 : Exhibit
{
    private readonly HashSet<Keeper> _onlyKeepers = [];

    public override ICollectionViews Lists(ICollectionViews inner, SimulatedStore store) => new Observed(inner)
    {
        Files = page =>
        {
            foreach (var standing in page)
            {
                var wanted = store.Model.References.GetValueOrDefault(standing.Keeper);
                if (store.Model.References.Values.Count(reference => reference == wanted) == 1) _onlyKeepers.Add(standing.Keeper);
            }
        },
    };

    public override IJournal Journal(IJournal inner, SimulatedStore store) => new ForgetfulJournal(
        inner, condition => condition is Condition.KeptOnlyBy { Keeper: var keeper } && _onlyKeepers.Contains(keeper));
}

/// <summary>What is referred to only through a manifest is not seen: the manifest is kept, its files go.</summary>
internal sealed class Distribution3178 : Exhibit
{
    public override IJournal Journal(IJournal inner, SimulatedStore store) => new ForgetfulJournal(
        inner, condition => condition is Condition.KeptOnlyBy only && store.Model.References
            .Where(pair => pair.Value == (only.Backend, only.Content) && pair.Key != only.Keeper)
            .All(pair => pair.Key.File is not null && store.Model.Packages[pair.Key.Package].HasManifest));
}

/// <summary>The same bytes once more are an empty stub that stands for the first copy.</summary>
internal sealed class Zot4427 : Exhibit
{
    public override IBlobStore Backend(IBlobStore inner, SimulatedStore store) => new Stubs(inner, store.Root);

    private sealed class Stubs(IBlobStore inner, InMemoryBlobRoot root) : ForwardingBackend(inner)
    {
        public override Task Promote(IStagedBlob staged, string key, CancellationToken cancellation = default)
        {
            if (OtherCopy(root, staged, key) is null) return base.Promote(staged, key, cancellation);
            root.Overwrite(key, []);
            return Task.CompletedTask;
        }
    }

    internal static string? OtherCopy(InMemoryBlobRoot root, IStagedBlob staged, string key) => root.Keys.FirstOrDefault(
        there => there != key && there.Contains(staged.Digests.Blake3.ToHex(), StringComparison.Ordinal) && root.BytesAt(there) is { Length: > 0 });
}

/// <summary>The same bytes once more are a link to the first copy, and that one is deleted when its own turn comes.</summary>
internal sealed class Zot2625 : Exhibit
{
    private readonly Dictionary<string, string> _originals = [];

    public override IBlobStore Backend(IBlobStore inner, SimulatedStore store) => new Links(inner, store.Root, _originals);

    private sealed class Links(IBlobStore inner, InMemoryBlobRoot root, Dictionary<string, string> originals) : ForwardingBackend(inner)
    {
        public override Task Promote(IStagedBlob staged, string key, CancellationToken cancellation = default)
        {
            if (Zot4427.OtherCopy(root, staged, key) is { } original) originals[key] = original;
            return base.Promote(staged, key, cancellation);
        }

        public override Task<bool> Delete(string key, CancellationToken cancellation = default)
        {
            foreach (var (link, original) in originals)
            {
                if (original == key) root.Overwrite(link, null);
            }
            return base.Delete(key, cancellation);
        }
    }
}

/// <summary>Lists as they are, and what an exhibit makes of having seen them.</summary>
internal sealed class Observed(ICollectionViews inner) : ICollectionViews
{
    public Action<IReadOnlyList<EligiblePackage>> Eligible { get; init; } = _ => { };

    public Action<IReadOnlyList<StandingReference>> Files { get; init; } = _ => { };

    public async Task<IReadOnlyList<StandingReference>> Seen(Task<IReadOnlyList<StandingReference>> asked)
    {
        var page = await asked;
        Files(page);
        return page;
    }

    async Task<IReadOnlyList<EligiblePackage>> ICollectionViews.Eligible(EligiblePackage? after, int limit, CancellationToken cancellation)
    {
        var page = await inner.Eligible(after, limit, cancellation);
        Eligible(page);
        return page;
    }

    Task<IReadOnlyList<StandingReference>> ICollectionViews.Files(
        CollectingPackage package, string after, int limit, CancellationToken cancellation) => Seen(inner.Files(package, after, limit, cancellation));

    public Task<IReadOnlyList<CollectingPackage>> Collecting(long after, int limit, CancellationToken cancellation = default) =>
        inner.Collecting(after, limit, cancellation);

    public Task<StandingReference?> Manifest(CollectingPackage package, CancellationToken cancellation = default) => inner.Manifest(package, cancellation);

    public Task<IReadOnlyList<DoomedLocation>> Locations(LocationState state, long after, int limit, CancellationToken cancellation = default) =>
        inner.Locations(state, after, limit, cancellation);

    public Task<IReadOnlyList<CollectionCandidate>> Candidates(long after, int limit, CancellationToken cancellation = default) =>
        inner.Candidates(after, limit, cancellation);

    public Task<bool> IsAllHeld(TenantId tenant, CancellationToken cancellation = default) => inner.IsAllHeld(tenant, cancellation);

    public Task<IReadOnlyList<LocationView>> LocationsOf(
        TenantId tenant, Interfaces.Hashing.Digest256 content, CancellationToken cancellation = default) => inner.LocationsOf(tenant, content, cancellation);

    public Task<IReadOnlyList<KnownKey>> KnownKeys(
        BackendId backend, IReadOnlyCollection<StoredContent> contents, CancellationToken cancellation = default) =>
        inner.KnownKeys(backend, contents, cancellation);
}
