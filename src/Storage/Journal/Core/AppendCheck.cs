using ArtifactStore.Interfaces.Contents;
using ArtifactStore.Interfaces.Events;
using ArtifactStore.Interfaces.Journal;

namespace ArtifactStore.Storage.Journal.Core;

/// <summary>
/// Finds appends whose events the views could not take, before anything is written: on PostgreSQL a failed statement would take the whole
/// batch down. Such an append is a bug of its caller (a condition that it forgot), never a race.
/// </summary>
internal static class AppendCheck
{
    public static string? FindFault(BatchState state, Append append)
    {
        // What earlier events of this same append bring about.
        HashSet<PackageRef>? created = null;
        HashSet<SlotRef>? settled = null;
        HashSet<PathRef>? ingested = null;
        foreach (var streamEvent in append.Events)
        {
            var stream = streamEvent.Stream;
            if (stream.Kind == SubjectKind.Package)
            {
                var package = BatchQuestions.PackageOf(stream);
                var exists = state.Packages[package] is not null || created?.Contains(package) == true;
                if (streamEvent.Body is PackageCreated)
                {
                    if (exists) return $"package {package.Id} exists";
                    (created ??= []).Add(package);
                }
                else if (!exists)
                {
                    return $"there is no package {package.Id}";
                }
            }
            var fault = streamEvent.Body switch
            {
                FileIngested e => !(ingested ??= []).Add(PathOf(stream, e)) || state.PathTaken[PathOf(stream, e)]
                    ? $"the path {e.Path} is taken"
                    : FindDangling(state, settled, new(stream.Tenant, e.Backend, e.Content.Blake3)),
                PackageFinalized e => FindDangling(state, settled, new(stream.Tenant, e.Backend, e.Manifest.Blake3)),
                LocationSettled e => Settle(state, ref settled, new(stream.Tenant, e.Backend, e.Content.Blake3), e.Generation),
                LocationCondemned e => DeletionCheck.FindFault(state, append, stream, e),
                LocationDeleted e => DeletionCheck.FindFault(state, append, stream, e),
                ContentMoved e when e.From == e.To => "a content moves to another backend",
                ContentMoved e => FindDangling(state, settled, new(stream.Tenant, e.To, e.Content)),
                CollectionStarted => RetentionCheck.FindFault(append, stream),
                PackageCollected => DeletionCheck.FindFault(append, stream),
                LocationFailed e => state.Generations[new(new(stream.Tenant, e.Backend, e.Content), e.Generation)]
                    is not LocationState.Live ? "only a live location fails" : null,
                DeletionEligible => RetentionCheck.FindFault(append, stream),
                HoldApplied e => RetentionCheck.FindFault(state, append, stream, e),
                HoldReleased e => state.Holds[new(stream.Tenant, e.Hold)] is null ? "the hold does not stand" : null,
                LocationVerified e => state.Generations[new(new(stream.Tenant, e.Backend, e.Content), e.Generation)]
                    is not LocationState.Live ? "only a live location is verified" : null,
                PlanListed e => PlanCheck.FindFault(state, append, stream, e),
                PlanMade or PlanStarted or PlanEnded => PlanCheck.FindFault(append, stream),
                LocationRepaired e => FindDangling(state, settled, new(stream.Tenant, e.Backend, e.Content)),
                _ => null,
            };
            if (fault is not null) return fault;
        }
        return null;
    }

    private static PathRef PathOf(in StreamId stream, FileIngested e) => new(BatchQuestions.PackageOf(stream), e.Path.Value);

    /// <summary>
    /// The first invariant of design §6, held here whatever the caller's guards were: a reference has a location that is live.
    /// </summary>
    private static string? FindDangling(BatchState state, HashSet<SlotRef>? settled, SlotRef slot) =>
        state.Slots[slot].Live is not null || settled?.Contains(slot) == true
            ? null
            : $"content {slot.Blake3} is not live in {slot.Backend}";

    private static string? Settle(BatchState state, ref HashSet<SlotRef>? settled, SlotRef slot, int generation)
    {
        if (state.Slots[slot].Live is not null || settled?.Contains(slot) == true) return "another location is live";
        if (state.Generations[new(slot, generation)] is not null) return $"generation {generation} has a location already";
        (settled ??= []).Add(slot);
        return null;
    }
}
