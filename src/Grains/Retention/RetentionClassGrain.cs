using ArtifactStore.Grains.Hosting;
using ArtifactStore.Grains.Journaling;
using ArtifactStore.Interfaces.Errors;
using ArtifactStore.Interfaces.Ids;
using ArtifactStore.Interfaces.Journal;
using ArtifactStore.Interfaces.Retention;
using ArtifactStore.Interfaces.Views;

namespace ArtifactStore.Grains.Retention;

/// <summary>
/// One retention class. Definitions replace each other in the log's order, so they carry no version, and what describes one is read each
/// time: a definition that was answered before the question, on whichever node, is the one that the answer has. A package whose class is
/// redefined while it is being created is as if created a moment earlier; the lifetime it got stands in its own event.
/// </summary>
[Interleaves]
public sealed class RetentionClassGrain(IJournal journal, IViews views)
    : JournaledGrain<RetentionClassState>(journal), IRetentionClassGrain
{
    private TenantId _tenant;
    private string _slug = "";

    public async Task<Outcome<RetentionClassView>> Describe()
    {
        try
        {
            if (await Read() is { } known) return known;
        }
        catch (JournalUnavailableException unavailable)
        {
            return unavailable.AsError();
        }
        DeactivateSoon();
        return ErrorCatalogue.ClassUnknown.With($"there is no retention class '{_slug}'");
    }

    public Task<Outcome<RetentionClassView>> Define(DefineRetentionClass command) => Submit(
        state => RetentionClassDecider.Decide(state, command),
        _ => Task.FromResult<Refusal<RetentionClassView>>(Refusal<RetentionClassView>.DecideAgain.Instance));

    protected override Task OnActivate()
    {
        var slash = Key.IndexOf('/');
        _tenant = new(Key[..slash]);
        _slug = Key[(slash + 1)..];
        return Task.CompletedTask;
    }

    protected override async Task<RetentionClassState> Load()
    {
        var head = Journal.Head;
        return new(await Read(), head);
    }

    protected override bool MayKeep(RetentionClassState state) => state.Class is not null;

    protected override long SequenceOf(RetentionClassState state) => state.Sequence;

    protected override RetentionClassState Evolve(RetentionClassState state, StreamEvent @event, string actor, long sequence) =>
        RetentionClassDecider.Evolve(state, @event, sequence);

    private async Task<RetentionClassView?> Read() => Slug.Refusal(_slug) is null ? await views.RetentionClass(_tenant, _slug) : null;
}
