using ArtifactStore.Interfaces.Collection;
using ArtifactStore.Interfaces.Contents;
using ArtifactStore.Interfaces.Events;
using ArtifactStore.Interfaces.Hashing;
using ArtifactStore.Interfaces.Ids;
using ArtifactStore.Interfaces.Journal;
using ArtifactStore.Interfaces.Packages;
using ArtifactStore.Interfaces.Retention;

namespace ArtifactStore.Conformance.InMemory;

/// <summary>Plans, read out of the log anew for every question. Correct, not fast.</summary>
public sealed class InMemoryPlanViews(InMemoryStore store) : IPlanViews
{
    public Task<PlanView?> Plan(TenantId tenant, PlanId id, CancellationToken cancellation = default) => Ask(() => Find(tenant, id));

    public Task<IReadOnlyList<PlanView>> Plans(TenantId tenant, long? before, int limit, CancellationToken cancellation = default) =>
        Ask<IReadOnlyList<PlanView>>(() =>
        [
            .. store.Log.Where(line => line.Event.Stream.Tenant == tenant && line.Event.Body is PlanMade)
                .Select(line => Find(tenant, PlanId.Parse(line.Event.Stream.Id, null))!)
                .Where(plan => before is null || plan.Key < before).OrderByDescending(plan => plan.Key).Take(limit),
        ]);

    public Task<IReadOnlyList<PlanItem>> Items(TenantId tenant, PlanId plan, long after, int limit, CancellationToken cancellation = default) =>
        Ask<IReadOnlyList<PlanItem>>(() => Find(tenant, plan) is null
            ? []
            :
            [
                .. Listed(tenant, plan).Select(item => new PlanItem(KeyOf(item.Package), item, store.StartedBy(item.Package)))
                    .Where(item => item.Key > after).OrderBy(item => item.Key).Take(limit),
            ]);

    public Task<IReadOnlyList<PlanCandidate>> PlanCandidates(
        TenantId tenant, long after, int limit, CancellationToken cancellation = default) => Ask<IReadOnlyList<PlanCandidate>>(() =>
    [
        .. store.Packages.Values
            .Where(row => row.View.Tenant == tenant && row.Key > after
                && row.View is { Eligible: not null, Status: PackageStatus.Created or PackageStatus.Finalized })
            .OrderBy(row => row.Key).Take(limit)
            .Select(row => new PlanCandidate(row.Key, Planned(row.View), row.View.Producer, row.View.Subject)),
    ]);

    public Task<IReadOnlySet<HoldCover>> Held(
        TenantId tenant, IReadOnlyCollection<HoldCover> covers, CancellationToken cancellation = default) => Ask<IReadOnlySet<HoldCover>>(() =>
        store.Holding.Values.Where(hold => hold.Tenant == tenant).Select(hold => new HoldCover(hold.Kind, hold.Covers)).Intersect(covers).ToHashSet());

    public Task<PlanTotals> Totals(TenantId tenant, PlanId plan, CancellationToken cancellation = default) => Ask(() =>
    {
        var packages = Listed(tenant, plan).Where(item => store.Packages[item.Package].View.Version == item.Version)
            .Select(item => store.Packages[item.Package].View).ToList();
        var within = packages.Select(package => package.Id).ToHashSet();
        var freed = store.References.Where(reference => reference is { Keeper: { } keeper } && within.Contains(keeper.Package))
            .Select(reference => (Backend: reference.Backend!.Value, reference.Content)).Distinct()
            .Where(copy => store.Keepers(tenant, copy.Backend, copy.Content).All(row => row.Keeper is { } keeper && within.Contains(keeper.Package)))
            .Sum(copy => Copies(tenant, copy.Backend, copy.Content) * store.Contents[copy.Content].Digests.Size);
        return new PlanTotals(
            store.Log.Count, packages.Count, packages.Sum(package => package.FileCount), packages.Sum(package => package.TotalBytes), freed);
    });

    public Task<PlanProgress> Progress(TenantId tenant, PlanId plan, CancellationToken cancellation = default) => Ask(() =>
    {
        var listed = Listed(tenant, plan);
        return new PlanProgress(listed.Count, listed.Count(item => store.StartedBy(item.Package) == plan.ToString()));
    });

    private int Copies(TenantId tenant, BackendId backend, Digest256 content) =>
        store.Of(tenant, backend, content).Count(location => location.State is LocationState.Live or LocationState.Failed);

    private PlanView? Find(TenantId tenant, PlanId id)
    {
        PlanView? plan = null;
        for (var i = 0; i < store.Log.Count; i++)
        {
            var (line, actor, _, version) = store.Log[i];
            if (line.Stream != StreamId.Of(tenant, id)) continue;
            plan = line.Body switch
            {
                PlanMade made => new(
                    i + 1, tenant, id, line.Time, actor, made with { ValidUntil = EventTime.Cut(made.ValidUntil) }, PlanStatus.Made, null, null, null,
                    null, version),
                PlanStarted => plan! with { Status = PlanStatus.Running, StartedAt = line.Time, Version = version },
                PlanEnded ended => plan! with
                {
                    Status = PlanStatus.Ended,
                    EndedAt = line.Time,
                    Started = ended.Started,
                    Skipped = ended.Skipped,
                    Version = version,
                },
                _ => plan,
            };
        }
        return plan;
    }

    private List<PlannedPackage> Listed(TenantId tenant, PlanId plan) =>
    [
        .. store.Log.Where(line => line.Event.Stream == StreamId.Of(tenant, plan)).Select(line => line.Event.Body).OfType<PlanListed>()
            .SelectMany(listed => listed.Packages),
    ];

    private long KeyOf(PackageId package) => store.Packages[package].Key;

    private static PlannedPackage Planned(PackageView view) => new(
        view.Id, view.Version, view.Eligible!.Cause, view.Eligible.Reason, view.Eligible.Since, view.FileCount, view.TotalBytes);

    private Task<T> Ask<T>(Func<T> question)
    {
        lock (store.Gate) return Task.FromResult(question());
    }
}
