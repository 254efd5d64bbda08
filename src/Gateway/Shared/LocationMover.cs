using System.Collections.Concurrent;
using ArtifactStore.Interfaces.Blobs;
using ArtifactStore.Interfaces.Contents;
using ArtifactStore.Interfaces.Errors;
using ArtifactStore.Interfaces.Hosting;
using ArtifactStore.Interfaces.Ids;
using ArtifactStore.Interfaces.Journal;
using ArtifactStore.Interfaces.Views;
using Microsoft.Extensions.Logging;

namespace ArtifactStore.Gateway.Shared;

/// <summary>What one page of a move did.</summary>
/// <param name="FromBackendId">Where the contents were.</param>
/// <param name="ToBackendId">Where they are.</param>
/// <param name="Next">The key that the next page comes after; null when there is none.</param>
/// <param name="Locations">How many were looked at.</param>
/// <param name="Moved">How many were copied and let go where they were.</param>
/// <param name="Bytes">How many were copied.</param>
/// <param name="AlreadyThere">How many had a good copy there, so that they were only let go where they were.</param>
/// <param name="Skipped">How many somebody else moved, released or replaced meanwhile.</param>
/// <param name="Faults">What could not be moved, because its bytes are not good where they are.</param>
public sealed record MovePage(
    string FromBackendId, string ToBackendId, long? Next, long Locations, long Moved, long Bytes, long AlreadyThere, long Skipped,
    IReadOnlyList<VerificationFault> Faults);

/// <summary>A backend failed, so nothing more can be moved; what was moved is moved.</summary>
public sealed class MoveStoppedException(BackendId backend, Exception cause) : Exception($"backend {backend}: {cause.Message}", cause)
{
    public bool IsFull { get; } = cause is BlobStoreException { Failure: BlobFailure.Full };
}

/// <summary>
/// Moves contents from one backend to another while everything runs (ADR 9). Invariants: a location is let go in the append that proves that
/// the other one is live; nothing is deleted here; the copy is one more attempt, staged, compared, reserved and promoted like every other, and
/// a copy that is there already is read before it is relied on.
/// </summary>
public sealed partial class LocationMover(
    IViews views, IGrains grains, IBlobStores stores, ContentIngest ingest, LocationVerifier verifier, ILogger<LocationMover> logger)
{
    /// <summary>Why nothing can be moved so; null: it can.</summary>
    public async Task<Error?> FindFault(
        TenantId tenant, string from, string to, string? retentionClass, CancellationToken cancellation)
    {
        foreach (var id in (string[])[from, to])
        {
            if (stores.All.All(store => store.Id.Value != id)) return ErrorCatalogue.BackendUnknown.With($"there is no storage backend '{id}'");
        }
        if (from == to) return ErrorCatalogue.RequestMalformed.With($"contents of '{from}' move to another backend, not to itself");
        return retentionClass is null || await views.RetentionClass(tenant, retentionClass, cancellation) is not null
            ? null
            : ErrorCatalogue.ClassUnknown.With($"there is no retention class '{retentionClass}'");
    }

    /// <param name="from">Where the contents are.</param>
    /// <param name="to">Another backend.</param>
    /// <param name="retentionClass">Only what packages of this class use, for everybody who uses it; null: all.</param>
    /// <param name="after">Next of the page before; 0 begins.</param>
    /// <param name="jobs">Objects that are copied at once.</param>
    /// <param name="cancellation">Stops it; what was moved is moved.</param>
    /// <exception cref="MoveStoppedException">A backend failed.</exception>
    /// <exception cref="JournalUnavailableException">The database does not answer.</exception>
    public async Task<MovePage> Page(
        BackendId from, BackendId to, string? retentionClass, long after, int jobs, CancellationToken cancellation)
    {
        var page = await LocationWalk.Page(views, from, retentionClass, after, cancellation);
        var results = new ConcurrentBag<(StoredLocation Location, Result Result)>();
        await Parallel.ForEachAsync(
            page.Items, LocationWalk.Bounded(jobs, cancellation), async (item, token) => results.Add((item, await Move(item, to, token))));
        return new(
            from.Value, to.Value, page.Next, page.Items.Count, Count(Step.Moved),
            results.Where(pair => pair.Result.Step == Step.Moved).Sum(pair => pair.Location.Content.Size), Count(Step.AlreadyThere), Count(Step.Skipped),
            [.. results.OrderBy(pair => pair.Location.Key).Select(pair => pair.Result.Fault).OfType<VerificationFault>()]);

        long Count(Step step) => results.LongCount(pair => pair.Result.Step == step);
    }

    private async Task<Result> Move(StoredLocation item, BackendId to, CancellationToken cancellation)
    {
        if (item.Location.State != LocationState.Live) return (await Look(item, cancellation)).Result;
        if (await LetGo(item, to, cancellation) is { } step) return new(step);
        var reason = "the bytes that arrived were others; where they are they are good";
        try
        {
            await using var bytes = await stores.Get(item.Location.Backend).Open(item.Location.PhysicalKey, 0, null, cancellation);
            if (bytes is not null)
            {
                var expected = new ExpectedDigests(item.Content.Blake3, item.Content.Sha256);
                var incoming = new IncomingContent(item.Tenant, to, bytes, item.Content.Size, expected);
                var moved = await ingest.Ingest(incoming, (_, placement) => Settle(item, to, placement), cancellation);
                if (moved.Succeeded) return new(moved.Value);
                if (moved.Error.Code != ErrorCatalogue.DigestMismatch.Code) throw Stopped(moved.Error);
            }
        }
        catch (Exception failure) when (failure is BlobStoreException or IOException)
        {
            // Whose failure it was tells who reads it again.
            var (result, isGood) = await Look(item, cancellation);
            if (isGood) throw new MoveStoppedException(to, failure);
            LogNotMoved(logger, item.Location.Backend.Value, item.Location.PhysicalKey, failure.Message);
            return result;
        }
        var looked = await Look(item, cancellation);
        return looked.IsGood ? new(Step.Failed, Fault(item, reason)) : looked.Result;
    }

    /// <summary>
    /// A good copy is there already: only the append is left. Null: there is none, or it was gone when the journal was asked.
    /// </summary>
    private async Task<Step?> LetGo(StoredLocation item, BackendId to, CancellationToken cancellation)
    {
        if (await views.LiveLocation(item.Tenant, to, ContentAddress.Blake3(item.Content.Blake3), cancellation) is not { } there) return null;
        // Nothing was copied, so nobody looked: what is rotten there would be all that is left.
        var looked = await Verify(item with { Location = there }, cancellation);
        if (looked.Verified + looked.Repaired == 0) return null;
        return await Settle(item, to, new Placement.Live(there)) is { Value: Claim<Step>.Made made } ? made.Value : null;
    }

    private async Task<Outcome<Claim<Step>>> Settle(StoredLocation item, BackendId to, Placement placement)
    {
        var command = new MoveContent(item.Content, placement, item.Location);
        switch (await grains.Call<IContentGrain, MoveResult>(Key(item, to), grain => grain.Move(command)))
        {
            case MoveResult.Done:
                await grains.Call<IContentGrain>(Key(item, item.Location.Backend), grain => grain.Left(item.Location));
                return new Claim<Step>.Made(placement is Placement.Live ? Step.AlreadyThere : Step.Moved);
            case MoveResult.PlaceAgain:
                return new Claim<Step>.PlaceAgain();
            default:
                return new Claim<Step>.AlreadySo(Step.Skipped);
        }
    }

    /// <summary>Reads the location again, as the verification does: bad bytes become failed, and are repaired where there is a good copy.</summary>
    private async Task<(Result Result, bool IsGood)> Look(StoredLocation item, CancellationToken cancellation)
    {
        var looked = await Verify(item, cancellation);
        return looked.Faults is [var fault, ..] ? (new(Step.Failed, fault), false) : (new(Step.Skipped), looked.Verified > 0);
    }

    private async Task<VerificationPage> Verify(StoredLocation item, CancellationToken cancellation)
    {
        try
        {
            return await verifier.Verify(item.Location.Backend, [item], jobs: 1, cancellation);
        }
        catch (BlobStoreException failure)
        {
            throw new MoveStoppedException(item.Location.Backend, failure);
        }
    }

    private static VerificationFault Fault(StoredLocation item, string reason) => new(
        ContentAddress.Blake3(item.Content.Blake3).ToString(), item.Location.Generation, item.Location.PhysicalKey, reason, Failed: false,
        Repaired: false);

    private static JournalUnavailableException Stopped(Error error) =>
        new(error.Detail) { Overloaded = error.Code == ErrorCatalogue.Overloaded.Code };

    private static string Key(StoredLocation item, BackendId backend) => ContentKey.Of(item.Tenant, backend, item.Content.Blake3);

    private enum Step
    {
        Moved,
        AlreadyThere,
        Skipped,
        Failed,
    }

    private sealed record Result(Step Step, VerificationFault? Fault = null);

    [LoggerMessage(EventId = 2033, Level = LogLevel.Warning, Message = "Backend {Backend} does not give what it has at {PhysicalKey}: {Reason}")]
    private static partial void LogNotMoved(ILogger logger, string backend, string physicalKey, string reason);
}
