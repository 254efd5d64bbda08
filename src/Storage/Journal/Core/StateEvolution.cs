using ArtifactStore.Interfaces.Contents;
using ArtifactStore.Interfaces.Events;
using ArtifactStore.Interfaces.Journal;
using ArtifactStore.Interfaces.Packages;
using ArtifactStore.Interfaces.Retention;

namespace ArtifactStore.Storage.Journal.Core;

/// <summary>What an accepted event changes in the facts that later items of the batch are decided on.</summary>
internal static class StateEvolution
{
    public static void Apply(BatchState state, in StreamId stream, long sequence, StoreEvent body)
    {
        switch (body)
        {
            case PackageCreated:
                state.Packages[BatchQuestions.PackageOf(stream)] = new(sequence, PackageStatus.Created);
                break;
            case RetentionDefaultApplied e:
                Keep(state, BatchQuestions.PackageOf(stream), e.ExpiresAt);
                break;
            case RetentionExtended e:
                Keep(state, BatchQuestions.PackageOf(stream), e.ExpiresAt);
                break;
            case DeletionEligible:
                var eligible = BatchQuestions.PackageOf(stream);
                if (state.Retentions.TryGetValue(eligible, out var known) && known is { } kept)
                    state.Retentions[eligible] = kept with { Eligible = true };
                break;
            case HoldApplied e:
                var cover = new HoldCover(e.Kind, e.Covers);
                state.Holds[new(stream.Tenant, e.Hold)] = new(sequence, cover);
                Count(state, new(stream.Tenant, cover), 1);
                break;
            case HoldReleased e:
                var hold = new HoldRef(stream.Tenant, e.Hold);
                Count(state, new(stream.Tenant, state.Holds[hold]!.Value.Cover), -1);
                state.Holds[hold] = null;
                break;
            case FileIngested e:
                state.PathTaken[new(BatchQuestions.PackageOf(stream), e.Path.Value)] = true;
                break;
            case PackageFinalized:
                var package = BatchQuestions.PackageOf(stream);
                state.Packages[package] = state.Packages[package]!.Value with { Status = PackageStatus.Finalized };
                break;
            case LocationSettled e:
                Settle(state, new(stream.Tenant, e.Backend, e.Content.Blake3), sequence, e);
                break;
            case LocationCondemned e:
                Leave(state, new(stream.Tenant, e.Backend, e.Content), sequence, e.Generation, LocationState.Condemned);
                break;
            case LocationFailed e:
                Leave(state, new(stream.Tenant, e.Backend, e.Content), sequence, e.Generation, LocationState.Failed);
                break;
        }
    }

    // What no item of this batch asks for is not counted along.
    private static void Keep(BatchState state, PackageRef package, DateTimeOffset? expiresAt)
    {
        if (state.Retentions.ContainsKey(package))
            state.Retentions[package] = new(expiresAt is { } time ? EventTime.Cut(time) : null, Eligible: false);
    }

    private static void Count(BatchState state, CoverRef cover, long change)
    {
        if (state.HoldsOn.TryGetValue(cover, out var holds)) state.HoldsOn[cover] = holds + change;
    }

    private static void Settle(BatchState state, SlotRef slot, long sequence, LocationSettled e)
    {
        state.ContentKeys[slot.Content] ??= sequence;
        state.Generations[new(slot, e.Generation)] = LocationState.Live;
        var fact = state.Slots[slot];
        fact.Live = new(e.Backend, e.Content.Blake3, e.Generation, e.PhysicalKey, LocationState.Live, e.Encoding);
        fact.HighestLocation = Math.Max(fact.HighestLocation, e.Generation);
    }

    /// <summary>A location (or a reservation that never became one) is no longer, or never will be, live.</summary>
    private static void Leave(BatchState state, SlotRef slot, long sequence, int generation, LocationState next)
    {
        state.ContentKeys[slot.Content] ??= sequence;
        state.Generations[new(slot, generation)] = next;
        var fact = state.Slots[slot];
        if (fact.Live?.Generation == generation) fact.Live = null;
        fact.HighestLocation = Math.Max(fact.HighestLocation, generation);
    }
}
