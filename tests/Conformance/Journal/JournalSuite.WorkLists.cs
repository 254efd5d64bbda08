using ArtifactStore.Interfaces.Collection;
using ArtifactStore.Interfaces.Contents;
using ArtifactStore.Interfaces.Events;
using ArtifactStore.Interfaces.Ids;
using ArtifactStore.Interfaces.Journal;
using ArtifactStore.Interfaces.Retention;

namespace ArtifactStore.Conformance.Journal;

/// <summary>What the collector reads: what is on its way out, in pages, and nothing else.</summary>
public abstract partial class JournalSuite
{
    [Fact]
    public async Task Work_lists_follow_a_package_from_its_mark_to_its_end()
    {
        var (alone, shared) = (await NewLiveContent(), await NewLiveContent());
        var other = await NewPackage();
        await Commit(Story.Link(other, "shared", shared));
        var (package, first) = await NewDoomedPackage(alone);
        Assert.Empty(await Lists.Collecting(0, 10));
        var eligible = Assert.Single(await Lists.Eligible(null, 10));
        Assert.Equal((Story.Tenant, package), (eligible.Tenant, eligible.Package));
        Assert.Equal((await Views.Package(Story.Tenant, package))!.Version, eligible.Version);
        Assert.Empty(await Lists.Eligible(eligible, 10));
        // An eligible package still takes files: they go with it.
        var linked = await Commit(Story.Link(package, "shared", shared));
        var second = new Keeper(package, (await Views.Files(Story.Tenant, package, null, 10))[^1].Id, linked.FirstSequence);

        await Commit(Story.StartCollection(package));
        Assert.Empty(await Lists.Eligible(null, 10));
        var collecting = Assert.Single(await Lists.Collecting(0, 10));
        Assert.Equal((package, 2), (collecting.Package, collecting.Left));
        Assert.Empty(await Lists.Collecting(collecting.Key, 10));
        var (live, beside) = ((await LiveOf(alone))!, (await LiveOf(shared))!);
        Assert.Equal([new("file", first, live), new("shared", second, beside)], await Lists.Files(collecting, "", 10));
        Assert.Equal([new StandingReference("shared", second, beside)], await Lists.Files(collecting, "file", 10));
        Assert.Single(await Lists.Files(collecting, "", 1));
        Assert.Null(await Lists.Manifest(collecting));

        await Commit(Story.ReleaseBeside(second, beside));
        Assert.Equal(1, Assert.Single(await Lists.Collecting(0, 10)).Left);
        Assert.Equal([new StandingReference("file", first, live)], await Lists.Files(collecting, "", 10));
        Assert.Empty(await Lists.Locations(LocationState.Condemned, 0, 10));
        await Commit(Story.ReleaseLast(first, live));
        Assert.Empty(await Lists.Files(collecting, "", 10));
        var doomed = Assert.Single(await Lists.Locations(LocationState.Condemned, 0, 10));
        Assert.Equal((live with { State = LocationState.Condemned }, alone.Size, first), (doomed.Location, doomed.Size, doomed.Released));
        Assert.Empty(await Lists.Locations(LocationState.Condemned, doomed.Key, 10));
        Assert.Empty(await Lists.LocationsOf(Story.Tenant, alone.Blake3));
        Assert.Equal([beside], await Lists.LocationsOf(Story.Tenant, shared.Blake3));

        await Commit(Story.ReportDeleted(first, live));
        Assert.Empty(await Lists.Locations(LocationState.Condemned, 0, 10));
        Assert.Equal(0, Assert.Single(await Lists.Collecting(0, 10)).Left);
        await Commit(Story.EndCollection(package));
        Assert.Empty(await Lists.Collecting(0, 10));
    }

    [Fact]
    public async Task A_released_hold_makes_a_candidate_until_it_is_looked_at()
    {
        var content = await NewLiveContent();
        var (hold, everything) = (new HoldId(Story.NextGuid()), new HoldId(Story.NextGuid()));
        await Commit(Story.Hold(hold, HoldKind.Content, content.Blake3.ToHex()));
        Assert.Empty(await Lists.Candidates(0, 10));
        var released = await Commit(Story.Release(hold, HoldKind.Content, content.Blake3.ToHex()));
        Assert.Equal([new CollectionCandidate(Story.Tenant, content.Blake3, released.FirstSequence)], await Lists.Candidates(0, 10));
        Assert.Empty(await Lists.Candidates(released.FirstSequence, 10));
        Append Drop(long queuedBy) => new(
            new(Story.NextGuid()), Story.Tenant, Story.Actor, [], [], [new WorkChange.DropCandidate(Story.Tenant, content.Blake3, queuedBy)]);
        await Append(Drop(released.FirstSequence - 1));
        Assert.Single(await Lists.Candidates(0, 10));
        await Append(Drop(released.FirstSequence));
        Assert.Empty(await Lists.Candidates(0, 10));

        Assert.False(await Lists.IsAllHeld(Story.Tenant));
        await Commit(Story.Hold(everything, HoldKind.Everything, ""));
        Assert.True(await Lists.IsAllHeld(Story.Tenant));
        await Commit(Story.Release(everything, HoldKind.Everything, ""));
        Assert.False(await Lists.IsAllHeld(Story.Tenant));
    }
}
