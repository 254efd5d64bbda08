using ArtifactStore.Interfaces.Contents;
using ArtifactStore.Interfaces.Events;
using ArtifactStore.Interfaces.Ids;
using ArtifactStore.Interfaces.Journal;

namespace ArtifactStore.Conformance.Journal;

/// <summary>What a move from one backend to another asks, and what it may not do.</summary>
public abstract partial class JournalSuite
{
    [Fact]
    public async Task What_packages_of_a_class_use_is_found_by_its_files_and_manifests()
    {
        const string Wanted = "summary-evidence";
        var (mine, shared, others, unused) = (await NewLiveContent(), await NewLiveContent(), await NewLiveContent(), await NewLiveContent());
        var package = Story.NewPackageId();
        await Commit(Story.CreatePackage(package, retentionClass: Wanted));
        await Commit(Story.Link(package, "mine", mine));
        await Commit(Story.Link(package, "shared", shared));
        var other = await NewPackage();
        await Commit(Story.Link(other, "shared", shared));
        await Commit(Story.Link(other, "others", others));
        var manifest = Story.NewContent();
        var version = (await Views.Package(Story.Tenant, package))!.Version;
        await Commit(Story.SettleAndFinalize(package, version, await Reserve(manifest), 2, 14));
        await Commit(Story.Fail(shared));

        var all = (await Views.Locations(Story.Backend, 0, 100)).Items;
        Assert.Equal(5, all.Count);
        var used = await Views.LocationsUsedBy(Story.Backend, Wanted, 0, all[^1].Key);
        Assert.Equal(
            new[] { mine, shared, manifest }, all.Where(item => used.Contains(item.Key)).Select(item => item.Content));
        Assert.Equal(used.Order(), used);
        Assert.Equal(used.Skip(1).Take(1), await Views.LocationsUsedBy(Story.Backend, Wanted, used[0], used[2] - 1));
        Assert.Empty(await Views.LocationsUsedBy(new("s3"), Wanted, 0, long.MaxValue));
        Assert.Empty(await Views.LocationsUsedBy(Story.Backend, "release-evidence", 0, long.MaxValue));
        Assert.NotNull(await LiveOf(unused));

        await Commit(Story.CondemnLocation((await LiveOf(unused))!, LocationState.Live));
        Assert.Equal(used, await Views.LocationsUsedBy(Story.Backend, Wanted, 0, long.MaxValue));
    }

    [Fact]
    public async Task A_content_that_moves_to_where_it_is_would_be_lost_and_is_a_bug_of_its_caller()
    {
        var content = await NewLiveContent();
        var package = await NewPackage();
        await Commit(Story.Link(package, "a", content));
        var live = (await LiveOf(content))!;
        var stream = StreamId.Of(Story.Tenant, content.Blake3);
        var move = new Append(
            new(Story.NextGuid()), Story.Tenant, Story.Actor,
            [
                new(stream, Story.Time, new ContentMoved(content.Blake3, Story.Backend, Story.Backend)),
                new(stream, Story.Time, new LocationCondemned(live.Backend, live.Content, live.Generation, live.PhysicalKey, "moved")),
            ],
            [new Condition.LocationLive(Story.Tenant, Story.Backend, content.Blake3)],
            []);
        await Assert.ThrowsAsync<InvalidOperationException>(() => Journal.Append([move]));
        Assert.Equal(live, await LiveOf(content));
    }
}
