using ArtifactStore.Interfaces.Contents;
using ArtifactStore.Interfaces.Events;
using ArtifactStore.Interfaces.Ids;
using ArtifactStore.Interfaces.Journal;

namespace ArtifactStore.Conformance.Journal;

public abstract partial class JournalSuite
{
    [Fact]
    public async Task A_stream_is_at_the_number_of_its_events()
    {
        var package = await NewPackage();
        var stream = StreamId.Of(Story.Tenant, package);
        var content = await NewLiveContent();
        await Refuse(0, WithConditions(Story.Link(package, "a", content), new Condition.StreamAt(stream, 1)));
        await Commit(WithConditions(Story.Link(package, "a", content), new Condition.StreamAt(stream, 2)));
        await Refuse(0, WithConditions(Story.Link(package, "b", content), new Condition.StreamAt(stream, 2)));
    }

    [Fact]
    public async Task A_package_is_open_from_its_creation_to_its_finalization()
    {
        var package = Story.NewPackageId();
        var content = await NewLiveContent();
        await Refuse(0, Story.Link(package, "a", content));
        await Commit(Story.CreatePackage(package));
        await Commit(Story.Link(package, "a", content));
        await Commit(Story.SettleAndFinalize(package, 3, await Reserve(Story.NewContent()), 1, 7));
        await Refuse(0, Story.Link(package, "b", content));
    }

    [Fact]
    public async Task A_path_is_free_until_it_is_taken_and_only_in_its_package()
    {
        var (one, other) = (await NewPackage(), await NewPackage());
        var content = await NewLiveContent();
        await Commit(Story.Link(one, "a/b", content));
        await Refuse(1, Story.Link(one, "a/b", content));
        await Commit(Story.Link(one, "a/B", content));
        await Commit(Story.Link(other, "a/b", content));
    }

    [Fact]
    public async Task A_location_is_live_only_between_settling_and_failing()
    {
        var package = await NewPackage();
        var content = Story.NewContent();
        var mine = await Reserve(content);
        await Refuse(2, Story.Link(package, "a", content));
        await Commit(Story.Settle(mine));
        await Commit(Story.Link(package, "a", content));
        await Commit(Story.Fail(content));
        await Refuse(2, Story.Link(package, "b", content));
        await Refuse(0, Story.Fail(content));
    }

    [Fact]
    public async Task Only_the_owner_of_a_reservation_that_stands_may_settle()
    {
        var content = Story.NewContent();
        var mine = await Reserve(content);
        await Refuse(0, Story.Settle(mine with { Owner = Story.NewAttempt() }));
        await Refuse(0, Story.Settle(mine with { Generation = 2 }));
        await Commit(Story.CondemnReservation(mine));
        await Refuse(0, Story.Settle(mine));
        await Refuse(0, Story.CondemnReservation(mine));
    }

    [Fact]
    public async Task Nobody_settles_beside_a_live_location()
    {
        var content = Story.NewContent();
        var mine = await Reserve(content);
        var other = await Reserve(content, takeOver: true);
        await Commit(Story.Settle(other));
        await Refuse(0, Story.Settle(mine));
        await Commit(Story.CondemnReservation(mine));
        var live = await Views.LiveLocation(Story.Tenant, Story.Backend, ContentAddress.Blake3(content.Blake3));
        Assert.Equal(other.PhysicalKey, live!.PhysicalKey);
    }

    [Fact]
    public async Task A_generation_is_in_one_state_at_a_time()
    {
        var content = await NewLiveContent();
        var live = (await Views.LiveLocation(Story.Tenant, Story.Backend, ContentAddress.Blake3(content.Blake3)))!;
        await Refuse(0, Story.CondemnLocation(live, LocationState.Failed));
        await Refuse(0, Story.CondemnLocation(live with { Generation = 2 }, LocationState.Live));
        await Commit(Story.CondemnLocation(live, LocationState.Live));
        await Refuse(0, Story.CondemnLocation(live, LocationState.Live));
        Assert.Null(await Views.LiveLocation(Story.Tenant, Story.Backend, ContentAddress.Blake3(content.Blake3)));
    }

    [Fact]
    public async Task An_idempotency_key_is_used_once_by_an_actor()
    {
        var first = Story.NewPackageId();
        var entry = new IdempotencyEntry(Story.Tenant, Story.Actor, "key", Story.NewContent().Blake3, first.ToString(), Story.Time);
        await Commit(Remembering(Story.CreatePackage(first), entry));
        await Refuse(1, Remembering(Story.CreatePackage(Story.NewPackageId()), entry));
        await Commit(Remembering(Story.CreatePackage(Story.NewPackageId()), entry with { Actor = "other" }));
        Assert.Equal(entry, await Views.IdempotencyKey(Story.Tenant, Story.Actor, "key"));
        Assert.Null(await Views.IdempotencyKey(Story.Tenant, Story.Actor, "Key"));
    }

    [Fact]
    public async Task Conditions_see_what_earlier_appends_of_the_same_batch_did()
    {
        var package = Story.NewPackageId();
        var content = Story.NewContent();
        var mine = await Reserve(content);
        var results = await Journal.Append(
        [
            Story.Link(package, "early", content),
            Story.CreatePackage(package),
            Story.CreatePackage(package),
            Story.SettleAndIngest(package, "a", mine),
            Story.SettleAndIngest(package, "b", mine),
            Story.Link(package, "a", content),
            Story.Link(package, "b", content),
        ]);
        Assert.Equal([0, null, 0, null, 2, 1, null], results.Select(result => (result as AppendResult.Refused)?.ConditionIndex));
    }

    [Fact]
    public async Task E01_a_refused_append_writes_nothing_at_all()
    {
        var package = await NewPackage();
        var mine = await Reserve(Story.NewContent());
        var head = Journal.Head;
        var stale = new Condition.StreamAt(StreamId.Of(Story.Tenant, package), 9);
        await Refuse(1, WithConditions(Story.Settle(mine), new Condition.MaySettle(mine), stale));
        Assert.Equal(head, Journal.Head);
        Assert.Equal(head, (await AllEvents()).Count);
        await Commit(Story.Settle(mine));
        Assert.Equal(head + 1, Journal.Head);
    }

    private static Append WithConditions(Append append, params Condition[] conditions) => append with { Conditions = [.. conditions] };

    private static Append Remembering(Append append, IdempotencyEntry entry) => append with
    {
        Conditions = [.. append.Conditions, new Condition.IdempotencyKeyFree(entry.Tenant, entry.Actor, entry.Key)],
        Work = [new WorkChange.RememberIdempotencyKey(entry)],
    };
}
