using System.Collections.Immutable;
using ArtifactStore.Grains.Hosting;
using ArtifactStore.Grains.Journaling;
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
        if (location.Generation > 1) await CondemnHealed(location);
    }

    public async Task Abandon(Reservation reservation, string reason)
    {
        var content = reservation.Content.Blake3;
        var condemned = new LocationCondemned(reservation.Backend, content, reservation.Generation, reservation.PhysicalKey, reason);
        try
        {
            await Append(
                reservation.Tenant, content, condemned,
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

    public async Task ReportMissing(LocationView location, string reason)
    {
        _live.Clear();
        var (tenant, backend) = OfKey();
        if (backend != location.Backend) throw new InvalidOperationException($"a location in {location.Backend} was reported to {Key}");
        await Append(
            tenant, location.Content, new LocationFailed(location.Backend, location.Content, location.Generation, reason),
            [new Condition.LocationIs(tenant, location.Backend, location.Content, location.Generation, LocationState.Live)]);
    }

    /// <summary>
    /// Good bytes are back: the generations that had failed are not coming back, and health stops counting them once they are condemned.
    /// A crash before this leaves them failed until the content is settled again; no byte depends on it. That it is settled is only a hint:
    /// it may be late, or wrong. Without a live location the failed one is all that the references have, so the append proves both.
    /// </summary>
    private async Task CondemnHealed(LocationView settled)
    {
        var (tenant, _) = OfKey();
        var content = await views.Content(new ReadScope(tenant), ContentAddress.Blake3(settled.Content));
        foreach (var failed in content?.Locations ?? [])
        {
            if (failed.State != LocationState.Failed || failed.Backend != settled.Backend) continue;
            await Append(
                tenant, settled.Content,
                new LocationCondemned(
                    failed.Backend, failed.Content, failed.Generation, failed.PhysicalKey, $"healed by generation {settled.Generation}"),
                [
                    new Condition.LocationIs(tenant, failed.Backend, failed.Content, failed.Generation, LocationState.Failed),
                    new Condition.LocationLive(tenant, failed.Backend, failed.Content),
                ]);
        }
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
            if (await Task.WhenAny(_changed.Task, next, mine.Patience) != next || _settling != mine) return null;
            lookAgain *= 2;
        }
    }

    /// <summary>Waits until something has changed or the patience with this attempt is over. An error when the journal is away.</summary>
    private async Task<Error?> ChangeOrPatience(Settling other)
    {
        var change = _changed.Task;
        return await Task.WhenAny(change, other.Patience) == change ? await change : null;
    }

    private void Signal(Error? error = null)
    {
        var changed = _changed;
        _changed = NewSignal();
        changed.TrySetResult(error);
    }

    private async Task Append(
        TenantId tenant,
        Interfaces.Hashing.Digest256 content,
        StoreEvent body,
        ImmutableArray<Condition> conditions,
        params WorkChange[] work)
    {
        var fact = new StreamEvent(StreamId.Of(tenant, content), time.GetUtcNow().CutToMicroseconds(), body);
        // Refused means that it is no longer so: somebody settled, condemned or reported it first. All of these are fine.
        await journal.Append([new(new(ids.Next()), tenant, Actor, [fact], conditions, [.. work])]);
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
