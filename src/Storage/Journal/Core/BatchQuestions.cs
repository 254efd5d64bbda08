using ArtifactStore.Interfaces.Contents;
using ArtifactStore.Interfaces.Events;
using ArtifactStore.Interfaces.Hashing;
using ArtifactStore.Interfaces.Ids;
using ArtifactStore.Interfaces.Journal;
using ArtifactStore.Interfaces.Retention;

namespace ArtifactStore.Storage.Journal.Core;

/// <summary>
/// Everything that deciding a batch can ask, collected beforehand, so that a database answers in one go (a set for each kind of question).
/// </summary>
internal sealed class BatchQuestions
{
    private long? _countKeepersTo;

    public HashSet<AppendId> Appends { get; } = [];
    public HashSet<StreamId> Streams { get; } = [];
    public HashSet<PackageRef> Packages { get; } = [];
    public HashSet<PathRef> Paths { get; } = [];
    public HashSet<ContentRef> Contents { get; } = [];
    public HashSet<SlotRef> Slots { get; } = [];
    public HashSet<GenerationRef> Generations { get; } = [];
    public HashSet<PackageRef> Retentions { get; } = [];
    public HashSet<HoldRef> Holds { get; } = [];
    public HashSet<CoverRef> HoldsOn { get; } = [];
    public HashSet<KeeperRef> KeeperRefs { get; } = [];

    /// <summary>Contents in backends whose references are counted.</summary>
    public HashSet<SlotRef> Kept { get; } = [];

    /// <summary>No decision of this batch can tell more references apart.</summary>
    public long CountKeepersTo => _countKeepersTo ?? KeeperRefs.Count + 2;

    public HashSet<IdempotencyRef> IdempotencyKeys { get; } = [];

    public static BatchQuestions Of(IEnumerable<JournalItem> items)
    {
        var questions = new BatchQuestions();
        foreach (var item in items)
        {
            if (item is AppendItem append) questions.Ask(append.Append);
            else if (item is ReserveItem reserve) questions.AskSlot(reserve.Slot);
        }
        return questions;
    }

    /// <summary>What conditions need, without an append that they belong to.</summary>
    public static BatchQuestions Of(IEnumerable<Condition> conditions)
    {
        var questions = new BatchQuestions();
        foreach (var condition in conditions) questions.Ask(condition);
        return questions;
    }

    public static BatchQuestions Of(IEnumerable<SlotRef> slots, long countKeepersTo)
    {
        var questions = new BatchQuestions { _countKeepersTo = countKeepersTo };
        foreach (var slot in slots) questions.AskKept(slot);
        return questions;
    }

    private void Ask(Append append)
    {
        Appends.Add(append.Id);
        foreach (var condition in append.Conditions) Ask(condition);
        foreach (var streamEvent in append.Events) Ask(streamEvent);
        foreach (var change in append.Work)
        {
            if (change is WorkChange.DropReservation drop) AskSlot(new(drop.Tenant, drop.Backend, drop.Content));
        }
    }

    private void Ask(Condition condition)
    {
        switch (condition)
        {
            case Condition.StreamAt c:
                Streams.Add(c.Stream);
                break;
            case Condition.PackageOpen c:
                Packages.Add(new(c.Tenant, c.Package));
                break;
            case Condition.PathFree c:
                AskPath(new(new(c.Tenant, c.Package), c.Path.Value));
                break;
            case Condition.LocationLive c:
                AskSlot(new(c.Tenant, c.Backend, c.Content));
                break;
            case Condition.MaySettle c:
                AskSlot(new(c.Reservation.Tenant, c.Reservation.Backend, c.Reservation.Content.Blake3));
                break;
            case Condition.LocationIs c:
                AskGeneration(new(c.Tenant, c.Backend, c.Content), c.Generation);
                break;
            case Condition.ReservationExists c:
                AskSlot(new(c.Tenant, c.Backend, c.Content));
                break;
            case Condition.GenerationFree c:
                AskSlot(new(c.Tenant, c.Backend, c.Content));
                AskGeneration(new(c.Tenant, c.Backend, c.Content), c.Generation);
                break;
            case Condition.ExpiryBefore c:
                AskRetention(new(c.Tenant, c.Package));
                break;
            case Condition.ExpiryIs c:
                AskRetention(new(c.Tenant, c.Package));
                break;
            case Condition.EligibilityIs c:
                AskRetention(new(c.Tenant, c.Package));
                break;
            case Condition.PackageNotHeld c:
                foreach (var cover in HoldCover.Of(c.Package, c.Producer, c.Subject)) HoldsOn.Add(new(c.Tenant, cover));
                break;
            case Condition.PackageStands c:
                Packages.Add(new(c.Tenant, c.Package));
                break;
            case Condition.PackageCollecting c:
                Packages.Add(new(c.Tenant, c.Package));
                break;
            case Condition.NothingLeft c:
                Packages.Add(new(c.Tenant, c.Package));
                break;
            case Condition.KeptOnlyBy c:
                AskKeeper(new(c.Tenant, c.Backend, c.Content), c.Keeper);
                break;
            case Condition.KeptBeside c:
                AskKeeper(new(c.Tenant, c.Backend, c.Content), c.Keeper);
                break;
            case Condition.NotKept c:
                AskKept(new(c.Tenant, c.Backend, c.Content));
                break;
            case Condition.NotAllHeld c:
                HoldsOn.Add(new(c.Tenant, HoldCover.Everything));
                break;
            case Condition.HoldIdFree c:
                Holds.Add(new(c.Tenant, c.Hold));
                break;
            case Condition.HoldStands c:
                Holds.Add(new(c.Tenant, c.Hold));
                break;
            case Condition.IdempotencyKeyFree c:
                IdempotencyKeys.Add(new(c.Tenant, c.Actor, c.Key));
                break;
            default:
                throw new InvalidOperationException($"no questions are known for {condition.GetType().Name}");
        }
    }

    /// <summary>What the projections of the event refer to.</summary>
    private void Ask(StreamEvent streamEvent)
    {
        var stream = streamEvent.Stream;
        Streams.Add(stream);
        if (stream.Kind == SubjectKind.Package) Packages.Add(PackageOf(stream));
        switch (streamEvent.Body)
        {
            case FileIngested e:
                AskPath(new(PackageOf(stream), e.Path.Value));
                AskSlot(new(stream.Tenant, e.Backend, e.Content.Blake3));
                break;
            case PackageFinalized e:
                AskSlot(new(stream.Tenant, e.Backend, e.Manifest.Blake3));
                break;
            case LocationSettled e:
                AskGeneration(new(stream.Tenant, e.Backend, e.Content.Blake3), e.Generation);
                break;
            case LocationCondemned e:
                AskGeneration(new(stream.Tenant, e.Backend, e.Content), e.Generation);
                break;
            case LocationFailed e:
                AskGeneration(new(stream.Tenant, e.Backend, e.Content), e.Generation);
                break;
            case HoldApplied e:
                Holds.Add(new(stream.Tenant, e.Hold));
                if (e.Kind == HoldKind.Content) Contents.Add(ContentOf(stream, e));
                break;
            case PlanListed e:
                foreach (var item in e.Packages) Packages.Add(new(stream.Tenant, item.Package));
                break;
            case LocationDeleted { Generation: { } generation } e:
                AskGeneration(new(stream.Tenant, e.Backend, e.Content), generation);
                break;
            case LocationDeleted e:
                AskSlot(new(stream.Tenant, e.Backend, e.Content));
                break;
            case ContentMoved e:
                AskSlot(new(stream.Tenant, e.From, e.Content));
                AskSlot(new(stream.Tenant, e.To, e.Content));
                break;
            case HoldReleased e:
                Holds.Add(new(stream.Tenant, e.Hold));
                break;
            case LocationVerified e:
                AskGeneration(new(stream.Tenant, e.Backend, e.Content), e.Generation);
                break;
            case LocationRepaired e:
                AskGeneration(new(stream.Tenant, e.Backend, e.Content), e.Generation);
                break;
        }
    }

    private void AskKeeper(SlotRef slot, Keeper keeper)
    {
        AskKept(slot);
        KeeperRefs.Add(new(slot, keeper));
        Packages.Add(new(slot.Tenant, keeper.Package));
    }

    private void AskKept(SlotRef slot)
    {
        AskSlot(slot);
        Kept.Add(slot);
    }

    private void AskRetention(PackageRef package)
    {
        Packages.Add(package);
        Retentions.Add(package);
    }

    private void AskPath(PathRef path)
    {
        Packages.Add(path.Package);
        Paths.Add(path);
    }

    private void AskSlot(SlotRef slot)
    {
        Slots.Add(slot);
        Contents.Add(slot.Content);
    }

    private void AskGeneration(SlotRef slot, int generation)
    {
        AskSlot(slot);
        Generations.Add(new(slot, generation));
    }

    /// <summary>The content that a hold keeps alive.</summary>
    internal static ContentRef ContentOf(in StreamId stream, HoldApplied hold) =>
        Digest256.TryParseHex(hold.Covers, out var blake3)
            ? new(stream.Tenant, blake3)
            : throw new InvalidDataException($"the hold {hold.Hold} covers '{hold.Covers}', which is no digest");

    /// <summary>The package that a stream is about.</summary>
    internal static PackageRef PackageOf(in StreamId stream) => new(stream.Tenant, PackageId.Parse(stream.Id, null));
}
