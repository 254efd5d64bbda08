using ArtifactStore.Grains.Hosting.Embedded;
using ArtifactStore.Interfaces.Errors;
using ArtifactStore.Interfaces.Hosting;
using ArtifactStore.Interfaces.Packages;
using ArtifactStore.Interfaces.Retention;

namespace ArtifactStore.Grains.Tests.Retention;

/// <summary>What keeps a package, decided on nodes whose kept states are old.</summary>
public class PackageRetentionTests
{
    [Fact]
    public async Task R04_a_node_that_missed_an_extension_neither_shortens_nor_marks()
    {
        await using var world = new World();
        var (here, there) = (await world.SeededNode(), world.Node());
        var package = await world.Created(here);
        var expiry = package.ExpiresAt!.Value;
        Assert.True((await Extend(world, there, package, expiry.AddDays(9))).Succeeded);
        World.Refused(ErrorCatalogue.ExpiryNotLater, (await Extend(world, here, package, expiry.AddDays(5))).Error);
        world.Time.Advance(TimeSpan.FromDays(2));
        Assert.Equal(MarkAnswer.NotDue, (await Mark(world, here, package, expiry)).Value);
        Assert.Equal(expiry.AddDays(9), (await World.Describe(here, package.Id)).Value!.ExpiresAt);
    }

    [Fact]
    public async Task R05_a_node_that_missed_a_hold_is_stopped_by_the_journal_and_names_it()
    {
        await using var world = new World();
        var (here, there) = (await world.SeededNode(), world.Node());
        var package = await world.Created(here);
        var hold = await Hold(world, there, package);
        Assert.Equal(await world.Views.Hold(World.Tenant, hold.Id), hold);
        var refused = await Delete(world, here, package);
        World.Refused(ErrorCatalogue.Held, refused.Error);
        Assert.Contains(hold.Id.ToString(), refused.Error!.Detail);
        world.Time.Advance(TimeSpan.FromDays(2));
        Assert.Equal(MarkAnswer.Held, (await Mark(world, here, package, package.ExpiresAt!.Value)).Value);
        Assert.True((await Release(world, here, package, hold)).Succeeded);
        World.Refused(ErrorCatalogue.HoldUnknown, (await Release(world, there, package, hold)).Error);
        Assert.Equal(MarkAnswer.Marked, (await Mark(world, here, package, package.ExpiresAt!.Value)).Value);
        Assert.Equal(MarkAnswer.NotDue, (await Mark(world, there, package, package.ExpiresAt!.Value)).Value);
    }

    [Fact]
    public async Task R06_before_its_time_nothing_is_marked_and_what_is_folded_is_what_is_loaded()
    {
        await using var world = new World();
        var node = await world.SeededNode();
        var package = await world.Created(node);
        Assert.Equal(MarkAnswer.NotDue, (await Mark(world, node, package, package.ExpiresAt!.Value)).Value);
        var eligible = await Delete(world, node, package);
        Assert.Equal(new(world.Time.GetUtcNow(), EligibilityCause.Requested, "mistake"), eligible.Value!.Eligible);
        Assert.Equal(await world.Views.Package(World.Tenant, package.Id), eligible.Value);
        Assert.Equal(eligible.Value, (await Delete(world, node, package)).Value);
        var extended = await Extend(world, node, package, package.ExpiresAt.Value.AddDays(1));
        Assert.Equal(await world.Views.Package(World.Tenant, package.Id), extended.Value);
        Assert.Null(extended.Value!.Eligible);
    }

    private static string KeyOf(PackageView package) => PackageKey.Of(World.Tenant, package.Id);

    private static Task<Outcome<PackageView>> Extend(World world, EmbeddedGrains node, PackageView package, DateTimeOffset expiry) =>
        node.Call<IPackageGrain, Outcome<PackageView>>(KeyOf(package), grain => grain.Extend(
            new(new(world.Ids.Next()), World.Tenant, package.Id, "alice", world.Time.GetUtcNow(), expiry, "longer")));

    private static Task<Outcome<MarkAnswer>> Mark(World world, EmbeddedGrains node, PackageView package, DateTimeOffset expiry) =>
        node.Call<IPackageGrain, Outcome<MarkAnswer>>(KeyOf(package), grain => grain.MarkExpired(
            new(new(world.Ids.Next()), World.Tenant, package.Id, "system", world.Time.GetUtcNow(), expiry)));

    private static Task<Outcome<PackageView>> Delete(World world, EmbeddedGrains node, PackageView package) =>
        node.Call<IPackageGrain, Outcome<PackageView>>(KeyOf(package), grain => grain.RequestDeletion(
            new(new(world.Ids.Next()), World.Tenant, package.Id, "alice", world.Time.GetUtcNow(), "mistake")));

    private static async Task<HoldView> Hold(World world, EmbeddedGrains node, PackageView package) =>
        (await node.Call<IPackageGrain, Outcome<HoldView>>(KeyOf(package), grain => grain.ApplyHold(new(
            new(world.Ids.Next()), World.Tenant, new(world.Ids.Next()), "alice", world.Time.GetUtcNow(),
            new(HoldKind.Package, package.Id.ToString()), "case", "legal", null)))).Value!;

    private static Task<Outcome<PackageView>> Release(World world, EmbeddedGrains node, PackageView package, HoldView hold) =>
        node.Call<IPackageGrain, Outcome<PackageView>>(KeyOf(package), grain => grain.ReleaseHold(new(
            new(world.Ids.Next()), World.Tenant, hold.Id, "alice", world.Time.GetUtcNow(), new(hold.Kind, hold.Covers), "settled")));
}
