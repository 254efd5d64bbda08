using ArtifactStore.Grains.Hosting;
using ArtifactStore.Grains.Journaling;
using ArtifactStore.Interfaces.Collection;
using ArtifactStore.Interfaces.Errors;
using ArtifactStore.Interfaces.Ids;
using ArtifactStore.Interfaces.Journal;

namespace ArtifactStore.Grains.Retention;

/// <summary>One plan. It is made once and run once, so nothing of it is remembered between two commands.</summary>
[Interleaves]
public sealed class PlanGrain(IJournal journal, IPlanViews plans) : JournaledGrain<PlanState>(journal), IPlanGrain
{
    private TenantId _tenant;
    private PlanId _id;

    public Task<Outcome<bool>> List(ListInPlan command)
    {
        Check(command.Tenant, command.Plan);
        return Submit(state => PlanDecider.Decide(state, command), _ => throw OtherHands());
    }

    public Task<Outcome<PlanView>> Make(MakePlan command)
    {
        Check(command.Tenant, command.Plan);
        return Submit(state => PlanDecider.Decide(state, command), _ => throw OtherHands());
    }

    public async Task<Outcome<PlanView>> Start(StartPlan command)
    {
        Check(command.Tenant, command.Plan);
        var answer = await Submit(state => PlanDecider.Decide(state, command), _ => Again());
        DeactivateSoon();
        return answer;
    }

    public Task<Outcome<PlanView>> End(EndPlan command)
    {
        Check(command.Tenant, command.Plan);
        return Submit(state => PlanDecider.Decide(state, command), _ => Again());
    }

    protected override Task OnActivate()
    {
        var slash = Key.LastIndexOf('/');
        _tenant = new(Key[..slash]);
        _id = PlanId.Parse(Key.AsSpan(slash + 1), null);
        return Task.CompletedTask;
    }

    protected override async Task<PlanState> Load()
    {
        var head = Journal.Head;
        return new(await plans.Plan(_tenant, _id), head);
    }

    protected override bool MayKeep(PlanState state) => false;

    protected override long SequenceOf(PlanState state) => state.Sequence;

    protected override PlanState Evolve(PlanState state, StreamEvent @event, string actor, long sequence) =>
        PlanDecider.Evolve(state, @event, actor, sequence);

    private static Task<Refusal<PlanView>> Again() => Task.FromResult<Refusal<PlanView>>(Refusal<PlanView>.DecideAgain.Instance);

    /// <summary>Its id is its maker's until it is made: nobody else lists in it.</summary>
    private InvalidOperationException OtherHands() => new($"the plan {Key} was changed while it was being made");

    private void Check(TenantId tenant, PlanId plan)
    {
        if (tenant != _tenant || plan != _id) throw new InvalidOperationException($"a command for {tenant}/{plan} was sent to {Key}");
    }
}
