using ArtifactStore.Interfaces.Collection;
using ArtifactStore.Interfaces.Contents;
using ArtifactStore.Interfaces.Ids;
using ArtifactStore.Interfaces.Journal;
using ArtifactStore.Interfaces.Packages;

namespace ArtifactStore.Gateway.Shared.Collection;

/// <summary>
/// Which references the next collection would take away. It knows no rule of its own: the journal is asked about the very conditions under
/// which the collector appends.
/// </summary>
public sealed class KeeperFates(IKeepingViews keeping)
{
    private const int PageSize = 256;

    public async Task<bool> IsAllHeld(TenantId tenant, CancellationToken cancellation) =>
        !(await keeping.Hold([new Condition.NotAllHeld(tenant)], cancellation))[0];

    /// <summary>The next collection removes the package: it would pass the point of no return now.</summary>
    public async Task<bool> Starts(PackageView package, CancellationToken cancellation) =>
        (await keeping.Hold(DeletionConditions.Start(package), cancellation)).All(holds => holds);

    /// <summary>
    /// The next collection finishes a package that has begun to go. A hold on everything stops it, unless nothing of it is left to release.
    /// </summary>
    public async Task<bool> Finishes(PackageView package, CancellationToken cancellation) =>
        (await keeping.Hold([new Condition.NotAllHeld(package.Tenant), new Condition.NothingLeft(package.Tenant, package.Id)], cancellation))
            .Contains(true);

    /// <summary>For each reference, whether it goes.</summary>
    public async Task<IReadOnlyList<bool>> Go(
        TenantId tenant, IReadOnlyList<KeepingReference> references, bool allHeld, CancellationToken cancellation)
    {
        if (allHeld) return new bool[references.Count];
        KeepingPackage[] standing =
        [
            .. references.Select(reference => reference.Package).OfType<KeepingPackage>()
                .Where(package => package.Status is PackageStatus.Created or PackageStatus.Finalized).DistinctBy(package => package.Id),
        ];
        var asked = standing.Select(package => DeletionConditions.Start(tenant, package.Id, package.Producer, package.Subject)).ToList();
        var answers = asked.Count == 0 ? [] : await keeping.Hold([.. asked.SelectMany(conditions => conditions)], cancellation);
        var starts = new Dictionary<PackageId, bool>();
        var used = 0;
        for (var i = 0; i < standing.Length; i++)
        {
            starts.Add(standing[i].Id, answers.Skip(used).Take(asked[i].Count).All(holds => holds));
            used += asked[i].Count;
        }
        // What no longer stands is being collected: its references go by themselves.
        return [.. references.Select(reference => reference.Package is { } package && starts.GetValueOrDefault(package.Id, true))];
    }

    /// <summary>
    /// The backends, of those given, in which something stays that keeps the content. It reads on only while everything it found goes, so
    /// the work follows what goes.
    /// </summary>
    public async Task<IReadOnlySet<BackendId>> Kept(
        KnownContent content, IReadOnlyCollection<BackendId> backends, bool allHeld, CancellationToken cancellation)
    {
        var kept = new HashSet<BackendId>();
        if (allHeld) kept.UnionWith(backends);
        ReferencePosition? after = null;
        while (kept.Count < backends.Count)
        {
            var page = await keeping.Keepers(content, after, PageSize, cancellation);
            var go = await Go(content.Tenant, page, allHeld, cancellation);
            for (var i = 0; i < page.Count; i++)
            {
                if (!go[i]) kept.UnionWith(backends.Where(backend => page[i].Backend is null || page[i].Backend == backend));
            }
            if (page.Count < PageSize) break;
            after = page[^1].Position;
        }
        return kept;
    }

    /// <summary>What the next collection does with each copy.</summary>
    public async Task<IReadOnlyList<ExplainedCopy>> Copies(
        KnownContent content, IReadOnlyList<KnownLocation> locations, bool allHeld, CancellationToken cancellation)
    {
        var present = locations.Where(known => IsPresent(known.Location)).ToList();
        var kept = await Kept(content, [.. present.Select(known => known.Location.Backend).Distinct()], allHeld, cancellation);
        var queued = await keeping.IsQueued(content.Tenant, content.Blake3, cancellation);
        var copies = new List<ExplainedCopy>();
        foreach (var known in locations)
        {
            copies.Add(new(known, known.Location.State switch
            {
                LocationState.Gone => Fate.Gone,
                LocationState.Condemned => allHeld ? Fate.Kept : Fate.Leaving,
                _ when kept.Contains(known.Location.Backend) => Fate.Kept,
                LocationState.Failed => Fate.Collectable,
                _ when queued || !await IsUnkept(content, known.Location, cancellation) => Fate.Collectable,
                _ => Fate.Stranded,
            }));
        }
        return copies;
    }

    /// <summary>No reference at all is left: what goes away with its last one is another matter.</summary>
    private async Task<bool> IsUnkept(KnownContent content, LocationView location, CancellationToken cancellation) =>
        (await keeping.Hold(DeletionConditions.Condemn(content.Tenant, location), cancellation)).All(holds => holds);

    private static bool IsPresent(LocationView location) => location.State is LocationState.Live or LocationState.Failed;
}
