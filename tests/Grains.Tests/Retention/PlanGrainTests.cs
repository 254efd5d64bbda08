using ArtifactStore.Grains.Hosting.Embedded;
using ArtifactStore.Grains.Retention;
using ArtifactStore.Interfaces.Collection;
using ArtifactStore.Interfaces.Errors;
using ArtifactStore.Interfaces.Events;
using ArtifactStore.Interfaces.Ids;
using ArtifactStore.Interfaces.Packages;
using ArtifactStore.Interfaces.Retention;

namespace ArtifactStore.Grains.Tests.Retention;

/// <summary>A plan is made once, run once, and touches only what is as it saw it, on whichever node.</summary>
public sealed class PlanGrainTests
{
    private static readonly PlanId Plan = new(new("0193f6a0-1234-7abc-8def-0123456789ab"));

    [Fact]
    public async Task R16_a_plan_is_made_and_run_once_whichever_node_is_asked()
    {
        await using var world = new World();
        var (here, there) = (await world.SeededNode(), world.Node());
        World.Refused(ErrorCatalogue.PlanUnknown, (await Start(world, here)).Error);
        World.Refused(ErrorCatalogue.PlanUnknown, (await End(world, here)).Error);
        var made = (await Make(world, here)).Value!;
        Assert.Equal(made, await world.Plans.Plan(World.Tenant, Plan));
        Assert.Equal(made, (await Make(world, there)).Value);

        // Before its run began nothing ends.
        Assert.Equal(PlanStatus.Made, (await End(world, there)).Value!.Status);
        var head = world.Journal.Head;
        var started = await Task.WhenAll(Start(world, here), Start(world, there), Start(world, here));
        Assert.All(started, outcome => Assert.Equal(PlanStatus.Running, outcome.Value!.Status));
        Assert.Equal(head + 1, world.Journal.Head);
        var ended = (await End(world, there)).Value!;
        Assert.Equal((PlanStatus.Ended, 1L, 2L), (ended.Status, ended.Started!.Value, ended.Skipped!.Value));
        Assert.Equal(ended, (await End(world, here)).Value);
        World.Refused(ErrorCatalogue.PlanAlreadyRun, (await Start(world, here)).Error);
    }

    [Fact]
    public async Task R16_a_run_begins_while_the_plan_is_valid_and_goes_on_after_that()
    {
        await using var world = new World();
        var node = await world.SeededNode();
        await Make(world, node);
        world.Time.Advance(TimeSpan.FromHours(1));
        Assert.Equal(PlanStatus.Running, (await Start(world, node)).Value!.Status);
        world.Time.Advance(TimeSpan.FromHours(1));
        Assert.Equal(PlanStatus.Running, (await Start(world, node)).Value!.Status);

        await using var late = new World();
        node = await late.SeededNode();
        await Make(late, node);
        late.Time.Advance(TimeSpan.FromHours(1) + TimeSpan.FromMicroseconds(1));
        World.Refused(ErrorCatalogue.PlanExpired, (await Start(late, node)).Error);
        Assert.Equal(PlanStatus.Made, (await late.Plans.Plan(World.Tenant, Plan))!.Status);
    }

    [Fact]
    public void R16_a_part_of_a_plan_is_bounded()
    {
        var item = new PlannedPackage(new(Guid.NewGuid()), 3, EligibilityCause.Expired, null, DateTimeOffset.UnixEpoch, 1, 1);
        ListInPlan Part(int packages) => new(
            new(Guid.NewGuid()), World.Tenant, Plan, "alice", DateTimeOffset.UnixEpoch, 0, [.. Enumerable.Repeat(item, packages)]);
        var nothing = new PlanState(null, 0);
        Assert.Throws<InvalidOperationException>(() => PlanDecider.Decide(nothing, Part(0)));
        Assert.Throws<InvalidOperationException>(() => PlanDecider.Decide(nothing, Part(PlanListed.MaxPackages + 1)));
        Assert.NotNull(PlanDecider.Decide(nothing, Part(PlanListed.MaxPackages)));
    }

    [Fact]
    public async Task R16_what_has_changed_since_the_plan_is_not_started_and_the_answer_says_why()
    {
        await using var world = new World();
        var (here, there) = (await world.SeededNode(), world.Node());
        var package = (await Delete(world, here, await world.Created(here))).Value!;
        Assert.Equal(StartAnswer.Changed, (await Collect(world, here, package.Id, package.Version - 1)).Value);
        Assert.Equal(StartAnswer.Started, (await Collect(world, there, package.Id, package.Version)).Value);
        // Another plan's run comes late; a run without a plan only wants it to go.
        Assert.Equal(StartAnswer.Gone, (await Collect(world, here, package.Id, package.Version)).Value);
        Assert.Equal(StartAnswer.Started, (await Collect(world, here, package.Id, null)).Value);

        var extended = (await Delete(world, here, await world.Created(here))).Value!;
        await Extend(world, there, extended);
        Assert.Equal(StartAnswer.NotDue, (await Collect(world, here, extended.Id, extended.Version)).Value);
        var held = (await Delete(world, here, await world.Created(here))).Value!;
        await Hold(world, there, held);
        Assert.Equal(StartAnswer.Held, (await Collect(world, here, held.Id, held.Version)).Value);
        Assert.Equal(StartAnswer.Gone, (await Collect(world, here, new(Guid.NewGuid()), 1)).Value);
    }

    private static Task<Outcome<PlanView>> Make(World world, EmbeddedGrains node)
    {
        var made = new PlanMade(1, world.Time.GetUtcNow().AddHours(1), 0, 0, 0, 0);
        var command = new MakePlan(new(world.Ids.Next()), World.Tenant, Plan, "alice", world.Time.GetUtcNow(), 0, made);
        return On(node, grain => grain.Make(command));
    }

    private static Task<Outcome<PlanView>> Start(World world, EmbeddedGrains node)
    {
        var command = new StartPlan(new(world.Ids.Next()), World.Tenant, Plan, "alice", world.Time.GetUtcNow());
        return On(node, grain => grain.Start(command));
    }

    private static Task<Outcome<PlanView>> End(World world, EmbeddedGrains node)
    {
        var command = new EndPlan(new(world.Ids.Next()), World.Tenant, Plan, "alice", world.Time.GetUtcNow(), 1, 2);
        return On(node, grain => grain.End(command));
    }

    private static Task<Outcome<PlanView>> On(EmbeddedGrains node, Func<IPlanGrain, Task<Outcome<PlanView>>> call) =>
        node.Call(PlanKey.Of(World.Tenant, Plan), call);

    private static Task<Outcome<StartAnswer>> Collect(World world, EmbeddedGrains node, PackageId package, long? version)
    {
        var command = new StartCollection(
            new(world.Ids.Next()), World.Tenant, package, "alice", world.Time.GetUtcNow(), version is null ? null : Plan.ToString(), version);
        return node.Call<IPackageGrain, Outcome<StartAnswer>>(PackageKey.Of(World.Tenant, package), grain => grain.Start(command));
    }

    private static Task<Outcome<PackageView>> Delete(World world, EmbeddedGrains node, PackageView package)
    {
        var command = new RequestDeletion(new(world.Ids.Next()), World.Tenant, package.Id, "alice", world.Time.GetUtcNow(), "over");
        return node.Call<IPackageGrain, Outcome<PackageView>>(PackageKey.Of(World.Tenant, package.Id), grain => grain.RequestDeletion(command));
    }

    private static Task<Outcome<PackageView>> Extend(World world, EmbeddedGrains node, PackageView package)
    {
        var command = new ExtendRetention(
            new(world.Ids.Next()), World.Tenant, package.Id, "alice", world.Time.GetUtcNow(), package.ExpiresAt!.Value.AddDays(1), "audit");
        return node.Call<IPackageGrain, Outcome<PackageView>>(PackageKey.Of(World.Tenant, package.Id), grain => grain.Extend(command));
    }

    private static Task<Outcome<HoldView>> Hold(World world, EmbeddedGrains node, PackageView package)
    {
        var command = new ApplyHold(
            new(world.Ids.Next()), World.Tenant, new(world.Ids.Next()), "alice", world.Time.GetUtcNow(),
            new(HoldKind.Package, package.Id.ToString()), "case", "legal", null);
        return node.Call<IPackageGrain, Outcome<HoldView>>(PackageKey.Of(World.Tenant, package.Id), grain => grain.ApplyHold(command));
    }
}
