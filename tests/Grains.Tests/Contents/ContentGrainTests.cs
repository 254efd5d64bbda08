using System.Collections.Concurrent;
using ArtifactStore.Interfaces.Contents;
using ArtifactStore.Interfaces.Errors;
using ArtifactStore.Interfaces.Hosting;
using ArtifactStore.Interfaces.Ids;
using ArtifactStore.Interfaces.Journal;
using ArtifactStore.Interfaces.Packages;

namespace ArtifactStore.Grains.Tests.Contents;

/// <summary>Design §6, steps 3 to 6, as far as one node's grain brings them about.</summary>
public class ContentGrainTests
{
    private static readonly Interfaces.Hashing.ContentDigests Bytes = World.Content("popular");
    private static readonly string Key = ContentKey.Of(World.Tenant, BackendId.Local, Bytes.Blake3);

    [Fact]
    public async Task A_thousand_pushers_of_one_content_cost_one_promotion()
    {
        await using var world = new World();
        var node = await world.SeededNode();
        var packages = new List<PackageView>();
        for (var i = 0; i < 10; i++) packages.Add(await world.Created(node));
        var promotions = new ConcurrentBag<string>();

        await Eventually.In(Task.WhenAll(Enumerable.Range(0, 1000).Select(i => Task.Run(async () =>
        {
            var placement = (await world.Place(node, Bytes)).Value!;
            if (placement is Placement.Reserved { Reservation: var mine }) promotions.Add(mine.PhysicalKey);
            var command = world.Ingestion(packages[i % 10].Id, $"{i}", Bytes, placement);
            World.FileDone(await World.Send(node, command));
            if (placement is Placement.Reserved { Reservation: var settled }) await World.Settled(node, settled);
        }))));

        Assert.Single(promotions);
        var events = await world.Views.Events(0, 10_000, []);
        Assert.Equal(1, events.Count(record => record.Type == "v1.storage.location_settled"));
        Assert.Equal(1000, events.Count(record => record.Type == "v1.file.ingested"));
    }

    [Fact]
    public async Task Who_waits_for_an_attempt_that_died_takes_the_next_generation_and_only_one_does()
    {
        await using var world = new World();
        var node = world.Node();
        Reserved(await world.Place(node, Bytes));
        var waiting = Enumerable.Range(0, 20).Select(_ => world.Place(node, Bytes)).ToList();
        await Eventually.True(() => world.Time.Waiting == 2);
        Assert.DoesNotContain(waiting, place => place.IsCompleted);

        world.Time.Advance(Grains.Contents.ContentGrain.Patience);
        var next = Reserved(await await Eventually.In(Task.WhenAny(waiting)));
        Assert.Equal(2, next.Generation);
        await Eventually.True(() => world.Time.Waiting == 2);
        Assert.Equal(1, waiting.Count(place => place.IsCompleted));
        await World.Settled(node, next);
        await Eventually.In(Task.WhenAll(waiting));
    }

    [Fact]
    public async Task Who_waits_goes_on_at_once_when_the_bytes_are_settled()
    {
        await using var world = new World();
        var node = await world.SeededNode();
        var package = await world.Created(node);
        var mine = Reserved(await world.Place(node, Bytes));
        var waiting = Enumerable.Range(0, 20).Select(_ => world.Place(node, Bytes)).ToList();
        World.FileDone(await World.Send(node, world.Ingestion(package.Id, "a", Bytes, new Placement.Reserved(mine))));
        await World.Settled(node, mine);
        foreach (var outcome in await Eventually.In(Task.WhenAll(waiting))) Assert.IsType<Placement.Live>(outcome.Value);
    }

    [Fact]
    public async Task An_abandoned_reservation_is_condemned_and_the_next_one_goes_on_at_once()
    {
        await using var world = new World();
        var node = world.Node();
        var first = Reserved(await world.Place(node, Bytes));
        var waiting = world.Place(node, Bytes);
        await node.Call<IContentGrain>(Key, grain => grain.Abandon(first, "the body was cut off"));
        Assert.Equal(2, Reserved(await Eventually.In(waiting)).Generation);
        Assert.Equal("v1.storage.location_condemned", Assert.Single(await world.Views.Events(0, 10, [])).Type);

        await node.Call<IContentGrain>(Key, grain => grain.Abandon(first, "again"));
        Assert.Single(await world.Views.Events(0, 10, []));
    }

    [Fact]
    public async Task What_was_settled_cannot_be_abandoned()
    {
        await using var world = new World();
        var node = await world.SeededNode();
        var package = await world.Created(node);
        var mine = Reserved(await world.Place(node, Bytes));
        World.FileDone(await World.Send(node, world.Ingestion(package.Id, "a", Bytes, new Placement.Reserved(mine))));
        await node.Call<IContentGrain>(Key, grain => grain.Abandon(mine, "too late"));
        Assert.NotNull(await world.Views.LiveLocation(World.Tenant, BackendId.Local, ContentAddress.Blake3(Bytes.Blake3)));
    }

    [Fact]
    public async Task A_claim_that_was_condemned_places_again_and_gets_a_new_generation()
    {
        await using var world = new World();
        var node = await world.SeededNode();
        var package = await world.Created(node);
        var attempt = new AttemptId(world.Ids.Next());
        var mine = Reserved(await World.Place(node, Bytes, attempt));
        await node.Call<IContentGrain>(Key, grain => grain.Abandon(mine, "somebody else did this"));
        var answer = await World.Send(node, world.Ingestion(package.Id, "a", Bytes, new Placement.Reserved(mine)));
        Assert.IsType<PackageAnswer.PlaceAgain>(answer.Value);
        Assert.Equal(2, Reserved(await World.Place(node, Bytes, attempt)).Generation);
    }

    [Fact]
    public async Task Missing_bytes_fail_their_location_and_the_hint_of_it()
    {
        await using var world = new World();
        var node = await world.SeededNode();
        var package = await world.Created(node);
        World.FileDone(await world.Push(node, package.Id, "a", Bytes));
        var live = Assert.IsType<Placement.Live>((await world.Place(node, Bytes)).Value).Location;
        await node.Call<IContentGrain>(Key, grain => grain.ReportMissing(live, "no such file"));
        Assert.Equal(1, (await world.Views.Status()).FailedLocations[BackendId.Local]);
        Assert.Equal(2, Reserved(await world.Place(node, Bytes)).Generation);
        await node.Call<IContentGrain>(Key, grain => grain.ReportMissing(live, "again"));
        Assert.Single(await world.Views.Events(0, 100, ["v1.storage.location_failed"]));
    }

    [Fact]
    public async Task A_hint_of_healing_that_lies_condemns_nothing()
    {
        await using var world = new World();
        var node = await world.SeededNode();
        var package = await world.Created(node);
        World.FileDone(await world.Push(node, package.Id, "a", Bytes));
        var failed = Assert.IsType<Placement.Live>((await world.Place(node, Bytes)).Value).Location;
        await node.Call<IContentGrain>(Key, grain => grain.ReportMissing(failed, "its disk was away"));
        await World.Settled(node, Reserved(await world.Place(node, Bytes)));
        Assert.Empty(await world.Views.Events(0, 100, ["v1.storage.location_condemned"]));
    }

    [Fact]
    public async Task A_hint_that_lies_is_believed_once()
    {
        await using var world = new World();
        var node = await world.SeededNode();
        var package = await world.Created(node);
        await World.Settled(node, new(World.Tenant, BackendId.Local, Bytes, 1, "nowhere", new(world.Ids.Next())));
        var attempt = new AttemptId(world.Ids.Next());
        var lie = (await World.Place(node, Bytes, attempt)).Value!;
        Assert.IsType<Placement.Live>(lie);
        Assert.IsType<PackageAnswer.PlaceAgain>((await World.Send(node, world.Ingestion(package.Id, "a", Bytes, lie))).Value);
        Reserved(await World.Place(node, Bytes, attempt));
    }

    [Fact]
    public async Task An_attempt_of_another_node_is_looked_after_until_it_settles()
    {
        await using var world = new World();
        var here = await world.SeededNode();
        var there = world.Node();
        var package = await world.Created(here);
        var mine = Reserved(await world.Place(here, Bytes));
        var waiting = world.Place(there, Bytes);
        await Eventually.True(() => world.Time.Waiting == 4);
        World.FileDone(await World.Send(here, world.Ingestion(package.Id, "a", Bytes, new Placement.Reserved(mine))));
        world.Time.Advance(Grains.Contents.ContentGrain.FirstLookAgain);
        Assert.IsType<Placement.Live>((await Eventually.In(waiting)).Value);
    }

    [Fact]
    public async Task Without_a_journal_every_waiting_pusher_is_told()
    {
        await using var world = new World();
        var faults = new FaultyJournal(world.Journal) { Hold = true };
        var node = world.Node(between: _ => faults);
        var waiting = Enumerable.Range(0, 20).Select(_ => world.Place(node, Bytes)).ToList();
        await Eventually.True(() => faults.Held == 1);
        faults.Away = true;
        faults.Release();
        foreach (var outcome in await Eventually.In(Task.WhenAll(waiting)))
        {
            World.Refused(ErrorCatalogue.DatabaseUnavailable, outcome.Error);
        }
        faults.Away = false;
        Reserved(await world.Place(node, Bytes));
    }

    private static Reservation Reserved(Outcome<Placement> outcome) => Assert.IsType<Placement.Reserved>(outcome.Value).Reservation;
}
