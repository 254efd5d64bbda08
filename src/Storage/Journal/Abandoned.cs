using ArtifactStore.Interfaces.Events;
using ArtifactStore.Interfaces.Hashing;
using ArtifactStore.Interfaces.Ids;
using ArtifactStore.Interfaces.Journal;

namespace ArtifactStore.Storage.Journal;

/// <summary>A reservation whose owner is dead becomes condemned, by an ordinary append: it is refused if the reservation is gone by then.</summary>
internal static class Abandoned
{
    public const int AppendsAtOnce = 256;

    public static Append Condemn(
        TenantId tenant, BackendId backend, Digest256 content, int generation, string physicalKey, DateTimeOffset now, IIds ids)
    {
        var condemned = new LocationCondemned(backend, content, generation, physicalKey, "the process that reserved it ended");
        return new(
            new(ids.Next()), tenant, Actors.System,
            [new(StreamId.Of(tenant, content), now, condemned)],
            [new Condition.ReservationExists(tenant, backend, content, generation)],
            [new WorkChange.DropReservation(tenant, backend, content, generation)]);
    }
}
