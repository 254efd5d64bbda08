using ArtifactStore.Grains.Hosting;
using ArtifactStore.Grains.Journaling;
using ArtifactStore.Interfaces.Errors;
using ArtifactStore.Interfaces.Ids;
using ArtifactStore.Interfaces.Journal;
using ArtifactStore.Interfaces.Retention;
using ArtifactStore.Interfaces.Views;

namespace ArtifactStore.Grains.Retention;

/// <summary>One hold on a content, a producer, a subject or everything.</summary>
[Interleaves]
public sealed class HoldGrain(IJournal journal, IViews views) : JournaledGrain<HoldState>(journal), IHoldGrain
{
    private TenantId _tenant;
    private HoldId _id;

    public Task<Outcome<HoldView>> Apply(ApplyHold command)
    {
        Check(command.Tenant, command.Hold);
        return Submit(
            state => HoldDecider.Decide(state, command),
            condition => Task.FromResult<Refusal<HoldView>>(new Refusal<HoldView>.Answered(condition is Condition.LocationLive
                ? ErrorCatalogue.ContentUnknown.With("the content is leaving the store")
                : HoldDecider.Exists(command))));
    }

    public async Task<Outcome<bool>> Release(ReleaseHold command)
    {
        Check(command.Tenant, command.Hold);
        var answer = await Submit(
            state => HoldDecider.Decide(state, command),
            _ => Task.FromResult<Refusal<bool>>(new Refusal<bool>.Answered(HoldDecider.Unknown(command))));
        DeactivateSoon();
        return answer;
    }

    protected override Task OnActivate()
    {
        var slash = Key.LastIndexOf('/');
        _tenant = new(Key[..slash]);
        _id = HoldId.Parse(Key.AsSpan(slash + 1), null);
        return Task.CompletedTask;
    }

    protected override async Task<HoldState> Load()
    {
        var head = Journal.Head;
        return new(await views.Hold(_tenant, _id), head);
    }

    protected override bool MayKeep(HoldState state) => state.Hold is not null;

    protected override long SequenceOf(HoldState state) => state.Sequence;

    protected override HoldState Evolve(HoldState state, StreamEvent @event, string actor, long sequence) =>
        HoldDecider.Evolve(state, @event, sequence);

    private void Check(TenantId tenant, HoldId hold)
    {
        if (tenant != _tenant || hold != _id) throw new InvalidOperationException($"a command for {tenant}/{hold} was sent to {Key}");
    }
}
