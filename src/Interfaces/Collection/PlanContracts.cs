using System.Collections.Immutable;
using ArtifactStore.Interfaces.Errors;
using ArtifactStore.Interfaces.Events;
using ArtifactStore.Interfaces.Hosting;
using ArtifactStore.Interfaces.Ids;

namespace ArtifactStore.Interfaces.Collection;

public enum PlanStatus
{
    Made = 1,

    /// <summary>Its run has begun: whoever asks goes on with it.</summary>
    Running = 2,

    /// <summary>Every package of it was started or skipped.</summary>
    Ended = 3,
}

/// <summary>A plan as its events say.</summary>
/// <param name="Key">The sequence of the event that made it.</param>
/// <param name="Started">Packages that its run has started; null until it ended.</param>
/// <param name="Skipped">Packages that had changed by then; null until it ended.</param>
/// <param name="Version">How many events its stream has.</param>
public sealed partial record PlanView(
    long Key,
    TenantId Tenant,
    PlanId Id,
    DateTimeOffset MadeAt,
    string MadeBy,
    PlanMade Made,
    PlanStatus Status,
    DateTimeOffset? StartedAt,
    DateTimeOffset? EndedAt,
    long? Started,
    long? Skipped,
    long Version);

/// <summary>The next part of a plan that is being made.</summary>
/// <param name="Part">How many were listed before.</param>
public sealed partial record ListInPlan(
    AppendId AppendId, TenantId Tenant, PlanId Plan, string Actor, DateTimeOffset Time, long Part, ImmutableArray<PlannedPackage> Packages);

/// <param name="Parts">How many were listed.</param>
/// <param name="Made">What it comes to.</param>
public sealed partial record MakePlan(
    AppendId AppendId, TenantId Tenant, PlanId Plan, string Actor, DateTimeOffset Time, long Parts, PlanMade Made);

/// <summary>Its run begins, or goes on.</summary>
public sealed partial record StartPlan(AppendId AppendId, TenantId Tenant, PlanId Plan, string Actor, DateTimeOffset Time);

/// <summary>Its run came to the end.</summary>
public sealed partial record EndPlan(
    AppendId AppendId, TenantId Tenant, PlanId Plan, string Actor, DateTimeOffset Time, long Started, long Skipped);

/// <summary>One plan: <c>{tenant}/{plan id}</c>. It changes nothing but its own record.</summary>
public interface IPlanGrain : IGrain
{
    Task<Outcome<bool>> List(ListInPlan command);

    Task<Outcome<PlanView>> Make(MakePlan command);

    Task<Outcome<PlanView>> Start(StartPlan command);

    Task<Outcome<PlanView>> End(EndPlan command);
}

public static class PlanKey
{
    public static string Of(TenantId tenant, PlanId plan) => $"{tenant}/{plan}";
}
