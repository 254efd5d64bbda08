using ArtifactStore.Grains.Journaling;
using ArtifactStore.Interfaces.Collection;
using ArtifactStore.Interfaces.Errors;
using ArtifactStore.Interfaces.Journal;

namespace ArtifactStore.Grains.Packages;

/// <summary>The end of a package, step by step. Every step is proved by its append; two collectors at once are slow at worst.</summary>
public sealed partial class PackageGrain
{
    public Task<Outcome<StartAnswer>> Start(StartCollection command)
    {
        Check(command.Tenant, command.Package);
        return Submit(
            state => PackageCollectionDecider.Decide(state, command),
            condition => condition switch
            {
                Condition.PackageNotHeld => Answer(StartAnswer.Held),
                // The version is the plan's: no later look would find it again.
                Condition.StreamAt => Answer(StartAnswer.Changed),
                _ => Again<StartAnswer>(),
            });
    }

    /// <summary>
    /// Tried first as the last reference, then as one of several, then once more as the last: those beside it may have gone in between, as when a
    /// package has the same bytes under two paths. When the journal refuses all, it is no longer this package's to release.
    /// </summary>
    public Task<Outcome<ReleaseAnswer>> Release(ReleaseReference command)
    {
        Check(command.Tenant, command.Package);
        var (beside, refusals) = (false, 0);
        return Submit(
            state => PackageCollectionDecider.Decide(state, command, beside),
            condition =>
            {
                if (condition is Condition.NotAllHeld) return Answer(ReleaseAnswer.Held);
                if (condition is not (Condition.KeptOnlyBy or Condition.KeptBeside) || ++refusals == 3) return Answer(ReleaseAnswer.Changed);
                beside = !beside;
                return Again<ReleaseAnswer>();
            });
    }

    public Task<Outcome<bool>> Report(ReportDeleted command)
    {
        Check(command.Tenant, command.Package);
        return Submit(state => PackageCollectionDecider.Decide(state, command), _ => Answer(false));
    }

    public Task<Outcome<bool>> End(EndCollection command)
    {
        Check(command.Tenant, command.Package);
        return Submit(state => PackageCollectionDecider.Decide(state, command), _ => Answer(false));
    }

    private static Task<Refusal<T>> Answer<T>(T answer) => Task.FromResult<Refusal<T>>(new Refusal<T>.Answered(answer));
}
