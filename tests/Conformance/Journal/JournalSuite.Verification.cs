using ArtifactStore.Interfaces.Contents;
using ArtifactStore.Interfaces.Events;
using ArtifactStore.Interfaces.Hashing;
using ArtifactStore.Interfaces.Ids;
using ArtifactStore.Interfaces.Journal;

namespace ArtifactStore.Conformance.Journal;

/// <summary>Locations one after another, and what reading them again leaves in the log.</summary>
public abstract partial class JournalSuite
{
    [Fact]
    public async Task Locations_are_walked_page_by_page_and_each_page_looks_at_no_more_than_its_limit()
    {
        var live = new List<ContentDigests>();
        for (var i = 0; i < 5; i++) live.Add(await NewLiveContent());
        var condemned = await NewLiveContent();
        await Commit(Story.CondemnLocation((await LiveOf(condemned))!, LocationState.Live));
        await Commit(Story.CondemnReservation(await Reserve(Story.NewContent())));
        var failed = await NewLiveContent();
        await Commit(Story.Fail(failed));
        live.Add(failed);

        var walked = new List<StoredLocation>();
        var pages = 0;
        for (long? after = 0; after is { } key; pages++)
        {
            var page = await Views.Locations(Story.Backend, key, 2);
            Assert.True(page.Items.Count <= 2);
            Assert.True(page.Next is null || page.Next > key);
            walked.AddRange(page.Items);
            after = page.Next;
        }
        Assert.Equal(5, pages);
        Assert.Equal(live, walked.Select(row => row.Content));
        Assert.Equal(walked.Select(row => row.Key).Order(), walked.Select(row => row.Key));
        Assert.All(walked, row => Assert.Equal((Story.Tenant, Story.Time), (row.Tenant, row.CheckedAt)));
        Assert.Equal(LocationState.Failed, walked[^1].Location.State);
        Assert.Equal(await LiveOf(live[0]), walked[0].Location);
        Assert.Empty((await Views.Locations(new("s3"), 0, 100)).Items);
        Assert.Null((await Views.Locations(new("s3"), 0, 100)).Next);
    }

    [Fact]
    public async Task A_verification_is_remembered_and_only_what_is_live_is_verified()
    {
        var content = await NewLiveContent();
        var later = Story.Time.AddDays(3);
        await Commit(Verified(content, 1, later));
        Assert.Equal(later, Assert.Single((await Views.Locations(Story.Backend, 0, 10)).Items).CheckedAt);
        await Refuse(0, Verified(content, 2, later));
        await Commit(Story.Fail(content));
        await Refuse(0, Verified(content, 1, later.AddDays(1)));
        Assert.Single(await Views.Events(0, 100, ["v1.storage.location_verified"]));
    }

    [Fact]
    public async Task A_failed_location_is_replaced_in_one_append_and_no_longer_counted()
    {
        var content = await NewLiveContent();
        var failed = (await LiveOf(content))!;
        await Commit(Story.Fail(content));
        Assert.Equal(1, (await Views.Status()).FailedLocations[Story.Backend]);
        var mine = await Reserve(content);
        var before = Journal.Head;
        await Commit(Repaired(mine, failed));
        Assert.Equal(0, (await Views.Status()).FailedLocations[Story.Backend]);
        Assert.Equal(2, (await LiveOf(content))!.Generation);
        Assert.Equal(2, Assert.Single((await Views.Locations(Story.Backend, 0, 10)).Items).Location.Generation);
        Assert.Equal(
            ["v1.storage.location_settled", "v1.storage.location_condemned", "v1.storage.location_repaired"],
            (await Views.Events(before, 10, [])).Select(line => line.Type));
        // The failed one is condemned by now: whoever comes late has nothing to repair.
        await Refuse(0, Repaired(mine, failed));
    }

    private Task<LocationView?> LiveOf(ContentDigests content) =>
        Views.LiveLocation(Story.Tenant, Story.Backend, ContentAddress.Blake3(content.Blake3));

    private Append Verified(ContentDigests content, int generation, DateTimeOffset time) => new(
        new(Story.NextGuid()), Story.Tenant, Story.Actor,
        [new(StreamId.Of(Story.Tenant, content.Blake3), time, new LocationVerified(Story.Backend, content.Blake3, generation))],
        [new Condition.LocationIs(Story.Tenant, Story.Backend, content.Blake3, generation, LocationState.Live)],
        []);

    private Append Repaired(Reservation mine, LocationView failed)
    {
        var stream = StreamId.Of(Story.Tenant, failed.Content);
        return new(
            new(Story.NextGuid()), Story.Tenant, Story.Actor,
            [
                Story.Settled(mine),
                new(stream, Story.Time, new LocationCondemned(failed.Backend, failed.Content, failed.Generation, failed.PhysicalKey, "healed")),
                new(stream, Story.Time, new LocationRepaired(failed.Backend, failed.Content, mine.Generation, failed.Generation)),
            ],
            [
                new Condition.MaySettle(mine),
                new Condition.LocationIs(Story.Tenant, failed.Backend, failed.Content, failed.Generation, LocationState.Failed),
            ],
            [Story.Drop(mine)]);
    }
}
