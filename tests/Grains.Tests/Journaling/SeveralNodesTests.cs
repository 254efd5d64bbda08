using ArtifactStore.Conformance.Time;
using ArtifactStore.Grains.Hosting.Embedded;
using ArtifactStore.Interfaces.Errors;
using ArtifactStore.Interfaces.Hashing;
using ArtifactStore.Interfaces.Packages;

namespace ArtifactStore.Grains.Tests.Journaling;

/// <summary>
/// Two hosts over one journal are two nodes on one database. Each keeps states in memory that the other has overtaken; no caller may see it.
/// </summary>
public sealed class SeveralNodesTests : IAsyncLifetime
{
    private static readonly ContentDigests Bytes = World.Content("bytes");
    private static readonly ContentDigests Manifest = World.Content("manifest");

    private readonly World _world = new();
    private EmbeddedGrains _here = null!;
    private EmbeddedGrains _there = null!;

    public async ValueTask InitializeAsync()
    {
        _here = await _world.SeededNode();
        _there = _world.Node();
    }

    public ValueTask DisposeAsync() => _world.DisposeAsync();

    [Fact]
    public async Task Each_step_on_another_node_is_the_life_of_one_package()
    {
        var package = await _world.Created(_here);
        World.FileDone(await _world.Push(_there, package.Id, "a", Bytes));
        World.FileDone(await _world.Push(_here, package.Id, "b", Bytes));
        World.Refused(ErrorCatalogue.PathTaken, (await _world.Push(_there, package.Id, "b", Bytes)).Error);
        var open = (await World.Describe(_there, package.Id)).Value!;
        Assert.Equal(2, open.FileCount);

        var finalized = World.Done(await Finalize(_here, open));
        Assert.Equal((2, 2 * Bytes.Size), (finalized.FileCount, finalized.TotalBytes));
        Assert.Equal(finalized, (await World.Describe(_there, package.Id)).Value);
        World.Refused(ErrorCatalogue.PackageNotOpen, (await _world.Push(_there, package.Id, "late", Bytes)).Error);
        Assert.Equal(finalized, Assert.IsType<PackageAnswer.AlreadySo>((await Finalize(_there, open)).Value).Package);
    }

    [Fact]
    public async Task A_description_reflects_what_another_node_has_answered()
    {
        var package = await _world.Created(_here);
        Assert.Equal(0, (await World.Describe(_here, package.Id)).Value!.FileCount);
        World.FileDone(await _world.Push(_there, package.Id, "a", Bytes));
        Assert.Equal(1, (await World.Describe(_here, package.Id)).Value!.FileCount);
    }

    /// <summary>The manifest was built over what the other node did; the state in memory here says that this is no version yet.</summary>
    [Fact]
    public async Task A_version_that_this_node_has_not_seen_is_not_stale()
    {
        var package = await _world.Created(_here);
        World.FileDone(await _world.Push(_there, package.Id, "a", Bytes));
        var seen = (await _world.Views.Package(World.Tenant, package.Id))!;
        Assert.Equal(1, World.Done(await Finalize(_here, seen)).FileCount);
    }

    /// <summary>What was defined and defined back elsewhere: a state kept here calls the second definition nothing new.</summary>
    [Fact]
    public async Task A_definition_that_is_nothing_new_only_to_this_node_is_made()
    {
        await Define(_here, 60);
        await Define(_there, 90);
        var head = _world.Journal.Head;
        await Define(_here, 60);
        Assert.Equal(head + 1, _world.Journal.Head);
        Assert.Equal(60, (await _world.Views.RetentionClass(World.Tenant, "transient"))!.DefaultDurationSeconds);
        Assert.Equal(60, Lifetime(await _world.Created(_there)));
        Assert.Equal(60, Lifetime(await _world.Created(_here)));
    }

    /// <summary>
    /// "Exactly one wins each time": two nodes, both warm, decide on the same package, content and path in the same moment.
    /// </summary>
    [Fact]
    public async Task Two_nodes_that_decide_on_the_same_package_content_and_path_have_one_winner_each_time()
    {
        var rounds = Counts.Of(10_000);
        var package = await _world.Created(_here);
        for (var round = 0; round < rounds; round++)
        {
            var (content, path) = (World.Content($"content {round}"), $"{round}");
            var both = await Eventually.In(Task.WhenAll(
                Task.Run(() => Push(_here, package, path, content)), Task.Run(() => Push(_there, package, path, content))));
            var winner = World.FileDone(Assert.Single(both, answer => answer.Succeeded));
            World.Refused(ErrorCatalogue.PathTaken, both.Single(answer => !answer.Succeeded).Error);
            Assert.Equal(winner, await _world.Views.FileAt(World.Tenant, package.Id, winner.Path));
            Assert.NotNull(await _world.Views.LiveLocation(
                World.Tenant, Interfaces.Ids.BackendId.Local, Interfaces.Ids.ContentAddress.Blake3(content.Blake3)));
            foreach (var node in new[] { _here, _there })
            {
                Assert.Equal(round + 1, (await World.Describe(node, package.Id)).Value!.FileCount);
            }
        }
    }

    [Fact]
    public async Task Two_nodes_that_finalize_the_same_package_have_one_winner_each_time()
    {
        var rounds = Counts.Of(1_000);
        for (var round = 0; round < rounds; round++)
        {
            var package = await _world.Created(round % 2 == 0 ? _here : _there);
            World.FileDone(await _world.Push(_there, package.Id, "a", Bytes));
            World.FileDone(await _world.Push(_here, package.Id, "b", Bytes));
            var open = (await _world.Views.Package(World.Tenant, package.Id))!;
            var both = await Eventually.In(Task.WhenAll(
                Task.Run(() => FinalizePlaced(_here, open, round)), Task.Run(() => FinalizePlaced(_there, open, round + 1))));
            var winner = Assert.Single(both.Select(answer => answer.Value).OfType<PackageAnswer.Done>()).Package;
            var loser = Assert.Single(both.Select(answer => answer.Value).OfType<PackageAnswer.AlreadySo>()).Package;
            Assert.Equal(winner, loser);
            Assert.Equal(winner, await _world.Views.Package(World.Tenant, package.Id));
        }
    }

    private async Task<Outcome<PackageAnswer>> Push(EmbeddedGrains node, PackageView package, string path, ContentDigests content)
    {
        // The clock of this store stands still, so nobody loses patience: who waits for the other node's reservation waits for a look at it.
        var pushing = _world.Push(node, package.Id, path, content);
        while (!pushing.IsCompleted)
        {
            if (_world.Time.Waiting > 0) _world.Time.Advance(TimeSpan.FromMilliseconds(1));
            await Task.Yield();
        }
        return await pushing;
    }

    private async Task<Outcome<PackageAnswer>> Finalize(EmbeddedGrains node, PackageView package) =>
        await World.Send(node, _world.Finalization(package, Manifest, (await _world.Place(node, Manifest)).Value!));

    /// <summary>Two manifests that differ, so that neither waits for the other's bytes.</summary>
    private async Task<Outcome<PackageAnswer>> FinalizePlaced(EmbeddedGrains node, PackageView package, int number)
    {
        var manifest = World.Content($"manifest {number} of {package.Id}");
        return await World.Send(node, _world.Finalization(package, manifest, (await _world.Place(node, manifest)).Value!));
    }

    private async Task Define(EmbeddedGrains node, long seconds)
    {
        var key = $"{World.Tenant}/transient";
        var outcome = await node.Call<Interfaces.Retention.IRetentionClassGrain, Outcome<Interfaces.Retention.RetentionClassView>>(
            key, grain => grain.Define(new(new(_world.Ids.Next()), World.Tenant, "bob", _world.Time.GetUtcNow(), "transient", seconds, "")));
        Assert.Null(outcome.Error);
    }

    private static double Lifetime(PackageView package) => (package.ExpiresAt!.Value - package.CreatedAt).TotalSeconds;
}
