using ArtifactStore.Interfaces.Contents;
using ArtifactStore.Interfaces.Events;
using ArtifactStore.Interfaces.Hashing;
using ArtifactStore.Interfaces.Ids;
using ArtifactStore.Interfaces.Journal;
using ArtifactStore.Interfaces.Packages;
using ArtifactStore.Interfaces.Retention;

namespace ArtifactStore.Conformance.Journal;

/// <summary>How packages and bytes go (ADR 9): no bytes without proof that nothing keeps them, and every step exactly once.</summary>
public abstract partial class JournalSuite
{
    [Fact]
    public async Task A_package_goes_in_steps_and_each_happens_once()
    {
        var content = await NewLiveContent();
        var (package, file) = await NewDoomedPackage(content);
        await Refuse(0, Story.EndCollection(package));
        await Refuse(0, Story.ReleaseLast(file, (await LiveOf(content))!));

        await Commit(Story.StartCollection(package));
        Assert.Equal(PackageStatus.Collecting, (await Views.Package(Story.Tenant, package))!.Status);
        await Refuse(1, Story.StartCollection(package));
        await Refuse(0, Story.Link(package, "late", content));
        await Refuse(0, Story.Extend(package, Story.Time.AddDays(900)));
        await Refuse(0, Story.EndCollection(package));

        var live = (await LiveOf(content))!;
        await Refuse(1, Story.ReleaseBeside(file, live));
        await Commit(Story.ReleaseLast(file, live));
        Assert.Null(await LiveOf(content));
        await Refuse(2, Story.ReleaseLast(file, live));
        await Refuse(0, Story.EndCollection(package));

        await Commit(Story.ReportDeleted(file, live));
        await Refuse(0, Story.ReportDeleted(file, live));
        await Commit(Story.EndCollection(package));
        await Refuse(0, Story.EndCollection(package));
        Assert.Equal(PackageStatus.GarbageCollected, (await Views.Package(Story.Tenant, package))!.Status);
        Assert.Equal(
            ["v1.package.collection_started", "v1.storage.location_condemned", "v1.storage.location_deleted", "v1.package.garbage_collected"],
            (await AllEvents()).TakeLast(4).Select(line => line.Type));
    }

    [Fact]
    public async Task A_shared_content_stays_until_its_last_reference_goes()
    {
        var content = await NewLiveContent();
        var (first, ofFirst) = await NewDoomedPackage(content);
        var (second, ofSecond) = await NewDoomedPackage(content);
        await Commit(Story.StartCollection(first));
        await Commit(Story.StartCollection(second));
        var live = (await LiveOf(content))!;
        await Refuse(2, Story.ReleaseLast(ofFirst, live));
        await Commit(Story.ReleaseBeside(ofFirst, live));
        await Refuse(1, Story.ReleaseBeside(ofFirst, live));
        await Commit(Story.EndCollection(first));
        await Refuse(1, Story.ReleaseBeside(ofSecond, live));
        await Commit(Story.ReleaseLast(ofSecond, live));
    }

    [Fact]
    public async Task One_call_decides_in_order_who_is_the_last()
    {
        var content = await NewLiveContent();
        var (first, ofFirst) = await NewDoomedPackage(content);
        var (second, ofSecond) = await NewDoomedPackage(content);
        await Commit(Story.StartCollection(first));
        await Commit(Story.StartCollection(second));
        var live = (await LiveOf(content))!;
        var open = await NewPackage();

        var results = await Journal.Append(
        [
            Story.ReleaseBeside(ofFirst, live), Story.ReleaseBeside(ofSecond, live), Story.ReleaseLast(ofSecond, live),
            Story.Link(open, "too-late", content), Story.ReportDeleted(ofSecond, live), Story.EndCollection(second), Story.EndCollection(first),
        ]);

        Assert.IsType<AppendResult.Committed>(results[0]);
        Assert.Equal(1, Assert.IsType<AppendResult.Refused>(results[1]).ConditionIndex);
        Assert.IsType<AppendResult.Committed>(results[2]);
        Assert.Equal(2, Assert.IsType<AppendResult.Refused>(results[3]).ConditionIndex);
        Assert.All(results.Skip(4), result => Assert.IsType<AppendResult.Committed>(result));
    }

    [Fact]
    public async Task A_reference_that_comes_first_keeps_the_bytes_and_one_that_comes_later_needs_new_ones()
    {
        var content = await NewLiveContent();
        var (package, file) = await NewDoomedPackage(content);
        await Commit(Story.StartCollection(package));
        var live = (await LiveOf(content))!;
        var open = await NewPackage();
        var results = await Journal.Append([Story.Link(open, "in-time", content), Story.ReleaseLast(file, live)]);
        Assert.IsType<AppendResult.Committed>(results[0]);
        Assert.Equal(2, Assert.IsType<AppendResult.Refused>(results[1]).ConditionIndex);

        var alone = await NewLiveContent();
        var (other, last) = await NewDoomedPackage(alone);
        await Commit(Story.StartCollection(other));
        var gone = (await LiveOf(alone))!;
        results = await Journal.Append([Story.ReleaseLast(last, gone), Story.Link(open, "late", alone)]);
        Assert.IsType<AppendResult.Committed>(results[0]);
        Assert.Equal(2, Assert.IsType<AppendResult.Refused>(results[1]).ConditionIndex);
        var mine = await Reserve(alone);
        Assert.Equal(2, mine.Generation);
        await Commit(Story.SettleAndIngest(open, "again", mine));
        // The old generation is still to be deleted, and that touches nothing of the new one.
        await Commit(Story.ReportDeleted(last, gone));
        Assert.Equal(2, (await LiveOf(alone))!.Generation);
    }

    [Fact]
    public async Task Holds_stop_the_start_and_a_hold_on_everything_stops_the_bytes_too()
    {
        var content = await NewLiveContent();
        var (package, file) = await NewDoomedPackage(content, subject: "case/7");
        var onSubject = new HoldId(Story.NextGuid());
        await Commit(Story.Hold(onSubject, HoldKind.Subject, "case"));
        await Refuse(0, Story.StartCollection(package, subject: "case/7"));
        await Commit(Story.Release(onSubject, HoldKind.Subject, "case"));
        await Commit(Story.StartCollection(package, subject: "case/7"));

        var everything = new HoldId(Story.NextGuid());
        await Commit(Story.Hold(everything, HoldKind.Everything, ""));
        var live = (await LiveOf(content))!;
        await Refuse(1, Story.ReleaseLast(file, live));
        await Commit(Story.Release(everything, HoldKind.Everything, ""));
        await Commit(Story.ReleaseLast(file, live));
        var late = Story.Append(
            StreamId.Of(Story.Tenant, package), new HoldApplied(new(Story.NextGuid()), HoldKind.Package, package.ToString(), "r", "o", null),
            new Condition.HoldIdFree(Story.Tenant, new(Story.NextGuid())), new Condition.PackageStands(Story.Tenant, package));
        await Refuse(1, late);
    }

    [Fact]
    public async Task A_hold_on_a_content_keeps_its_bytes_when_the_package_goes()
    {
        var content = await NewLiveContent();
        var (package, file) = await NewDoomedPackage(content);
        var hold = new HoldId(Story.NextGuid());
        await Commit(Story.Hold(hold, HoldKind.Content, content.Blake3.ToHex()));
        await Commit(Story.StartCollection(package));
        var live = (await LiveOf(content))!;
        await Refuse(2, Story.ReleaseLast(file, live));
        await Commit(Story.ReleaseBeside(file, live));
        await Commit(Story.EndCollection(package));
        await Refuse(1, Story.CondemnLocation(live, LocationState.Live));
        await Commit(Story.Release(hold, HoldKind.Content, content.Blake3.ToHex()));
        await Commit(Story.CondemnLocation(live, LocationState.Live));
    }

    [Fact]
    public async Task Every_backend_has_keepers_of_its_own_and_moving_takes_them_along()
    {
        var content = await NewLiveContent();
        var (package, file) = await NewDoomedPackage(content);
        var live = (await LiveOf(content))!;
        var elsewhere = new BackendId("s3");
        var mine = Assert.IsType<ReserveResult.Granted>(
            await Journal.Reserve(new(Story.Tenant, elsewhere, content, Story.NewAttempt(), TakeOver: false))).Reservation;
        var stream = StreamId.Of(Story.Tenant, content.Blake3);
        Append Move() => new(
            new(Story.NextGuid()), Story.Tenant, Story.Actor,
            [
                Story.Settled(mine),
                new(stream, Story.Time, new ContentMoved(content.Blake3, Story.Backend, elsewhere)),
                new(stream, Story.Time, new LocationCondemned(live.Backend, live.Content, live.Generation, live.PhysicalKey, "moved")),
            ],
            [new Condition.MaySettle(mine), new Condition.LocationIs(Story.Tenant, live.Backend, live.Content, live.Generation, LocationState.Live)],
            [Story.Drop(mine)]);
        await Commit(Move());
        await Refuse(0, Move());
        var moved = (await Views.LiveLocation(Story.Tenant, elsewhere, ContentAddress.Blake3(content.Blake3)))!;
        Assert.Null(await LiveOf(content));
        Assert.Equal(elsewhere, Assert.Single(await Views.Files(Story.Tenant, package, null, 10)).Backend);

        await Commit(Story.StartCollection(package));
        await Refuse(2, Story.ReleaseLast(file, live));
        await Commit(Story.ReleaseLast(file, moved));
    }

    [Fact]
    public async Task R14_an_orphan_is_condemned_only_under_a_number_that_nobody_has()
    {
        var content = Story.NewContent();
        var hex = content.Blake3.ToHex();
        var reserved = await Reserve(content);
        await Refuse(0, Story.CondemnOrphan(content.Blake3, 1, reserved.PhysicalKey));
        await Commit(Story.Settle(reserved));
        await Refuse(0, Story.CondemnOrphan(content.Blake3, 1, reserved.PhysicalKey));
        await Commit(Story.CondemnOrphan(content.Blake3, 2, $"blake3/{hex}.2-lost"));
        await Refuse(0, Story.CondemnOrphan(content.Blake3, 2, $"blake3/{hex}.2-lost"));

        // Of a content that nobody had: whoever brings its bytes gets the next number, and so another key.
        var unknown = Story.NewContent();
        var everything = new HoldId(Story.NextGuid());
        await Commit(Story.Hold(everything, HoldKind.Everything, ""));
        await Refuse(1, Story.CondemnOrphan(unknown.Blake3, 1, "blake3/unknown"));
        await Commit(Story.Release(everything, HoldKind.Everything, ""));
        await Commit(Story.CondemnOrphan(unknown.Blake3, 1, "blake3/unknown"));
        var mine = await Reserve(unknown);
        Assert.Equal(2, mine.Generation);
        await Commit(Story.Settle(mine));
    }

    [Fact]
    public async Task R14_one_call_decides_in_order_whether_a_number_is_free()
    {
        var content = Story.NewContent();
        var mine = await Reserve(content);
        var other = Story.NewContent();
        var results = await Journal.Append(
        [
            Story.CondemnReservation(mine), Story.CondemnOrphan(content.Blake3, 1, mine.PhysicalKey),
            Story.CondemnOrphan(other.Blake3, 1, "blake3/other"), Story.CondemnOrphan(other.Blake3, 1, "blake3/other"),
        ]);
        Assert.IsType<AppendResult.Committed>(results[0]);
        Assert.IsType<AppendResult.Refused>(results[1]);
        Assert.IsType<AppendResult.Committed>(results[2]);
        Assert.IsType<AppendResult.Refused>(results[3]);
    }

    /// <summary>A package with one file that refers to the content, and that may be deleted.</summary>
    private async Task<(PackageId Package, Keeper File)> NewDoomedPackage(ContentDigests content, string subject = "app")
    {
        var package = await NewPackage(subject: subject);
        var ingested = await Commit(Story.Link(package, "file", content));
        var file = Assert.Single(await Views.Files(Story.Tenant, package, null, 10));
        await Commit(Story.MarkExpired(package, Story.Time.AddDays(90), subject: subject));
        return (package, new(package, file.Id, ingested.FirstSequence));
    }
}
