using ArtifactStore.Interfaces.Contents;
using ArtifactStore.Interfaces.Ids;
using ArtifactStore.Interfaces.Journal;
using ArtifactStore.Interfaces.Retention;

namespace ArtifactStore.Conformance.Journal;

/// <summary>What keeps a package: its time and its holds, as conditions and in the views.</summary>
public abstract partial class JournalSuite
{
    private static readonly DateTimeOffset Expiry = Story.Time.AddDays(90);

    private HoldId NewHold() => new(Story.NextGuid());

    private async Task<HoldId> Holding(HoldKind kind, string covers, DateTimeOffset? until = null)
    {
        var id = NewHold();
        await Commit(Story.Hold(id, kind, covers, until));
        return id;
    }

    [Fact]
    public async Task R04_extensions_only_go_later()
    {
        var package = await NewPackage();
        await Refuse(0, Story.Extend(package, Expiry));
        await Refuse(0, Story.Extend(package, Expiry.AddTicks(9)));
        await Commit(Story.Extend(package, Expiry.AddDays(2)));
        await Refuse(0, Story.Extend(package, Expiry.AddDays(1)));
        await Refuse(0, Story.Extend(package, Expiry.AddDays(2)));
        Assert.Equal(Expiry.AddDays(2), (await Views.Package(Story.Tenant, package))!.ExpiresAt);
        await Refuse(0, Story.Extend(Story.NewPackageId(), Expiry.AddDays(9)));
        var results = await Journal.Append([Story.Extend(package, Expiry.AddDays(9)), Story.Extend(package, Expiry.AddDays(5))]);
        Assert.Equal([null, 0], results.Select(result => (result as AppendResult.Refused)?.ConditionIndex));
    }

    [Fact]
    public async Task R03_what_never_expires_is_neither_extended_nor_due()
    {
        var package = Story.NewPackageId();
        var create = Story.CreatePackage(package, retentionClass: "permanent-record");
        await Commit(create with { Events = [create.Events[0], create.Events[1] with { Body = new Interfaces.Events.RetentionDefaultApplied("permanent-record", null) }] });
        await Refuse(0, Story.Extend(package, Expiry.AddYears(900)));
        Assert.Empty(await Views.DuePackages(DateTimeOffset.MaxValue, null, 10));
        await Refuse(2, Story.MarkExpired(package, Expiry));
    }

    [Fact]
    public async Task R06_a_package_is_marked_once_and_only_at_the_expiry_that_was_seen()
    {
        var package = await NewPackage();
        await Refuse(2, Story.MarkExpired(package, Expiry.AddDays(1)));
        await Refuse(2, Story.MarkExpired(package, null));
        await Commit(Story.MarkExpired(package, Expiry));
        await Refuse(1, Story.MarkExpired(package, Expiry));
        Assert.Equal(new(Story.Time, EligibilityCause.Expired, null), (await Views.Package(Story.Tenant, package))!.Eligible);
        // Who is kept longer is not to be deleted any more.
        await Commit(Story.Extend(package, Expiry.AddDays(1)));
        Assert.Null((await Views.Package(Story.Tenant, package))!.Eligible);
        await Refuse(2, Story.MarkExpired(package, Expiry));
    }

    [Fact]
    public async Task R05_each_kind_of_hold_closes_the_gate_for_what_it_covers_and_opens_it_with_its_release()
    {
        var package = await NewPackage("team/ci", "app/1.2/linux");
        var other = await NewPackage("team/city", "app/1.20");
        (HoldKind Kind, string Covers, bool Binds)[] holds =
        [
            (HoldKind.Package, package.ToString(), true), (HoldKind.Package, other.ToString(), false),
            (HoldKind.Producer, "team/ci", true), (HoldKind.Producer, "team", true), (HoldKind.Producer, "team/c", false),
            (HoldKind.Producer, "team/ci/x", false), (HoldKind.Producer, "app", false), (HoldKind.Producer, "Team", false),
            (HoldKind.Subject, "app/1.2", true), (HoldKind.Subject, "app", true), (HoldKind.Subject, "app/1", false),
            (HoldKind.Subject, "app/1.2/linux", true), (HoldKind.Subject, "linux", false), (HoldKind.Subject, "team", false),
            (HoldKind.Everything, "", true),
        ];
        var view = (await Views.Package(Story.Tenant, package))!;
        foreach (var (kind, covers, binds) in holds)
        {
            var id = await Holding(kind, covers);
            var gate = Story.MarkExpired(package, Expiry.AddDays(1), "team/ci", "app/1.2/linux");
            // Behind an open gate the second condition that fails is the expiry, which is another on purpose: nothing is marked here.
            await Refuse(binds ? 0 : 2, gate);
            Assert.Equal(binds ? [id] : [], (await Views.HoldsOn(view, 10)).Select(hold => hold.Id));
            await Commit(Story.Release(id, kind, covers));
            await Refuse(2, gate);
        }
        Assert.Empty(await Views.Holds(Story.Tenant, 0, 10));
    }

    [Fact]
    public async Task R05_many_holds_bind_at_once_and_the_last_release_opens()
    {
        var package = await NewPackage();
        var (one, two) = (await Holding(HoldKind.Package, package.ToString()), await Holding(HoldKind.Package, package.ToString()));
        var three = await Holding(HoldKind.Subject, "app");
        await Commit(Story.Release(one, HoldKind.Package, package.ToString()));
        await Refuse(0, Story.MarkExpired(package, Expiry));
        await Commit(Story.Release(three, HoldKind.Subject, "app"));
        await Refuse(0, Story.MarkExpired(package, Expiry));
        await Commit(Story.Release(two, HoldKind.Package, package.ToString()));
        await Commit(Story.MarkExpired(package, Expiry));
    }

    [Fact]
    public async Task R05_the_gate_sees_holds_of_the_same_batch()
    {
        var package = await NewPackage();
        var (one, two) = (NewHold(), NewHold());
        var results = await Journal.Append(
        [
            Story.Hold(one, HoldKind.Package, package.ToString()),
            Story.Hold(one, HoldKind.Everything, ""),
            Story.Hold(two, HoldKind.Producer, "ci"),
            Story.MarkExpired(package, Expiry),
            Story.Release(one, HoldKind.Package, package.ToString()),
            Story.MarkExpired(package, Expiry),
            Story.Release(one, HoldKind.Package, package.ToString()),
            Story.Release(two, HoldKind.Producer, "ci"),
            Story.MarkExpired(package, Expiry),
            Story.MarkExpired(package, Expiry),
            Story.Extend(package, Expiry.AddDays(1)),
            Story.MarkExpired(package, Expiry),
            Story.MarkExpired(package, Expiry.AddDays(1)),
        ]);
        Assert.Equal(
            [null, 0, null, 0, null, 0, 0, null, null, 1, null, 2, null],
            results.Select(result => (result as AppendResult.Refused)?.ConditionIndex));
    }

    [Fact]
    public async Task R05_a_hold_is_released_as_the_one_that_it_is()
    {
        var package = await NewPackage();
        var id = NewHold();
        var first = await Commit(Story.Hold(id, HoldKind.Package, package.ToString()));
        await Refuse(0, Story.Hold(id, HoldKind.Subject, "app"));
        await Refuse(0, Story.Release(id, HoldKind.Subject, "app"));
        await Refuse(0, Story.Release(NewHold(), HoldKind.Subject, "app"));
        await Refuse(0, Story.Release(id, HoldKind.Package, package.ToString(), first.FirstSequence + 1));
        await Commit(Story.Release(id, HoldKind.Package, package.ToString(), first.FirstSequence));
        await Refuse(0, Story.Release(id, HoldKind.Package, package.ToString()));
        var second = await Commit(Story.Hold(id, HoldKind.Package, package.ToString()));
        // Whoever saw the first one, and comes late, does not end the second.
        await Refuse(0, Story.Release(id, HoldKind.Package, package.ToString(), first.FirstSequence));
        Assert.Equal(second.FirstSequence, (await Views.Hold(Story.Tenant, id))!.Key);
    }

    [Fact]
    public async Task R05_a_hold_on_a_content_is_a_reference_while_it_stands()
    {
        var content = await NewLiveContent();
        var address = ContentAddress.Blake3(content.Blake3);
        var covers = content.Blake3.ToHex();
        await Refuse(1, Story.Hold(NewHold(), HoldKind.Content, Story.NewContent().Blake3.ToHex()));
        Assert.Null(await Views.Content(Scope, address));
        var (one, two) = (await Holding(HoldKind.Content, covers), await Holding(HoldKind.Content, covers));
        await Commit(Story.Release(one, HoldKind.Content, covers));
        Assert.Equal(content, (await Views.Content(Scope, address))!.Digests);
        await Commit(Story.Release(two, HoldKind.Content, covers));
        Assert.Null(await Views.Content(Scope, address));
    }

    [Fact]
    public async Task R05_holds_are_listed_found_and_due_by_their_ends()
    {
        var package = await NewPackage();
        var late = await Holding(HoldKind.Everything, "", Story.Time.AddDays(3));
        var soon = await Holding(HoldKind.Package, package.ToString(), Story.Time.AddDays(1));
        var ever = await Holding(HoldKind.Subject, "app");
        var view = (await Views.Hold(Story.Tenant, soon))!;
        Assert.Equal(
            new(view.Key, Story.Tenant, soon, HoldKind.Package, package.ToString(), "litigation", "legal", Story.Time, Story.Time.AddDays(1)), view);
        Assert.Null(await Views.Hold(new("other"), soon));
        Assert.Equal([late, soon, ever], (await Views.Holds(Story.Tenant, 0, 10)).Select(hold => hold.Id));
        Assert.Equal([soon, ever], (await Views.Holds(Story.Tenant, (await Views.Hold(Story.Tenant, late))!.Key, 10)).Select(hold => hold.Id));
        Assert.Empty(await Views.Holds(new("other"), 0, 10));
        Assert.Empty(await Views.EndedHolds(Story.Time, null, 10));
        Assert.Equal([soon], (await Views.EndedHolds(Story.Time.AddDays(1), null, 10)).Select(hold => hold.Id));
        Assert.Equal([soon, late], (await Views.EndedHolds(Story.Time.AddDays(9), null, 10)).Select(hold => hold.Id));
        Assert.Equal([late], (await Views.EndedHolds(Story.Time.AddDays(9), view, 10)).Select(hold => hold.Id));
    }

    [Fact]
    public async Task R06_due_are_the_expired_that_are_not_marked_in_pages()
    {
        var packages = new List<PackageId>();
        for (var i = 0; i < 7; i++) packages.Add(await NewPackage());
        await Commit(Story.Extend(packages[2], Expiry.AddDays(5)));
        await Commit(Story.MarkExpired(packages[4], Expiry));
        Assert.Empty(await Views.DuePackages(Expiry.AddTicks(-10), null, 10));
        var seen = new List<PackageId>();
        DuePackage? after = null;
        while (await Views.DuePackages(Expiry, after, 2) is { Count: > 0 } page)
        {
            seen.AddRange(page.Select(due => due.Package));
            after = page[^1];
        }
        Assert.Equal([packages[0], packages[1], packages[3], packages[5], packages[6]], seen);
        Assert.Equal(packages[2], (await Views.DuePackages(Expiry.AddDays(5), after, 10)).Single().Package);
    }

    [Fact]
    public async Task H16_the_history_of_a_package_is_its_events_of_retention_in_order()
    {
        var package = await NewPackage();
        await NewPackage();
        await Commit(Story.Link(package, "a", await NewLiveContent()));
        var hold = await Holding(HoldKind.Package, package.ToString());
        await Commit(Story.Release(hold, HoldKind.Package, package.ToString()));
        await Commit(Story.Extend(package, Expiry.AddDays(1)));
        await Commit(Story.MarkExpired(package, Expiry.AddDays(1)));
        var history = await Views.RetentionHistory(Story.Tenant, package, 0, 10);
        Assert.Equal(
            ["default_applied", "hold_applied", "hold_released", "extended", "deletion_eligible"],
            history.Select(record => record.Type["v1.retention.".Length..]));
        Assert.Equal([2, 4, 5, 6, 7], history.Select(record => record.StreamVersion));
        Assert.Equal([4, 5], (await Views.RetentionHistory(Story.Tenant, package, 2, 2)).Select(record => record.StreamVersion));
        Assert.Empty(await Views.RetentionHistory(new("other"), package, 0, 10));
    }
}
