using ArtifactStore.Interfaces.Errors;
using ArtifactStore.Interfaces.Hosting;
using ArtifactStore.Interfaces.Ids;
using ArtifactStore.Interfaces.Journal;
using ArtifactStore.Interfaces.Packages;
using ArtifactStore.Interfaces.Retention;
using ArtifactStore.Interfaces.Views;

namespace ArtifactStore.Gateway.Shared;

/// <param name="Eligible">Packages that this sweep marked.</param>
/// <param name="Held">Expired ones that a hold keeps.</param>
/// <param name="HoldsReleased">Holds whose own end had come.</param>
public sealed record SweepReport(long Eligible, long Held, long HoldsReleased);

/// <summary>
/// Marks what has expired and nothing keeps. It deletes nothing. Two sweeps at once are slow at worst: each mark is decided by its grain and
/// proved by the journal, so a package is marked once. The work follows what has expired since the last sweep and what holds keep beyond
/// their time, in pages, however many packages the store has.
/// </summary>
public sealed class RetentionSweep(IGrains grains, IViews views, IIds ids, TimeProvider time)
{
    public const int BatchSize = 500;

    private const string Actor = "system";
    private const string EndReached = "its end has come";

    /// <summary>Holds first: what they kept may have expired long ago.</summary>
    /// <exception cref="JournalUnavailableException">The database does not answer; what was marked is marked, the next sweep goes on.</exception>
    public async Task<SweepReport> Run(CancellationToken cancellation = default)
    {
        var now = time.GetUtcNow();
        var released = await ReleaseEnded(now, cancellation);
        var (eligible, held) = await MarkExpired(now, cancellation);
        return new(eligible, held, released);
    }

    private async Task<long> ReleaseEnded(DateTimeOffset now, CancellationToken cancellation)
    {
        var released = 0L;
        HoldView? after = null;
        while (await views.EndedHolds(now, after, BatchSize, cancellation) is { Count: > 0 } page)
        {
            var answers = await Task.WhenAll(page.Select(hold => Release(hold, now)));
            released += answers.Count(done => done);
            after = page[^1];
            cancellation.ThrowIfCancellationRequested();
        }
        return released;
    }

    private async Task<(long Eligible, long Held)> MarkExpired(DateTimeOffset now, CancellationToken cancellation)
    {
        var (eligible, held) = (0L, 0L);
        DuePackage? after = null;
        while (await views.DuePackages(now, after, BatchSize, cancellation) is { Count: > 0 } page)
        {
            var answers = await Task.WhenAll(page.Select(due => Mark(due, now)));
            eligible += answers.Count(answer => answer == MarkAnswer.Marked);
            held += answers.Count(answer => answer == MarkAnswer.Held);
            after = page[^1];
            cancellation.ThrowIfCancellationRequested();
        }
        return (eligible, held);
    }

    private async Task<MarkAnswer> Mark(DuePackage due, DateTimeOffset now)
    {
        var command = new MarkExpired(new(ids.Next()), due.Tenant, due.Package, Actor, now, due.ExpiresAt);
        var outcome = await grains.Call<IPackageGrain, Outcome<MarkAnswer>>(
            PackageKey.Of(due.Tenant, due.Package), grain => grain.MarkExpired(command));
        return outcome.Succeeded ? outcome.Value : throw Unavailable(outcome.Error);
    }

    /// <summary>This very hold: one that was applied again under its id has an end of its own.</summary>
    private async Task<bool> Release(HoldView hold, DateTimeOffset now)
    {
        var command = new ReleaseHold(
            new(ids.Next()), hold.Tenant, hold.Id, Actor, now, new(hold.Kind, hold.Covers), EndReached, hold.Key);
        var error = hold.Kind == HoldKind.Package
            ? (await grains.Call<IPackageGrain, Outcome<PackageView>>(
                PackageKey.Of(hold.Tenant, PackageId.Parse(hold.Covers, null)), grain => grain.ReleaseHold(command))).Error
            : (await grains.Call<IHoldGrain, Outcome<bool>>(HoldKey.Of(hold.Tenant, hold.Id), grain => grain.Release(command))).Error;
        // Somebody else released it meanwhile.
        if (error?.Code == ErrorCatalogue.HoldUnknown.Code) return false;
        return error is null ? true : throw Unavailable(error);
    }

    private static JournalUnavailableException Unavailable(Error error) => new($"the sweep stopped: {error.Detail}")
    {
        Overloaded = error.Code == ErrorCatalogue.Overloaded.Code,
    };
}
