using ArtifactStore.Grains.Hosting.Embedded;
using ArtifactStore.Interfaces.Contents;
using ArtifactStore.Interfaces.Errors;
using ArtifactStore.Interfaces.Hosting;
using ArtifactStore.Interfaces.Ids;

namespace ArtifactStore.Grains.Tests.Contents;

/// <summary>How the grain of a content takes it over from another backend (ADR 9).</summary>
public class MoveTests
{
    private static readonly BackendId Elsewhere = new("s3");
    private static readonly Interfaces.Hashing.ContentDigests Bytes = World.Content("popular");
    private static readonly string Here = ContentKey.Of(World.Tenant, BackendId.Local, Bytes.Blake3);
    private static readonly string There = ContentKey.Of(World.Tenant, Elsewhere, Bytes.Blake3);

    [Fact]
    public async Task A_move_settles_moves_and_condemns_in_one_append_and_happens_once()
    {
        await using var world = new World();
        var node = await world.SeededNode();
        var package = await world.Created(node);
        World.FileDone(await world.Push(node, package.Id, "a", Bytes));
        var from = await LiveHere(world, node);

        var lost = await ReserveThere(world, node);
        await node.Call<IContentGrain>(There, grain => grain.Abandon(lost, "somebody else did this"));
        Assert.Equal(MoveResult.PlaceAgain, await Move(node, new Placement.Reserved(lost), from));
        var before = world.Journal.Head;
        var mine = await ReserveThere(world, node);
        Assert.Equal(MoveResult.Done, await Move(node, new Placement.Reserved(mine), from));
        var lines = await world.Views.Events(before, 100, []);
        Assert.Equal(
            ["v1.storage.location_settled", "v1.storage.content_moved", "v1.storage.location_condemned"], lines.Select(line => line.Type));
        Assert.Single(lines.Select(line => line.AppendId).Distinct());
        Assert.Null(await Live(world, BackendId.Local));

        var to = new Placement.Live((await Live(world, Elsewhere))!);
        Assert.Equal(MoveResult.NotNeeded, await Move(node, to, from));
    }

    [Fact]
    public async Task What_is_live_there_already_needs_no_reservation_and_what_is_no_longer_live_moves_nothing()
    {
        await using var world = new World();
        var node = await world.SeededNode();
        var package = await world.Created(node);
        World.FileDone(await world.Push(node, package.Id, "a", Bytes));
        var first = await LiveHere(world, node);
        Assert.Equal(MoveResult.Done, await Move(node, new Placement.Reserved(await ReserveThere(world, node)), first));
        // The package stays where it was routed to, so the same bytes lie in both from now on.
        await node.Call<IContentGrain>(Here, grain => grain.Left(first));
        World.FileDone(await world.Push(node, package.Id, "b", Bytes));
        var second = (await Live(world, BackendId.Local))!;
        var there = (await Live(world, Elsewhere))!;
        Assert.Equal(2, second.Generation);

        Assert.Equal(MoveResult.Done, await Move(node, new Placement.Live(there), second));
        Assert.Null(await Live(world, BackendId.Local));
        World.FileDone(await world.Push(node, package.Id, "c", Bytes));
        var third = (await Live(world, BackendId.Local))!;
        Assert.True(await node.Call<IContentGrain, bool>(There, grain => grain.ReportMissing(there, "rot")));
        Assert.Equal(MoveResult.PlaceAgain, await Move(node, new Placement.Live(there), third));
        Assert.Equal(third, await Live(world, BackendId.Local));
    }

    [Fact]
    public async Task Who_is_told_that_a_location_is_condemned_hands_it_out_no_more()
    {
        await using var world = new World();
        var node = await world.SeededNode();
        var package = await world.Created(node);
        World.FileDone(await world.Push(node, package.Id, "a", Bytes));
        var from = await LiveHere(world, node);
        Assert.Equal(MoveResult.Done, await Move(node, new Placement.Reserved(await ReserveThere(world, node)), from));
        await node.Call<IContentGrain>(Here, grain => grain.Left(from));
        Assert.IsType<Placement.Reserved>((await world.Place(node, Bytes)).Value);
    }

    private static async Task<LocationView> LiveHere(World world, EmbeddedGrains node) =>
        Assert.IsType<Placement.Live>((await world.Place(node, Bytes)).Value).Location;

    private static Task<LocationView?> Live(World world, BackendId backend) =>
        world.Views.LiveLocation(World.Tenant, backend, ContentAddress.Blake3(Bytes.Blake3));

    private static async Task<Reservation> ReserveThere(World world, EmbeddedGrains node)
    {
        var command = new PlaceContent(World.Tenant, Elsewhere, Bytes, new(world.Ids.Next()));
        var placed = await node.Call<IContentGrain, Outcome<Placement>>(There, grain => grain.Place(command));
        return Assert.IsType<Placement.Reserved>(placed.Value).Reservation;
    }

    private static Task<MoveResult> Move(EmbeddedGrains node, Placement to, LocationView from) =>
        node.Call<IContentGrain, MoveResult>(There, grain => grain.Move(new(Bytes, to, from)));
}
