using System.Net;
using ArtifactStore.Gateway.Shared;
using ArtifactStore.Gateway.Tests.Fixtures;
using ArtifactStore.Interfaces.Access;
using ArtifactStore.Interfaces.Contents;
using ArtifactStore.Interfaces.Errors;
using ArtifactStore.Interfaces.Hosting;
using ArtifactStore.Interfaces.Ids;
using ArtifactStore.Interfaces.Journal;
using ArtifactStore.Interfaces.Packages;
using Microsoft.Extensions.Logging.Abstractions;

namespace ArtifactStore.Gateway.Tests.Acceptance;

/// <summary>Two finalize one package; the one that comes too late has already reserved and written a manifest of its own.</summary>
public sealed class FinalizeRaceTests : IAsyncLifetime
{
    private static readonly Principal Caller = new(TenantId.Default, "late", Anonymous: false);

    private RealStore _store = null!;

    public async ValueTask InitializeAsync() => _store = await RealStore.Start();

    public ValueTask DisposeAsync() => _store.DisposeAsync();

    [Fact]
    public async Task A_finalize_that_lost_leaves_no_reservation_and_answers_as_the_one_that_won()
    {
        var id = PackageId.Parse(await _store.Client.CreatePackage(), null);
        await _store.Client.PutFile($"{id}", "a", [1, 2, 3]).Json(HttpStatusCode.Created);
        PackageView? won = null;
        var between = new Interposed(_store.Grains, async () =>
        {
            // A file first, so that the manifest of the winner is another one and nobody waits for the same bytes.
            await _store.Client.PutFile($"{id}", "b", [4, 5, 6]).Json(HttpStatusCode.Created);
            await _store.Client.Finalize($"{id}").Json();
            won = await _store.Database.Views.Package(TenantId.Default, id);
        });
        var ids = new RandomIds();
        var views = _store.Database.Views;
        var ingest = new ContentIngest(between, _store.Blobs, ids, NullLogger<ContentIngest>.Instance);
        var finalizer = new PackageFinalizer(ingest, new ManifestBuilder(views), between, views, ids, TimeProvider.System);

        var lost = await finalizer.Finalize(Caller, id, CancellationToken.None);

        Assert.Null(lost.Error);
        Assert.Equal(won, lost.Value);
        var reservation = Assert.Single(between.Reserved);
        var condemned = await views.Events(0, 100, ["v1.storage.location_condemned"]);
        Assert.Equal(reservation.Content.Blake3.ToHex(), Assert.Single(condemned).Stream.Id);
        // Nobody is at it any more: the next one need not take over.
        var again = new ReserveContent(TenantId.Default, reservation.Backend, reservation.Content, new(ids.Next()), TakeOver: false);
        Assert.Equal(2, Assert.IsType<ReserveResult.Granted>(await _store.Database.Journal.Reserve(again)).Reservation.Generation);
    }

    /// <summary>Lets something happen after the bytes of a finalize were placed and before its command arrives.</summary>
    private sealed class Interposed(IGrains inner, Func<Task> happens) : IGrains
    {
        public List<Reservation> Reserved { get; } = [];

        public async Task<TResult> Call<TGrain, TResult>(string key, Func<TGrain, Task<TResult>> call) where TGrain : class, IGrain
        {
            if (typeof(TGrain) == typeof(IPackageGrain)) await happens();
            var result = await inner.Call(key, call);
            if (result is Outcome<Placement> { Value: Placement.Reserved { Reservation: var mine } }) Reserved.Add(mine);
            return result;
        }

        public Task Call<TGrain>(string key, Func<TGrain, Task> call) where TGrain : class, IGrain => inner.Call(key, call);
    }
}
