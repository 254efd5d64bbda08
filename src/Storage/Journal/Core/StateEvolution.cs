using ArtifactStore.Interfaces.Contents;
using ArtifactStore.Interfaces.Events;
using ArtifactStore.Interfaces.Journal;
using ArtifactStore.Interfaces.Packages;
using ArtifactStore.Interfaces.Retention;

namespace ArtifactStore.Storage.Journal.Core;

/// <summary>What an accepted event changes in the facts that later items of the batch are decided on.</summary>
internal static class StateEvolution
{
    /// <summary>More than any batch takes away.</summary>
    private const long Unknown = long.MaxValue / 2;

    public static void Apply(BatchState state, in StreamId stream, long sequence, StoreEvent body)
    {
        switch (body)
        {
            case PackageCreated:
                state.Packages[BatchQuestions.PackageOf(stream)] = new(sequence, PackageStatus.Created, Left: 0);
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
                if (e.Kind == HoldKind.Content) KeepEverywhere(state, BatchQuestions.ContentOf(stream, e), 1);
                break;
            case HoldReleased e:
                var hold = new HoldRef(stream.Tenant, e.Hold);
                Count(state, new(stream.Tenant, state.Holds[hold]!.Value.Cover), -1);
                if (ContentLetGo(state, stream, e) is { } held) KeepEverywhere(state, held, -1);
                state.Holds[hold] = null;
                break;
            case FileIngested e:
                state.PathTaken[new(BatchQuestions.PackageOf(stream), e.Path.Value)] = true;
                Change(state, stream, package => package with { Left = package.Left + 1 });
                Keep(state, new(stream.Tenant, e.Backend, e.Content.Blake3), 1);
                break;
            case PackageFinalized e:
                Change(state, stream, package => package with { Status = PackageStatus.Finalized, Left = package.Left + 1 });
                Keep(state, new(stream.Tenant, e.Backend, e.Manifest.Blake3), 1);
                break;
            case CollectionStarted:
                Change(state, stream, package => package with { Status = PackageStatus.Collecting });
                break;
            case PackageCollected:
                Change(state, stream, package => package with { Status = PackageStatus.GarbageCollected });
                break;
            case LocationDeleted e:
                Delete(state, stream, sequence, e);
                break;
            case ContentMoved e:
                Move(state, new(stream.Tenant, e.From, e.Content), new(stream.Tenant, e.To, e.Content));
                break;
            case LocationSettled e:
                Settle(state, new(stream.Tenant, e.Backend, e.Content.Blake3), sequence, e);
                break;
            case LocationCondemned e:
                Leave(state, new(stream.Tenant, e.Backend, e.Content), sequence, e.Generation, LocationState.Condemned);
                if (e.Releases is { } keeper) Release(state, new(new(stream.Tenant, e.Backend, e.Content), keeper));
                break;
            case LocationFailed e:
                Leave(state, new(stream.Tenant, e.Backend, e.Content), sequence, e.Generation, LocationState.Failed);
                break;
        }
    }

    /// <summary>
    /// The content of which a copy may be left that nobody keeps: a released hold no longer does, or it was moved and nobody had.
    /// </summary>
    public static ContentRef? ContentLetGo(BatchState state, in StreamId stream, StoreEvent body) => body switch
    {
        HoldReleased released when state.Holds[new(stream.Tenant, released.Hold)] is { Cover: { Kind: HoldKind.Content } cover }
            && Interfaces.Hashing.Digest256.TryParseHex(cover.Covers, out var blake3) => new(stream.Tenant, blake3),
        ContentMoved moved => new(stream.Tenant, moved.Content),
        _ => null,
    };

    // What no item of this batch asks for is not counted along.
    private static void Keep(BatchState state, PackageRef package, DateTimeOffset? expiresAt)
    {
        if (state.Retentions.ContainsKey(package))
            state.Retentions[package] = new(expiresAt is { } time ? EventTime.Cut(time) : null, Eligible: false);
    }

    private static void Keep(BatchState state, SlotRef slot, long change)
    {
        if (state.Keepers.TryGetValue(slot, out var keepers)) state.Keepers[slot] = keepers + change;
    }

    /// <summary>A hold on a content names no backend.</summary>
    private static void KeepEverywhere(BatchState state, ContentRef content, long change)
    {
        foreach (var slot in state.Keepers.Keys.Where(slot => slot.Content == content).ToList()) state.Keepers[slot] += change;
    }

    private static void Release(BatchState state, KeeperRef keeper)
    {
        state.KeeperStands[keeper] = false;
        Keep(state, keeper.Slot, -1);
    }

    private static void Delete(BatchState state, in StreamId stream, long sequence, LocationDeleted e)
    {
        var slot = new SlotRef(stream.Tenant, e.Backend, e.Content);
        if (e.Generation is { } generation) Leave(state, slot, sequence, generation, LocationState.Gone);
        if (stream.Kind != SubjectKind.Package) return;
        Change(state, stream, package => package with { Left = package.Left - 1 });
        // Where the bytes went too, the reference went when they were condemned.
        if (!e.BytesDeleted) Release(state, new(slot, new(BatchQuestions.PackageOf(stream).Id, e.File, e.FileKey)));
    }

    private static void Move(BatchState state, SlotRef from, SlotRef to)
    {
        // Whose reference is where is not known until the database is asked again: whoever counts on it in this batch is refused.
        foreach (var slot in (ReadOnlySpan<SlotRef>)[from, to])
        {
            if (state.Keepers.ContainsKey(slot)) state.Keepers[slot] = Unknown;
        }
        foreach (var keeper in state.KeeperStands.Keys.Where(keeper => keeper.Slot == from || keeper.Slot == to).ToList())
            state.KeeperStands[keeper] = false;
    }

    private static void Change(BatchState state, in StreamId stream, Func<PackageFact, PackageFact> change)
    {
        var package = BatchQuestions.PackageOf(stream);
        state.Packages[package] = change(state.Packages[package]!.Value);
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
