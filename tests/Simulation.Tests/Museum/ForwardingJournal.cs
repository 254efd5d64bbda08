using ArtifactStore.Interfaces.Journal;

namespace ArtifactStore.Simulation.Tests.Museum;

/// <summary>A journal that does what another one does: an exhibit overrides how one append is decided.</summary>
internal class ForwardingJournal(IJournal inner) : IJournal
{
    protected IJournal Inner { get; } = inner;

    public long Head => Inner.Head;

    public async Task<IReadOnlyList<AppendResult>> Append(IReadOnlyList<Append> appends, CancellationToken cancellation = default)
    {
        var results = new AppendResult[appends.Count];
        for (var i = 0; i < appends.Count; i++) results[i] = await Append(appends[i]);
        return results;
    }

    public virtual Task<ReserveResult> Reserve(ReserveContent request, CancellationToken cancellation = default) => Inner.Reserve(request, cancellation);

    public Task<long> WaitForEvents(long after, TimeSpan atMost, CancellationToken cancellation = default) =>
        Inner.WaitForEvents(after, atMost, cancellation);

    protected virtual async Task<AppendResult> Append(Append append) => (await Inner.Append([append]))[0];

    /// <summary>Decided without these conditions.</summary>
    protected async Task<AppendResult> AppendWithout(Append append, Predicate<Condition> forgotten)
    {
        var kept = append.Conditions.RemoveAll(forgotten);
        var result = (await Inner.Append([append with { Conditions = kept }]))[0];
        return result is AppendResult.Refused refused
            ? new AppendResult.Refused(append.Conditions.IndexOf(kept[refused.ConditionIndex]))
            : result;
    }
}

/// <summary>Some conditions are forgotten.</summary>
internal sealed class ForgetfulJournal(IJournal inner, Predicate<Condition> forgotten) : ForwardingJournal(inner)
{
    protected override Task<AppendResult> Append(Append append) => AppendWithout(append, forgotten);
}

/// <summary>Some conditions are asked first, in a transaction of their own; what they answered is acted on in the next one.</summary>
internal sealed class CheckThenActJournal(IJournal inner, SimulatedStore store, Predicate<Condition> early) : ForwardingJournal(inner)
{
    protected override async Task<AppendResult> Append(Append append)
    {
        if (!append.Conditions.Any(condition => early(condition))) return await base.Append(append);
        var asked = await Inner.Append([append with { Id = new(store.Ids.Next()), Events = [], Work = [] }]);
        if (asked[0] is AppendResult.Refused) return asked[0];
        await store.Machine.Pause();
        return await AppendWithout(append, early);
    }
}
