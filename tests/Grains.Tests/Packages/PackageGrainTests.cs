using ArtifactStore.Interfaces.Errors;
using ArtifactStore.Interfaces.Packages;

namespace ArtifactStore.Grains.Tests.Packages;

/// <summary>A package from its creation to its end, through the embedded host, on a journal in memory.</summary>
public class PackageGrainTests
{
    private static readonly Interfaces.Hashing.ContentDigests Bytes = World.Content("some bytes");

    [Fact]
    public async Task A_package_is_created_filled_and_finalized()
    {
        await using var world = new World();
        var node = await world.SeededNode();
        var created = await world.Created(node);
        Assert.Equal(2, created.Version);
        Assert.Equal(created.CreatedAt.AddSeconds(86_400), created.ExpiresAt);

        var file = World.FileDone(await world.Push(node, created.Id, "a/b.txt", Bytes));
        Assert.Equal("a/b.txt", file.Path.Value);

        var open = (await World.Describe(node, created.Id)).Value!;
        Assert.Equal((1, Bytes.Size, 3), (open.FileCount, open.TotalBytes, open.Version));
        var manifest = World.Content("manifest");
        var placement = await world.Place(node, manifest);
        var finalized = World.Done(await World.Send(node, world.Finalization(open, manifest, placement.Value!)));
        Assert.Equal((PackageStatus.Finalized, manifest), (finalized.Status, finalized.Manifest!.Value));
        Assert.Equal(await world.Views.Package(World.Tenant, created.Id), finalized);
    }

    [Fact]
    public async Task A_path_is_taken_once_even_by_the_same_bytes()
    {
        await using var world = new World();
        var node = await world.SeededNode();
        var package = await world.Created(node);
        World.FileDone(await world.Push(node, package.Id, "a", Bytes));
        World.Refused(ErrorCatalogue.PathTaken, (await world.Push(node, package.Id, "a", Bytes)).Error);
    }

    [Fact]
    public async Task A_finalized_package_takes_no_files()
    {
        await using var world = new World();
        var node = await world.SeededNode();
        var package = await Finalized(world, node);
        World.Refused(ErrorCatalogue.PackageNotOpen, (await world.Push(node, package.Id, "late", Bytes)).Error);
    }

    [Fact]
    public async Task Finalizing_twice_changes_nothing()
    {
        await using var world = new World();
        var node = await world.SeededNode();
        var package = await Finalized(world, node);
        var head = world.Journal.Head;
        var other = World.Content("another manifest");
        var again = await World.Send(node, world.Finalization(package, other, (await world.Place(node, other)).Value!));
        Assert.Equal(package, Assert.IsType<PackageAnswer.AlreadySo>(again.Value).Package);
        Assert.Equal(head, world.Journal.Head);
    }

    [Fact]
    public async Task A_repeated_upload_answers_as_the_first_time_and_is_counted_once()
    {
        await using var world = new World();
        var node = await world.SeededNode();
        var package = await world.Created(node);
        var command = world.Ingestion(package.Id, "a", Bytes, (await world.Place(node, Bytes)).Value!);
        var first = World.FileDone(await World.Send(node, command));
        Assert.Equal(first, World.FileDone(await World.Send(node, command)));
        var described = (await World.Describe(node, package.Id)).Value!;
        Assert.Equal(await world.Views.Package(World.Tenant, package.Id), described);
        Assert.Equal(1, described.FileCount);
    }

    [Fact]
    public async Task A_repeated_upload_is_recognised_after_the_package_was_finalized()
    {
        await using var world = new World();
        var node = await world.SeededNode();
        var package = await world.Created(node);
        var command = world.Ingestion(package.Id, "a", Bytes, (await world.Place(node, Bytes)).Value!);
        var first = World.FileDone(await World.Send(node, command));
        var open = (await World.Describe(node, package.Id)).Value!;
        var manifest = World.Content("manifest");
        World.Done(await World.Send(node, world.Finalization(open, manifest, (await world.Place(node, manifest)).Value!)));
        Assert.Equal(first, World.FileDone(await World.Send(node, command)));
    }

    [Fact]
    public async Task A_manifest_over_an_older_version_is_stale()
    {
        await using var world = new World();
        var node = await world.SeededNode();
        var package = await world.Created(node);
        World.FileDone(await world.Push(node, package.Id, "a", Bytes));
        var manifest = World.Content("manifest of nothing");
        var answer = await World.Send(node, world.Finalization(package, manifest, (await world.Place(node, manifest)).Value!));
        Assert.IsType<PackageAnswer.Stale>(answer.Value);
    }

    [Fact]
    public async Task What_is_not_there_is_unknown_and_leaves_no_activation_behind()
    {
        await using var world = new World();
        var node = await world.SeededNode();
        var before = node.Count;
        var nowhere = new Interfaces.Ids.PackageId(world.Ids.Next());
        World.Refused(ErrorCatalogue.PackageUnknown, (await World.Describe(node, nowhere)).Error);
        await Eventually.True(() => node.Count == before);
        World.Refused(ErrorCatalogue.PackageUnknown, (await world.Push(node, nowhere, "a", Bytes)).Error);
        World.Refused(ErrorCatalogue.ClassUnknown, (await World.Send(node, world.Creation(retentionClass: "forever"))).Error);
        World.Refused(ErrorCatalogue.SchemaNotRegistered, (await World.Send(node, world.Creation(schema: "no-such"))).Error);
    }

    [Fact]
    public async Task An_idempotency_key_names_one_request_for_ever()
    {
        await using var world = new World();
        var node = await world.SeededNode();
        var first = World.Done(await World.Send(node, world.Creation(key: "k")));
        var repeated = World.Done(await World.Send(node, world.Creation(key: "k")));
        Assert.Equal(first.Id, repeated.Id);
        World.Refused(ErrorCatalogue.IdempotencyKeyReused, (await World.Send(node, world.Creation("another body", key: "k"))).Error);
    }

    [Fact]
    public async Task A_repeated_creation_answers_the_same_and_another_one_under_its_id_is_refused()
    {
        await using var world = new World();
        var node = await world.SeededNode();
        var command = world.Creation();
        var first = World.Done(await World.Send(node, command));
        Assert.Equal(first, World.Done(await World.Send(node, command)));
        var other = command with { AppendId = new(world.Ids.Next()), Name = "q" };
        World.Refused(ErrorCatalogue.PackageExists, (await World.Send(node, other)).Error);
    }

    [Fact]
    public async Task Another_node_goes_on_where_this_one_stopped()
    {
        await using var world = new World();
        var here = await world.SeededNode();
        var there = world.Node();
        var package = await world.Created(here);
        World.FileDone(await world.Push(there, package.Id, "there", Bytes));
        World.FileDone(await world.Push(here, package.Id, "here", Bytes));

        // Its own state has missed the file of the other node; the manifest was built over the views, which have not.
        var seen = (await world.Views.Package(World.Tenant, package.Id))!;
        var manifest = World.Content("manifest");
        var finalized = World.Done(await World.Send(here, world.Finalization(seen, manifest, (await world.Place(here, manifest)).Value!)));
        Assert.Equal((2, 2 * Bytes.Size), (finalized.FileCount, finalized.TotalBytes));
        World.Refused(ErrorCatalogue.PackageNotOpen, (await world.Push(there, package.Id, "late", Bytes)).Error);
    }

    private static async Task<PackageView> Finalized(World world, Interfaces.Hosting.IGrains node)
    {
        var package = await world.Created(node);
        var manifest = World.Content("manifest");
        return World.Done(await World.Send(node, world.Finalization(package, manifest, (await world.Place(node, manifest)).Value!)));
    }
}
