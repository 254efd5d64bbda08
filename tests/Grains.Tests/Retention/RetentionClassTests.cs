using ArtifactStore.Grains.Hosting.Embedded;
using ArtifactStore.Grains.Retention;
using ArtifactStore.Interfaces.Errors;
using ArtifactStore.Interfaces.Retention;

namespace ArtifactStore.Grains.Tests.Retention;

public class RetentionClassTests
{
    [Fact]
    public async Task Defining_the_same_again_changes_nothing()
    {
        await using var world = new World();
        var node = await world.SeededNode();
        var head = world.Journal.Head;
        await World.Seed(node, world);
        Assert.Equal(head, world.Journal.Head);
        Assert.Equal(RetentionClasses.Seed.Count, (await world.Views.RetentionClasses(World.Tenant)).Count);
    }

    [Fact]
    public async Task Another_definition_holds_for_packages_that_come_after_it()
    {
        await using var world = new World();
        var here = await world.SeededNode();
        var there = world.Node();
        Assert.NotNull((await world.Created(there)).ExpiresAt);
        Assert.True((await Define(world, here, "transient", 60)).Succeeded);
        Assert.Equal(60, Lifetime(await world.Created(here)));
        Assert.Equal(60, Lifetime(await world.Created(there)));
    }

    [Theory]
    [InlineData("transient", -1L)]
    [InlineData("Transient", 1L)]
    [InlineData("-x", 1L)]
    public async Task A_definition_that_makes_no_sense_is_refused(string slug, long seconds)
    {
        await using var world = new World();
        World.Refused(ErrorCatalogue.RequestMalformed, (await Define(world, world.Node(), slug, seconds)).Error);
    }

    [Fact]
    public void What_would_expire_after_the_end_of_time_never_expires()
    {
        var now = new DateTimeOffset(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);
        Assert.Null(Expiry.Of(now, null));
        Assert.Null(Expiry.Of(now, long.MaxValue));
        Assert.Equal(now, Expiry.Of(now, 0));
        Assert.Equal(now.AddSeconds(1), Expiry.Of(now, 1));
        var most = (DateTimeOffset.MaxValue - now).Ticks / TimeSpan.TicksPerSecond;
        Assert.NotNull(Expiry.Of(now, most));
        Assert.Null(Expiry.Of(now, most + 1));
    }

    private static double Lifetime(Interfaces.Packages.PackageView package) => (package.ExpiresAt!.Value - package.CreatedAt).TotalSeconds;

    private static Task<Outcome<RetentionClassView>> Define(World world, EmbeddedGrains node, string slug, long seconds) =>
        node.Call<IRetentionClassGrain, Outcome<RetentionClassView>>($"{World.Tenant}/{slug}", grain => grain.Define(
            new(new(world.Ids.Next()), World.Tenant, "alice", world.Time.GetUtcNow(), slug, seconds, "")));
}
