using ArtifactStore.Interfaces.Contents;
using ArtifactStore.Interfaces.Events;
using ArtifactStore.Interfaces.Ids;
using ArtifactStore.Interfaces.Journal;
using ArtifactStore.Interfaces.Packages;
using ArtifactStore.Interfaces.Retention;

namespace ArtifactStore.Storage.Journal.Core;

/// <summary>
/// Decides the items of a batch in their order. Invariant: the answers, the events and the plan are those of executing the items one by
/// one, each in its own transaction. Pure: no SQL, no clock; the database's part is to have answered <see cref="BatchQuestions"/>.
/// </summary>
internal sealed class BatchDecider(BatchState state, int incarnation)
{
    public BatchPlan Plan { get; } = new();

    public Verdict Decide(JournalItem item) => item switch
    {
        AppendItem append => Decide(append),
        ReserveItem reserve => Verdict.Of(Decide(reserve)),
        _ => throw new InvalidOperationException($"nothing decides {item.GetType().Name}"),
    };

    private Verdict Decide(AppendItem item)
    {
        var append = item.Append;
        if (state.Appends[append.Id] is { } earlier) return Verdict.Of(earlier);
        for (var i = 0; i < append.Conditions.Length; i++)
        {
            if (!Holds(append.Conditions[i])) return Verdict.Of(new AppendResult.Refused(i));
        }
        if (AppendCheck.FindFault(state, append) is { } fault) return Verdict.Faulty(fault);
        var result = new AppendResult.Committed(state.Head + 1, append.Events.Length);
        for (var i = 0; i < append.Events.Length; i++) Place(item, i);
        foreach (var change in append.Work) Change(change);
        if (append.Events.Length > 0) state.Appends[append.Id] = result;
        return Verdict.Of(result);
    }

    /// <summary>Asked by who only wants to know, too: there is no second place that knows what a condition means.</summary>
    public bool Holds(Condition condition) => condition switch
    {
        Condition.StreamAt c => state.StreamVersions[c.Stream] == c.Version,
        Condition.PackageOpen c => state.Packages[new(c.Tenant, c.Package)] is { Status: PackageStatus.Created },
        Condition.PathFree c => !state.PathTaken[new(new(c.Tenant, c.Package), c.Path.Value)],
        Condition.LocationLive c => state.Slots[new(c.Tenant, c.Backend, c.Content)].Live is not null,
        Condition.MaySettle c => MaySettle(c.Reservation),
        Condition.LocationIs c => state.Generations[new(new(c.Tenant, c.Backend, c.Content), c.Generation)] == c.State,
        Condition.ReservationExists c =>
            state.Slots[new(c.Tenant, c.Backend, c.Content)].Settling.Exists(row => row.Generation == c.Generation),
        Condition.GenerationFree c => state.Generations[new(new(c.Tenant, c.Backend, c.Content), c.Generation)] is null
            && !state.Slots[new(c.Tenant, c.Backend, c.Content)].Settling.Exists(row => row.Generation == c.Generation),
        Condition.ExpiryBefore c => RetentionOf(c.Tenant, c.Package) is { ExpiresAt: { } expiry } && expiry < EventTime.Cut(c.Time),
        Condition.ExpiryIs c => RetentionOf(c.Tenant, c.Package) is { } retention
            && retention.ExpiresAt == (c.Time is { } time ? EventTime.Cut(time) : null),
        Condition.EligibilityIs c => RetentionOf(c.Tenant, c.Package) is { } retention && retention.Eligible == c.Eligible,
        Condition.PackageNotHeld c => !IsHeld(c),
        Condition.PackageStands c => state.Packages[new(c.Tenant, c.Package)] is { Stands: true },
        Condition.PackageCollecting c => state.Packages[new(c.Tenant, c.Package)] is { Status: PackageStatus.Collecting },
        Condition.NothingLeft c => state.Packages[new(c.Tenant, c.Package)] is { Status: PackageStatus.Collecting, Left: 0 },
        Condition.KeptOnlyBy c => Keepers(new(c.Tenant, c.Backend, c.Content), c.Keeper) == 1,
        Condition.KeptBeside c => Keepers(new(c.Tenant, c.Backend, c.Content), c.Keeper) > 1,
        Condition.NotKept c => state.Keepers[new(c.Tenant, c.Backend, c.Content)] == 0,
        Condition.NotAllHeld c => state.HoldsOn[new(c.Tenant, HoldCover.Everything)] == 0,
        Condition.HoldIdFree c => state.Holds[new(c.Tenant, c.Hold)] is null,
        Condition.HoldStands c => state.Holds[new(c.Tenant, c.Hold)] is { } hold && hold.Cover == new HoldCover(c.Kind, c.Covers)
            && (c.Key is null || c.Key == hold.Key),
        Condition.IdempotencyKeyFree c => !state.IdempotencyKeyUsed[new(c.Tenant, c.Actor, c.Key)],
        _ => throw new InvalidOperationException($"nothing evaluates {condition.GetType().Name}"),
    };

    /// <summary>Null when there is no such package, or nothing is left of it to keep or to delete.</summary>
    private RetentionFact? RetentionOf(TenantId tenant, PackageId id)
    {
        var package = new PackageRef(tenant, id);
        return state.Packages[package] is { Stands: true } ? state.Retentions[package] : null;
    }

    private bool IsHeld(Condition.PackageNotHeld gate)
    {
        foreach (var cover in HoldCover.Of(gate.Package, gate.Producer, gate.Subject))
        {
            if (state.HoldsOn[new(gate.Tenant, cover)] > 0) return true;
        }
        return false;
    }

    /// <summary>0 when this one is not among them.</summary>
    private long Keepers(SlotRef slot, Keeper keeper) => state.KeeperStands[new(slot, keeper)] ? state.Keepers[slot] : 0;

    /// <summary>Step 5 of design §6: my row, with me as its owner, and nothing live.</summary>
    private bool MaySettle(Reservation mine)
    {
        var slot = state.Slots[new(mine.Tenant, mine.Backend, mine.Content.Blake3)];
        return slot.Live is null && slot.Settling.Exists(row => row.Generation == mine.Generation && row.Owner == mine.Owner);
    }

    private void Place(AppendItem item, int index)
    {
        var append = item.Append;
        var streamEvent = append.Events[index];
        var prepared = item.Events[index];
        var stream = streamEvent.Stream;
        var sequence = ++state.Head;
        var version = ++System.Runtime.InteropServices.CollectionsMarshal.GetValueRefOrAddDefault(state.StreamVersions, stream, out _);
        var time = EventTime.Cut(streamEvent.Time);
        var leaf = LeafDigest.Of(sequence, time, prepared.Type, stream, version, append.Actor, prepared.PayloadDigest);
        var record = new EventRecord(
            sequence, time, prepared.Type, stream, version, append.Actor, append.Id, prepared.Payload, prepared.PayloadDigest, leaf);
        Plan.Events.Add(new(record, streamEvent.Body, index == 0 ? append.Events.Length : 0));
        if (StateEvolution.ContentLetGo(state, stream, streamEvent.Body) is { } content)
            Plan.Work.Add(new PlannedWork.Queue(content.Tenant, content.Blake3, sequence));
        StateEvolution.Apply(state, stream, sequence, streamEvent.Body);
    }

    private void Change(WorkChange change)
    {
        Plan.Work.Add(new PlannedWork.Change(change));
        switch (change)
        {
            case WorkChange.DropReservation drop:
                state.Slots[new(drop.Tenant, drop.Backend, drop.Content)].Settling.RemoveAll(row => row.Generation == drop.Generation);
                break;
            case WorkChange.DropCandidate:
                break;
            case WorkChange.RememberIdempotencyKey remember:
                var entry = remember.Entry;
                state.IdempotencyKeyUsed[new(entry.Tenant, entry.Actor, entry.Key)] = true;
                break;
            default:
                throw new InvalidOperationException($"nothing applies {change.GetType().Name}");
        }
    }

    /// <summary>Step 3 of design §6.</summary>
    private ReserveResult Decide(ReserveItem item)
    {
        var request = item.Request;
        var slot = state.Slots[item.Slot];
        if (slot.Live is { } live) return new ReserveResult.Live(live);
        SettlingFact? newest = null;
        foreach (var row in slot.Settling)
        {
            // The same attempt asking again (its first answer was lost) holds what it was given.
            if (row.Owner == request.Attempt) return new ReserveResult.Granted(ReservationOf(request, row.Generation, row.PhysicalKey));
            if (newest is null || row.Generation > newest.Value.Generation) newest = row;
        }
        if (newest is { } other && !request.TakeOver) return new ReserveResult.Busy(other.Owner, other.Generation);
        var generation = slot.HighestGeneration + 1;
        var key = PhysicalKey.Of(request.Tenant, request.Content.Blake3, generation, request.Attempt, incarnation);
        slot.Settling.Add(new(generation, request.Attempt, key, request.Content.Sha256, request.Content.Size));
        var reservation = ReservationOf(request, generation, key);
        Plan.Work.Add(new PlannedWork.Reserve(reservation));
        return new ReserveResult.Granted(reservation);
    }

    private static Reservation ReservationOf(ReserveContent request, int generation, string key) =>
        new(request.Tenant, request.Backend, request.Content, generation, key, request.Attempt);
}
