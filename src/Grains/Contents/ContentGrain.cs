using System.Collections.Immutable;
using ArtifactStore.Grains.Hosting;
using ArtifactStore.Grains.Journaling;
using ArtifactStore.Interfaces.Collection;
using ArtifactStore.Interfaces.Contents;
using ArtifactStore.Interfaces.Errors;
using ArtifactStore.Interfaces.Events;
using ArtifactStore.Interfaces.Ids;
using ArtifactStore.Interfaces.Journal;
using ArtifactStore.Interfaces.Views;

namespace ArtifactStore.Grains.Contents;

/// <summary>
/// One content in one backend: lets one of many concurrent pushers write, and the others wait for it (design §6, step 3).
/// It decides nothing that matters for safety: what it remembers are hints, and every claim it hands out is proved again by the
/// reference's own append.
/// </summary>
/// <remarks>
/// Liveness: at most one attempt at a time asks the journal or settles, as far as this activation knows; the others wait for a change, at
/// most <see cref="Patience"/>, then exactly one of them takes the next generation and the rest wait for that one.
/// </remarks>
[Interleaves]
public sealed class ContentGrain(IJournal journal, IViews views, TimeProvider time, IIds ids) : GrainBase, IContentGrain
{
    /// <summary>How long an attempt may settle before another one takes the next generation.</summary>
    public static readonly TimeSpan Patience = TimeSpan.FromSeconds(2);

    /// <summary>How soon the journal is asked again about an attempt of another node; doubled each time.</summary>
    public static readonly TimeSpan FirstLookAgain = TimeSpan.FromMilliseconds(20);

    private const string Actor = "store";
    private const string Orphan = "an object that no row knew";

    private readonly LiveHint _live = new(time);
    private Settling? _settling;
    private TaskCompletionSource<Error?> _changed = NewSignal();

    public async Task<Outcome<Placement>> Place(PlaceContent command)
    {
        while (true)
        {
            if (_live.For(command.Attempt) is { } live) return new Placement.Live(live);
            if (_settling is { } other && other.Owner != command.Attempt)
            {
                if (await ChangeOrPatience(other) is { } error) return error;
                if (!other.PatienceIsOver || _settling != other) continue;
            }
            var takeOver = _settling is { PatienceIsOver: true };
            // Claimed before the journal is asked: whoever comes now waits for this attempt instead of asking too.
            var mine = _settling = new(command.Attempt, time);
            try
            {
                if (await Ask(command, mine, takeOver) is { } placement) return placement;
            }
            catch (JournalUnavailableException unavailable)
            {
                var error = unavailable.AsError();
                if (_settling == mine) _settling = null;
                Signal(error);
                return error;
            }
        }
    }

    public async Task Settled(LocationView location)
    {
        _live.Set(location);
        _settling = null;
        Signal();
        if (location.Generation > 1) await CondemnFailed(location);
    }

    public async Task Abandon(Reservation reservation, string reason)
    {
        var content = reservation.Content.Blake3;
        var condemned = new LocationCondemned(reservation.Backend, content, reservation.Generation, reservation.PhysicalKey, reason);
        try
        {
            await Append(
                reservation.Tenant, content, [condemned],
                [new Condition.ReservationExists(reservation.Tenant, reservation.Backend, content, reservation.Generation)],
                new WorkChange.DropReservation(reservation.Tenant, reservation.Backend, content, reservation.Generation));
        }
        finally
        {
            // Even when the journal cannot be told: this attempt will not settle, so nobody here should wait for it.
            if (_settling?.Owner == reservation.Owner)
            {
                _settling = null;
                Signal();
            }
        }
    }

    public async Task<bool> ReportMissing(LocationView location, string reason)
    {
        _live.Clear();
        var (tenant, _) = OfKey(location);
        return await Append(
            tenant, location.Content, [new LocationFailed(location.Backend, location.Content, location.Generation, reason)],
            [Is(tenant, location, LocationState.Live)]) is AppendResult.Committed;
    }

    public async Task<bool> ReportVerified(LocationView location)
    {
        var (tenant, _) = OfKey(location);
        return await Append(
            tenant, location.Content, [new LocationVerified(location.Backend, location.Content, location.Generation)],
            [Is(tenant, location, LocationState.Live)]) is AppendResult.Committed;
    }

    public async Task<RepairResult> Repair(Reservation mine, LocationView failed)
    {
        var (tenant, backend) = OfKey(failed);
        var content = mine.Content.Blake3;
        var result = await Append(
            tenant, content,
            [
                new LocationSettled(backend, mine.Content, mine.Generation, mine.PhysicalKey, PlacementClaim.AsIs),
                .. Healed(failed, mine.Generation),
            ],
            [new Condition.MaySettle(mine), Is(tenant, failed, LocationState.Failed)],
            new WorkChange.DropReservation(tenant, backend, content, mine.Generation));
        if (result is AppendResult.Committed)
        {
            _live.Set(new(backend, content, mine.Generation, mine.PhysicalKey, LocationState.Live, PlacementClaim.AsIs));
            _settling = null;
            Signal();
        }
        return result switch
        {
            AppendResult.Committed => RepairResult.Done,
            AppendResult.Refused { ConditionIndex: 0 } => RepairResult.PlaceAgain,
            _ => RepairResult.NotNeeded,
        };
    }

    public async Task<MoveResult> Move(MoveContent command)
    {
        var (from, content) = (command.From, command.Content);
        var (tenant, backend) = OfKey();
        var claim = PlacementClaim.Of(command.To, tenant, content, time.GetUtcNow());
        if (claim.Backend != backend) throw new InvalidOperationException($"a location in {claim.Backend} was given to {Key}");
        var result = await Append(
            tenant, content.Blake3,
            [
                .. claim.Settled is { Body: var settled } ? [settled] : Array.Empty<StoreEvent>(),
                new ContentMoved(content.Blake3, from.Backend, backend),
                new LocationCondemned(from.Backend, content.Blake3, from.Generation, from.PhysicalKey, $"moved to {backend}"),
            ],
            [claim.Condition, Is(tenant, from, LocationState.Live)],
            [.. claim.Work]);
        switch (result)
        {
            case AppendResult.Committed:
                return MoveResult.Done;
            case AppendResult.Refused { ConditionIndex: 0 }:
                _live.Clear();
                return MoveResult.PlaceAgain;
            default:
                return MoveResult.NotNeeded;
        }
    }

    public Task Left(LocationView location)
    {
        _live.Drop(location);
        return Task.CompletedTask;
    }

    public async Task<CondemnAnswer> Condemn(LocationView location, string reason)
    {
        var (tenant, _) = OfKey(location);
        var condemned = new LocationCondemned(location.Backend, location.Content, location.Generation, location.PhysicalKey, reason);
        var result = await Append(
            tenant, location.Content, [condemned], [.. DeletionConditions.Condemn(tenant, location)]);
        return result switch
        {
            AppendResult.Committed => CondemnAnswer.Condemned,
            AppendResult.Refused { ConditionIndex: 0 } => CondemnAnswer.Kept,
            _ => CondemnAnswer.Later,
        };
    }

    public async Task<CondemnAnswer> CondemnOrphan(LocationView orphan)
    {
        var (tenant, _) = OfKey(orphan);
        var condemned = new LocationCondemned(orphan.Backend, orphan.Content, orphan.Generation, orphan.PhysicalKey, Orphan);
        var result = await Append(
            tenant, orphan.Content, [condemned],
            [new Condition.GenerationFree(tenant, orphan.Backend, orphan.Content, orphan.Generation), new Condition.NotAllHeld(tenant)]);
        return result switch
        {
            AppendResult.Committed => CondemnAnswer.Condemned,
            AppendResult.Refused { ConditionIndex: 0 } => CondemnAnswer.Kept,
            _ => CondemnAnswer.Later,
        };
    }

    public Task Forget(CollectionCandidate candidate) => Append(
        candidate.Tenant, candidate.Content, [], [], new WorkChange.DropCandidate(candidate.Tenant, candidate.Content, candidate.QueuedBy));

    public async Task<bool> ReportDeleted(LocationView location)
    {
        var (tenant, _) = OfKey(location);
        var deleted = new LocationDeleted(location.Backend, location.Content, BytesDeleted: true) { Generation = location.Generation };
        return await Append(tenant, location.Content, [deleted], [Is(tenant, location, LocationState.Condemned)]) is AppendResult.Committed;
    }

    /// <summary>
    /// Good bytes are back: the generations that had failed are not coming back, and health stops counting them once they are condemned.
    /// A crash before this leaves them failed until the next verification; no byte depends on it. That the other one is live is only a hint:
    /// it may be late, or wrong. Without a live location the failed one is all that the references have, so the append proves both.
    /// </summary>
    public async Task<bool> CondemnFailed(LocationView live)
    {
        var (tenant, _) = OfKey(live);
        var content = await views.Content(new ReadScope(tenant), ContentAddress.Blake3(live.Content));
        var any = false;
        foreach (var failed in content?.Locations ?? [])
        {
            if (failed.State != LocationState.Failed || failed.Backend != live.Backend) continue;
            any |= await Append(
                tenant, live.Content, Healed(failed, live.Generation),
                [Is(tenant, failed, LocationState.Failed), Is(tenant, live, LocationState.Live)]) is AppendResult.Committed;
        }
        return any;
    }

    /// <summary>Null: look again at what this activation knows; something has changed, or the patience with another node is over.</summary>
    private async Task<Placement?> Ask(PlaceContent command, Settling mine, bool takeOver)
    {
        var lookAgain = FirstLookAgain;
        while (true)
        {
            var result = await journal.Reserve(new(command.Tenant, command.Backend, command.Content, command.Attempt, takeOver));
            switch (result)
            {
                case ReserveResult.Live(var location):
                    _live.Set(location);
                    _live.GaveTo(command.Attempt);
                    if (_settling == mine) _settling = null;
                    Signal();
                    return new Placement.Live(location);
                case ReserveResult.Granted(var reservation):
                    return new Placement.Reserved(reservation);
            }
            // Nobody tells this node when the other one has settled, so it looks, ever more rarely.
            var next = Task.Delay(lookAgain, time);
            if (await Task.WhenAny(OnTurn(_changed.Task), next, mine.Patience) != next || _settling != mine) return null;
            lookAgain *= 2;
        }
    }

    /// <summary>Waits until something has changed or the patience with this attempt is over. An error when the journal is away.</summary>
    private async Task<Error?> ChangeOrPatience(Settling other)
    {
        var change = OnTurn(_changed.Task);
        return await Task.WhenAny(change, other.Patience) == change ? await change : null;
    }

    /// <summary>Ends on a turn of this grain; waited for among others as it is, the signal would take a way over the thread pool.</summary>
    private static async Task<Error?> OnTurn(Task<Error?> change) => await change;

    private void Signal(Error? error = null)
    {
        var changed = _changed;
        _changed = NewSignal();
        changed.TrySetResult(error);
    }

    private static StoreEvent[] Healed(LocationView failed, int generation) =>
    [
        new LocationCondemned(failed.Backend, failed.Content, failed.Generation, failed.PhysicalKey, $"healed by generation {generation}"),
        new LocationRepaired(failed.Backend, failed.Content, generation, failed.Generation),
    ];

    private static Condition.LocationIs Is(TenantId tenant, LocationView location, LocationState state) =>
        new(tenant, location.Backend, location.Content, location.Generation, state);

    /// <summary>Refused means that it is no longer so: somebody settled, condemned or reported it first. All of these are fine.</summary>
    private async Task<AppendResult> Append(
        TenantId tenant,
        Interfaces.Hashing.Digest256 content,
        IReadOnlyList<StoreEvent> bodies,
        ImmutableArray<Condition> conditions,
        params WorkChange[] work)
    {
        var now = time.GetUtcNow().CutToMicroseconds();
        var facts = bodies.Select(body => new StreamEvent(StreamId.Of(tenant, content), now, body)).ToImmutableArray();
        return (await journal.Append([new(new(ids.Next()), tenant, Actor, facts, conditions, [.. work])]))[0];
    }

    private (TenantId, BackendId) OfKey(LocationView location)
    {
        var (tenant, backend) = OfKey();
        if (backend != location.Backend) throw new InvalidOperationException($"a location in {location.Backend} was given to {Key}");
        return (tenant, backend);
    }

    private (TenantId, BackendId) OfKey()
    {
        var parts = Key.Split('/');
        return (new(parts[0]), new(parts[1]));
    }

    private static TaskCompletionSource<Error?> NewSignal() => new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>
    /// An attempt that this activation believes to be at it. All who wait for it share one timer; without them there is none.
    /// </summary>
    private sealed class Settling(AttemptId owner, TimeProvider time)
    {
        private Task? _patience;

        public AttemptId Owner { get; } = owner;

        public Task Patience => _patience ??= Task.Delay(ContentGrain.Patience, time);

        public bool PatienceIsOver => _patience is { IsCompleted: true };
    }
}
