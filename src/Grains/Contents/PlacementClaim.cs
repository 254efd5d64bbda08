using System.Collections.Immutable;
using ArtifactStore.Interfaces.Contents;
using ArtifactStore.Interfaces.Events;
using ArtifactStore.Interfaces.Hashing;
using ArtifactStore.Interfaces.Ids;
using ArtifactStore.Interfaces.Journal;

namespace ArtifactStore.Grains.Contents;

/// <summary>
/// What a reference must prove about its bytes, and what it brings along: invariant 1 of design §6 rests on every reference being appended
/// with this condition.
/// </summary>
internal sealed record PlacementClaim(BackendId Backend, Condition Condition, StreamEvent? Settled, ImmutableArray<WorkChange> Work)
{
    /// <summary>How bytes lie that lie as they are.</summary>
    public const string AsIs = "identity";

    public static PlacementClaim Of(Placement placement, TenantId tenant, ContentDigests content, DateTimeOffset time) => placement switch
    {
        Placement.Live { Location: var location } when location.Content == content.Blake3 => new(
            location.Backend, new Condition.LocationLive(tenant, location.Backend, content.Blake3), Settled: null, []),
        Placement.Reserved { Reservation: var reservation } when reservation.Content == content && reservation.Tenant == tenant => new(
            reservation.Backend,
            new Condition.MaySettle(reservation),
            new(
                StreamId.Of(tenant, content.Blake3), time,
                new LocationSettled(reservation.Backend, content, reservation.Generation, reservation.PhysicalKey, AsIs)),
            [new WorkChange.DropReservation(tenant, reservation.Backend, content.Blake3, reservation.Generation)]),
        _ => throw new ArgumentException("the placement is of another content than the reference", nameof(placement)),
    };

    /// <summary>The location first: whoever reads the log in order never sees a reference to bytes that are not there.</summary>
    public ImmutableArray<StreamEvent> With(StreamEvent reference) => Settled is null ? [reference] : [Settled, reference];
}
