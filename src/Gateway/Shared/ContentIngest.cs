using ArtifactStore.Interfaces.Blobs;
using ArtifactStore.Interfaces.Contents;
using ArtifactStore.Interfaces.Errors;
using ArtifactStore.Interfaces.Hashing;
using ArtifactStore.Interfaces.Hosting;
using ArtifactStore.Interfaces.Ids;
using ArtifactStore.Interfaces.Journal;
using Microsoft.Extensions.Logging;

namespace ArtifactStore.Gateway.Shared;

/// <summary>Bytes on their way in, and what their sender says about them.</summary>
public sealed record IncomingContent(TenantId Tenant, BackendId Backend, Stream Bytes, long? SizeHint, ExpectedDigests Expected);

/// <summary>What became of the attempt to refer to placed bytes.</summary>
public abstract record Claim<T>
{
    private Claim() { }

    /// <summary>The reference is durable.</summary>
    public sealed record Made(T Value) : Claim<T>;

    /// <summary>What was wanted is so without this reference: none was made, and the bytes are not needed.</summary>
    public sealed record AlreadySo(T Value) : Claim<T>;

    /// <summary>The placement no longer held: place the bytes again.</summary>
    public sealed record PlaceAgain : Claim<T>;
}

/// <summary>
/// The one way in for bytes, on every door: stage, compare, place, promote, claim (design §6, steps 2 to 5). Invariants: staged bytes stay
/// until the claim is committed; a key is written only under a reservation of this attempt; nothing here ever deletes an object, on any
/// path.
/// </summary>
public sealed partial class ContentIngest(IGrains grains, IBlobStores stores, IIds ids, ILogger<ContentIngest> logger)
{
    /// <summary>Each turn means that a collector or another pusher was faster; losing this often means something is wrong.</summary>
    public const int MaxPlacements = 8;

    /// <param name="claim">Appends the reference. It is called again when it says that the placement no longer held.</param>
    /// <param name="cancellation">Counts while bytes arrive. Once all are here the rest is short and is finished, so that no reservation is
    /// left behind for others to wait on.</param>
    public async Task<Outcome<T>> Ingest<T>(
        IncomingContent incoming, Func<ContentDigests, Placement, Task<Outcome<Claim<T>>>> claim, CancellationToken cancellation)
    {
        var store = stores.Get(incoming.Backend);
        var staged = await store.Stage(new AttemptId(ids.Next()), incoming.Bytes, incoming.SizeHint, cancellation);
        await using var _ = staged;
        if (incoming.Expected.Refuse(staged.Digests) is { } mismatch) return mismatch;

        var key = ContentKey.Of(incoming.Tenant, incoming.Backend, staged.Digests.Blake3);
        for (var turn = 0; turn < MaxPlacements; turn++)
        {
            var place = new PlaceContent(incoming.Tenant, incoming.Backend, staged.Digests, staged.Attempt);
            var placed = await grains.Call<IContentGrain, Outcome<Placement>>(key, grain => grain.Place(place));
            if (!placed.Succeeded) return placed.Error;
            var claimed = placed.Value switch
            {
                Placement.Live live => await claim(staged.Digests, live),
                Placement.Reserved reserved => await Settle(store, staged, key, reserved, claim),
                _ => throw new InvalidOperationException($"unknown placement {placed.Value.GetType().Name}"),
            };
            if (!claimed.Succeeded) return claimed.Error;
            switch (claimed.Value)
            {
                case Claim<T>.Made made:
                    return made.Value;
                case Claim<T>.AlreadySo already:
                    return already.Value;
            }
        }
        return ErrorCatalogue.Overloaded.With($"the bytes could not be placed within {MaxPlacements} turns");
    }

    private async Task<Outcome<Claim<T>>> Settle<T>(
        IBlobStore store,
        IStagedBlob staged,
        string key,
        Placement.Reserved placement,
        Func<ContentDigests, Placement, Task<Outcome<Claim<T>>>> claim)
    {
        var reservation = placement.Reservation;
        var settled = false;
        var reason = "nobody refers to it";
        try
        {
            await store.Promote(staged, reservation.PhysicalKey);
            var claimed = await claim(staged.Digests, placement);
            settled = claimed.Succeeded && claimed.Value is Claim<T>.Made;
            return claimed;
        }
        catch (BlobStoreException exception) when (exception.Failure == BlobFailure.KeyOccupied)
        {
            // Other bytes lie at our key: they are nobody's. Condemning the reservation makes the next placement another generation.
            reason = "other bytes lie at the key";
            return new Claim<T>.PlaceAgain();
        }
        catch (Exception exception) when (exception is BlobStoreException or JournalUnavailableException)
        {
            reason = exception.Message;
            throw;
        }
        finally
        {
            if (settled) await TellSettled(key, reservation);
            else await Abandon(key, reservation, reason);
        }
    }

    /// <summary>A hint: without it those who wait for the reservation only wait a little longer.</summary>
    private async Task TellSettled(string key, Reservation reservation)
    {
        var location = new LocationView(
            reservation.Backend,
            reservation.Content.Blake3,
            reservation.Generation,
            reservation.PhysicalKey,
            LocationState.Live,
            Encoding: "identity");
        try
        {
            await grains.Call<IContentGrain>(key, grain => grain.Settled(location));
        }
        catch (JournalUnavailableException exception)
        {
            LogHintLost(logger, reservation.PhysicalKey, exception);
        }
    }

    /// <summary>
    /// Best effort: a reservation that stays is condemned by whoever loses patience with it. It must not hide the first failure.
    /// </summary>
    private async Task Abandon(string key, Reservation reservation, string reason)
    {
        try
        {
            await grains.Call<IContentGrain>(key, grain => grain.Abandon(reservation, reason));
        }
        catch (JournalUnavailableException exception)
        {
            LogReservationLeft(logger, reservation.PhysicalKey, exception);
        }
    }

    [LoggerMessage(EventId = 2001, Level = LogLevel.Debug, Message = "Nobody was told that {PhysicalKey} is settled")]
    private static partial void LogHintLost(ILogger logger, string physicalKey, Exception exception);

    [LoggerMessage(EventId = 2002, Level = LogLevel.Warning,
        Message = "The reservation of {PhysicalKey} could not be given up; the next attempt will condemn it")]
    private static partial void LogReservationLeft(ILogger logger, string physicalKey, Exception exception);
}
