using ArtifactStore.Interfaces.Contents;
using ArtifactStore.Interfaces.Errors;
using ArtifactStore.Interfaces.Hosting;
using ArtifactStore.Interfaces.Ids;
using ArtifactStore.Interfaces.Journal;

namespace ArtifactStore.Grains.Tests.Contents;

/// <summary>What a verification tells the grain of a content, and what becomes of it.</summary>
public class RepairTests
{
    private static readonly Interfaces.Hashing.ContentDigests Bytes = World.Content("popular");
    private static readonly string Key = ContentKey.Of(World.Tenant, BackendId.Local, Bytes.Blake3);

    [Fact]
    public async Task A_repair_settles_and_condemns_in_one_append_and_only_while_the_failed_one_is_relied_on()
    {
        await using var world = new World();
        var node = await world.SeededNode();
        var package = await world.Created(node);
        World.FileDone(await world.Push(node, package.Id, "a", Bytes));
        var failed = Assert.IsType<Placement.Live>((await world.Place(node, Bytes)).Value).Location;
        Assert.True(await node.Call<IContentGrain, bool>(Key, grain => grain.ReportVerified(failed)));
        Assert.True(await node.Call<IContentGrain, bool>(Key, grain => grain.ReportMissing(failed, "rot")));
        Assert.False(await node.Call<IContentGrain, bool>(Key, grain => grain.ReportVerified(failed)));

        var lost = Reserved(await world.Place(node, Bytes));
        await node.Call<IContentGrain>(Key, grain => grain.Abandon(lost, "somebody else did this"));
        Assert.Equal(RepairResult.PlaceAgain, await node.Call<IContentGrain, RepairResult>(Key, grain => grain.Repair(lost, failed)));
        var mine = Reserved(await world.Place(node, Bytes));
        var before = world.Journal.Head;
        Assert.Equal(RepairResult.Done, await node.Call<IContentGrain, RepairResult>(Key, grain => grain.Repair(mine, failed)));
        var lines = await world.Views.Events(before, 100, []);
        Assert.Equal(
            ["v1.storage.location_settled", "v1.storage.location_condemned", "v1.storage.location_repaired"], lines.Select(line => line.Type));
        Assert.Single(lines.Select(line => line.AppendId).Distinct());
        Assert.Equal(0, (await world.Views.Status()).FailedLocations[BackendId.Local]);

        var live = failed with { Generation = mine.Generation, PhysicalKey = mine.PhysicalKey };
        Assert.True(await node.Call<IContentGrain, bool>(Key, grain => grain.ReportMissing(live, "rot again")));
        var late = Reserved(await world.Place(node, Bytes));
        Assert.Equal(RepairResult.NotNeeded, await node.Call<IContentGrain, RepairResult>(Key, grain => grain.Repair(late, failed)));
    }

    [Fact]
    public async Task A_failed_location_that_nobody_came_to_condemn_is_condemned_when_another_is_seen_live()
    {
        await using var world = new World();
        var node = await world.SeededNode();
        var package = await world.Created(node);
        World.FileDone(await world.Push(node, package.Id, "a", Bytes));
        var failed = Assert.IsType<Placement.Live>((await world.Place(node, Bytes)).Value).Location;
        await node.Call<IContentGrain, bool>(Key, grain => grain.ReportMissing(failed, "rot"));
        var mine = Reserved(await world.Place(node, Bytes));
        World.FileDone(await World.Send(node, world.Ingestion(package.Id, "b", Bytes, new Placement.Reserved(mine))));
        Assert.Equal(1, (await world.Views.Status()).FailedLocations[BackendId.Local]);
        var live = failed with { Generation = mine.Generation, PhysicalKey = mine.PhysicalKey };
        Assert.True(await node.Call<IContentGrain, bool>(Key, grain => grain.CondemnFailed(live)));
        Assert.Equal(0, (await world.Views.Status()).FailedLocations[BackendId.Local]);
        Assert.False(await node.Call<IContentGrain, bool>(Key, grain => grain.CondemnFailed(live)));
        Assert.Single(await world.Views.Events(0, 100, ["v1.storage.location_repaired"]));
    }

    private static Reservation Reserved(Outcome<Placement> outcome) => Assert.IsType<Placement.Reserved>(outcome.Value).Reservation;
}
