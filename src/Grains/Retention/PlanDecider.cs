using ArtifactStore.Grains.Journaling;
using ArtifactStore.Interfaces.Collection;
using ArtifactStore.Interfaces.Errors;
using ArtifactStore.Interfaces.Events;
using ArtifactStore.Interfaces.Ids;
using ArtifactStore.Interfaces.Journal;
using ListDecision = ArtifactStore.Grains.Journaling.Decision<ArtifactStore.Grains.Retention.PlanState, bool>;
using PlanDecision = ArtifactStore.Grains.Journaling.Decision<
    ArtifactStore.Grains.Retention.PlanState, ArtifactStore.Interfaces.Collection.PlanView>;

namespace ArtifactStore.Grains.Retention;

/// <summary>The plan, once it was made to the end. Every event up to the sequence is in it.</summary>
public sealed record PlanState(PlanView? Plan, long Sequence);

/// <summary>
/// A plan is listed in parts, made, run once, and never changes. The clock is asked when its run begins, once, and never in a condition:
/// every event of a plan expects the very length of its stream, so that each happens once.
/// </summary>
public static class PlanDecider
{
    public static ListDecision Decide(PlanState state, ListInPlan command)
    {
        if (command.Packages.IsDefaultOrEmpty || command.Packages.Length > PlanListed.MaxPackages)
            throw new InvalidOperationException($"a part of a plan has 1 to {PlanListed.MaxPackages} packages");
        return new ListDecision.Accepted(
            AppendOf(command.AppendId, command.Tenant, command.Plan, command.Actor, command.Time, command.Part, new PlanListed(command.Packages)),
            _ => true);
    }

    public static PlanDecision Decide(PlanState state, MakePlan command)
    {
        if (state.Plan is { } made) return new PlanDecision.Unchanged(made);
        var body = command.Made with { ValidUntil = command.Made.ValidUntil.CutToMicroseconds() };
        return Accept(command.AppendId, command.Tenant, command.Plan, command.Actor, command.Time, command.Parts, body);
    }

    public static PlanDecision Decide(PlanState state, StartPlan command)
    {
        if (state.Plan is not { } plan) return new PlanDecision.Rejected(Unknown(command.Plan));
        if (plan.Status == PlanStatus.Ended)
            return new PlanDecision.Rejected(ErrorCatalogue.PlanAlreadyRun.With($"the plan {plan.Id} was run until {plan.EndedAt:O}"));
        if (plan.Status == PlanStatus.Running) return new PlanDecision.Unchanged(plan);
        if (command.Time > plan.Made.ValidUntil)
            return new PlanDecision.Rejected(ErrorCatalogue.PlanExpired.With($"the plan {plan.Id} was valid until {plan.Made.ValidUntil:O}"));
        return Accept(command.AppendId, command.Tenant, command.Plan, command.Actor, command.Time, plan.Version, new PlanStarted());
    }

    public static PlanDecision Decide(PlanState state, EndPlan command)
    {
        if (state.Plan is not { } plan) return new PlanDecision.Rejected(Unknown(command.Plan));
        if (plan.Status != PlanStatus.Running) return new PlanDecision.Unchanged(plan);
        var body = new PlanEnded(command.Started, command.Skipped);
        return Accept(command.AppendId, command.Tenant, command.Plan, command.Actor, command.Time, plan.Version, body);
    }

    public static PlanState Evolve(PlanState state, StreamEvent @event, string actor, long sequence) => @event.Body switch
    {
        PlanMade made => new(
            new(
                sequence, @event.Stream.Tenant, PlanId.Parse(@event.Stream.Id, null), @event.Time, actor, made, PlanStatus.Made, null, null, null, null,
                Version: 0),
            sequence),
        PlanStarted when state.Plan is { } plan =>
            new(plan with { Status = PlanStatus.Running, StartedAt = @event.Time, Version = plan.Version + 1 }, sequence),
        PlanEnded ended when state.Plan is { } plan => new(
            plan with
            {
                Status = PlanStatus.Ended,
                EndedAt = @event.Time,
                Started = ended.Started,
                Skipped = ended.Skipped,
                Version = plan.Version + 1,
            },
            sequence),
        _ => state,
    };

    private static Error Unknown(PlanId plan) => ErrorCatalogue.PlanUnknown.With($"there is no plan {plan}");

    private static PlanDecision.Accepted Accept(
        AppendId id, TenantId tenant, PlanId plan, string actor, DateTimeOffset time, long version, StoreEvent body) =>
        new(AppendOf(id, tenant, plan, actor, time, version, body), after => after.Plan! with { Version = version + 1 });

    private static Append AppendOf(
        AppendId id, TenantId tenant, PlanId plan, string actor, DateTimeOffset time, long version, StoreEvent body)
    {
        var stream = StreamId.Of(tenant, plan);
        return new(id, tenant, actor, [new(stream, time.CutToMicroseconds(), body)], [new Condition.StreamAt(stream, version)], []);
    }
}
