using System.Runtime.CompilerServices;
using ArtifactStore.Interfaces.Collection;
using ArtifactStore.Interfaces.Hashing;
using ArtifactStore.Interfaces.Ids;
using ArtifactStore.Interfaces.Packages;
using ArtifactStore.Interfaces.Retention;
using ArtifactStore.Interfaces.Views;

namespace ArtifactStore.Gateway.Shared.Collection;

/// <summary>Packages whose deletion frees at least so many bytes, or how many could be freed at most.</summary>
/// <param name="Wanted">Bytes.</param>
/// <param name="Frees">Bytes that go when exactly these packages do.</param>
/// <param name="Packages">The set; when it does not reach, all that could go.</param>
/// <param name="Examined">Packages that were looked at.</param>
/// <param name="Held">Of these, the ones that a hold keeps.</param>
/// <param name="IsComplete">Every package that can be deleted was looked at and weighed; else the search ended at its bounds.</param>
/// <param name="AsOfSequence">The log reached at least this far when the search began.</param>
public sealed record SpaceFound(
    long Wanted, long Frees, IReadOnlyList<PackageView> Packages, long Examined, long Held, bool IsComplete, long AsOfSequence)
{
    public bool IsEnough => Frees >= Wanted;
}

/// <summary>
/// Finds packages whose deletion frees room, those that go soonest anyway first. Invariant: what it counts as freed really goes: a copy counts
/// only when every single reference that keeps it is of a package in the set. Memory and work are bounded by the window, not by the store.
/// </summary>
public sealed class SpaceSearch(IViews views, ICollectionViews lists, IKeepingViews keeping, KeeperFates fates)
{
    /// <summary>Packages that are looked at.</summary>
    public const int MaxPackages = 10_000;

    /// <summary>References that are weighed.</summary>
    public const int MaxReferences = 200_000;

    /// <summary>A content with more keepers than this counts as kept.</summary>
    public const int MaxKeepers = 10_000;

    private const int PageSize = 256;
    private static readonly DateTimeOffset AnyTime = DateTimeOffset.MaxValue;

    public async Task<SpaceFound> Find(TenantId tenant, long wanted, CancellationToken cancellation)
    {
        var head = (await views.Status(cancellation)).Head;
        var (scale, examined, held, isComplete) = (new Scale(), 0L, 0L, true);
        // With a hold on everything no package passes the gate.
        var nothing = wanted <= 0 || await fates.IsAllHeld(tenant, cancellation);
        if (nothing) return new(wanted, 0, [], 0, 0, IsComplete: true, head);
        await foreach (var (package, key) in Candidates(tenant, cancellation))
        {
            if (examined++ == MaxPackages)
            {
                isComplete = false;
                break;
            }
            if (scale.References + package.FileCount >= MaxReferences)
            {
                // A smaller one may still fit.
                isComplete = false;
                continue;
            }
            if (!(await keeping.Hold([DeletionConditions.Gate(package)], cancellation))[0])
            {
                held++;
                continue;
            }
            await Weigh(scale, package, key, cancellation);
            if (scale.Frees >= wanted) break;
        }
        if (scale.Frees >= wanted) scale.Lighten(wanted);
        return new(wanted, scale.Frees, scale.Packages, examined, held, isComplete, head);
    }

    /// <summary>First those that are marked already, then those that expire soonest. What never expires cannot be deleted.</summary>
    private async IAsyncEnumerable<(PackageView Package, long Key)> Candidates(
        TenantId tenant, [EnumeratorCancellation] CancellationToken cancellation)
    {
        EligiblePackage? eligible = null;
        while (await lists.Eligible(eligible, PageSize, cancellation) is { Count: > 0 } page)
        {
            foreach (var row in page)
            {
                if (await Standing(tenant, row.Tenant, row.Package, cancellation) is { } package) yield return (package, row.Key);
            }
            eligible = page[^1];
        }
        DuePackage? due = null;
        while (await views.DuePackages(AnyTime, due, PageSize, cancellation) is { Count: > 0 } page)
        {
            foreach (var row in page)
            {
                if (await Standing(tenant, row.Tenant, row.Package, cancellation) is { } package) yield return (package, row.Key);
            }
            due = page[^1];
        }
    }

    private async Task<PackageView?> Standing(TenantId tenant, TenantId owner, PackageId id, CancellationToken cancellation) =>
        owner == tenant && await views.Package(tenant, id, cancellation) is { Status: PackageStatus.Created or PackageStatus.Finalized } package
            ? package
            : null;

    private async Task Weigh(Scale scale, PackageView package, long key, CancellationToken cancellation)
    {
        var references = new List<(BackendId Backend, Digest256 Content, long Size)>();
        RelativePath? after = null;
        while (true)
        {
            var page = await views.Files(package.Tenant, package.Id, after, PageSize, cancellation);
            references.AddRange(page.Select(file => (file.Backend, file.Content.Blake3, file.Content.Size)));
            if (page.Count < PageSize) break;
            after = page[^1].Path;
        }
        var manifest = await lists.Manifest(new(package.Tenant, package.Id, 0, key, StartedBy: null), cancellation);
        if (manifest?.Location is { } location && package.Manifest is { } digests) references.Add((location.Backend, digests.Blake3, digests.Size));
        foreach (var unknown in references.Where(row => !scale.Knows(row.Backend, row.Content)).DistinctBy(row => (row.Backend, row.Content)).Chunk(PageSize))
        {
            var slots = await keeping.Slots(package.Tenant, [.. unknown.Select(row => (row.Backend, row.Content))], MaxKeepers + 1, cancellation);
            for (var i = 0; i < unknown.Length; i++) scale.Learn(unknown[i].Backend, unknown[i].Content, slots[i], unknown[i].Size);
        }
        scale.Add(package, references.Select(row => (row.Backend, row.Content)));
    }

    /// <summary>What the packages on it refer to, and how many of each copy's keepers are on it.</summary>
    private sealed class Scale
    {
        private readonly Dictionary<(BackendId, Digest256), Copy> _copies = [];
        private readonly List<(PackageView Package, List<Copy> References)> _packages = [];

        public long References { get; private set; }

        public long Frees { get; private set; }

        public IReadOnlyList<PackageView> Packages => [.. _packages.Select(row => row.Package)];

        public bool Knows(BackendId backend, Digest256 content) => _copies.ContainsKey((backend, content));

        public void Learn(BackendId backend, Digest256 content, KeptSlot slot, long size) =>
            _copies.Add((backend, content), new(slot.IsLive ? size : 0, slot.Keepers));

        public void Add(PackageView package, IEnumerable<(BackendId, Digest256)> references)
        {
            List<Copy> copies = [.. references.Select(slot => _copies[slot])];
            _packages.Add((package, copies));
            References += copies.Count;
            foreach (var copy in copies)
            {
                if (++copy.OnScale == copy.Keepers) Frees += copy.Size;
            }
        }

        /// <summary>Takes off what is not needed, what expires last first.</summary>
        public void Lighten(long wanted)
        {
            for (var i = _packages.Count - 1; i >= 0; i--)
            {
                // A copy is freed no more as soon as one reference to it stays.
                var lost = _packages[i].References.Distinct().Where(copy => copy.OnScale == copy.Keepers).Sum(copy => copy.Size);
                if (Frees - lost < wanted) continue;
                foreach (var copy in _packages[i].References) copy.OnScale--;
                Frees -= lost;
                _packages.RemoveAt(i);
            }
        }

        private sealed class Copy(long size, long keepers)
        {
            public long Size { get; } = size;

            public long Keepers { get; } = keepers;

            public long OnScale { get; set; }
        }
    }
}
