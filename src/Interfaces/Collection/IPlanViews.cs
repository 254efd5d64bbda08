using ArtifactStore.Interfaces.Events;
using ArtifactStore.Interfaces.Ids;
using ArtifactStore.Interfaces.Retention;

namespace ArtifactStore.Interfaces.Collection;

/// <summary>Plans, what they list, and what a new one is made from. Lists are keyset pages; nothing is read whole.</summary>
public interface IPlanViews
{
    /// <summary>Null when there is none of this tenant, or it was not made to the end.</summary>
    Task<PlanView?> Plan(TenantId tenant, PlanId id, CancellationToken cancellation = default);

    /// <summary>The newest first, before that of the given key.</summary>
    Task<IReadOnlyList<PlanView>> Plans(TenantId tenant, long? before, int limit, CancellationToken cancellation = default);

    /// <summary>What the plan lists, in the order of the packages' keys, after the given one.</summary>
    Task<IReadOnlyList<PlanItem>> Items(TenantId tenant, PlanId plan, long after, int limit, CancellationToken cancellation = default);

    /// <summary>Packages that may be deleted and whose collection has not begun, in the order of their keys, after the given one.</summary>
    Task<IReadOnlyList<PlanCandidate>> PlanCandidates(TenantId tenant, long after, int limit, CancellationToken cancellation = default);

    /// <summary>Which of these have a hold on them.</summary>
    Task<IReadOnlySet<HoldCover>> Held(TenantId tenant, IReadOnlyCollection<HoldCover> covers, CancellationToken cancellation = default);

    /// <summary>
    /// What the packages that the plan lists come to, and what would come back, at one moment. Packages that have changed since they were
    /// listed do not count; they keep what they share with others, as everybody outside the plan does.
    /// </summary>
    Task<PlanTotals> Totals(TenantId tenant, PlanId plan, CancellationToken cancellation = default);

    /// <summary>How many of its packages the plan's own run has started, and how many it lists.</summary>
    Task<PlanProgress> Progress(TenantId tenant, PlanId plan, CancellationToken cancellation = default);
}

/// <param name="Key">Of the package.</param>
/// <param name="Package">As the plan saw it.</param>
/// <param name="StartedBy">The plan that its collection was started by; null: none, or it was not started.</param>
public sealed partial record PlanItem(long Key, PlannedPackage Package, string? StartedBy);

/// <param name="Key">Of the package.</param>
/// <param name="Package">As it is now.</param>
/// <param name="Producer">For the gate.</param>
/// <param name="Subject">For the gate.</param>
public sealed partial record PlanCandidate(long Key, PlannedPackage Package, string Producer, string Subject);

/// <param name="Position">The sequence at which this was so.</param>
public sealed partial record PlanTotals(long Position, long Packages, long Files, long Bytes, long FreedBytes);

public sealed partial record PlanProgress(long Listed, long Started);
