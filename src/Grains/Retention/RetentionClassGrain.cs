using ArtifactStore.Grains.Hosting;
using ArtifactStore.Grains.Journaling;
using ArtifactStore.Interfaces.Errors;
using ArtifactStore.Interfaces.Ids;
using ArtifactStore.Interfaces.Journal;
using ArtifactStore.Interfaces.Retention;
using ArtifactStore.Interfaces.Views;

namespace ArtifactStore.Grains.Retention;

/// <summary>One retention class. Definitions replace each other in the log's order, so they carry no version.</summary>
[Interleaves]
public sealed class RetentionClassGrain(IJournal journal, IViews views, TimeProvider time)
    : JournaledGrain<RetentionClassState>(journal), IRetentionClassGrain
{
    /// <summary>How long another node's redefinition may go unnoticed. A package made meanwhile is as if made a moment earlier.</summary>
    public static readonly TimeSpan Freshness = TimeSpan.FromSeconds(5);

    private TenantId _tenant;
    private string _slug = "";
    private long _loadedAt;

    public async Task<Outcome<RetentionClassView>> Describe()
    {
        try
        {
            if (await Current() is { Class: { } known }) return known;
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
        var asked = time.GetTimestamp();
        var head = Journal.Head;
        var known = Slug.Refusal(_slug) is null ? await views.RetentionClass(_tenant, _slug) : null;
        _loadedAt = asked;
        return new(known, head);
    }

    protected override bool MayKeep(RetentionClassState state) => state.Class is not null && time.GetElapsedTime(_loadedAt) < Freshness;

    protected override long SequenceOf(RetentionClassState state) => state.Sequence;

    protected override RetentionClassState Evolve(RetentionClassState state, StreamEvent @event, string actor, long sequence) =>
        RetentionClassDecider.Evolve(state, @event, sequence);
}
