using ArtifactStore.Interfaces.Collection;
using ArtifactStore.Interfaces.Contents;
using ArtifactStore.Interfaces.Events;
using ArtifactStore.Interfaces.Hashing;
using ArtifactStore.Interfaces.Ids;
using ArtifactStore.Interfaces.Journal;
using ArtifactStore.Interfaces.Retention;

namespace ArtifactStore.Conformance.Journal;

/// <summary>Plans (ADR 10): what they list, what they come to, and what their runs may touch.</summary>
public abstract partial class JournalSuite
{
    private static readonly PlanMade AnyPlan = new(7, Story.Time.AddDays(1), 2, 3, 4, 1);

    [Fact]
    public async Task R16_a_plan_is_there_once_it_was_made_to_the_end_and_each_step_happens_once()
    {
        var (first, _) = await NewDoomedPackage(await NewLiveContent());
        var (second, _) = await NewDoomedPackage(await NewLiveContent());
        var plan = new PlanId(Story.NextGuid());
        var items = (await Plans.PlanCandidates(Story.Tenant, 0, 10)).Select(candidate => candidate.Package).ToList();
        Assert.Equal([first, second], items.Select(item => item.Package));
        await Commit(Story.OfPlan(plan, 0, new PlanListed([items[0]])));
        await Refuse(0, Story.OfPlan(plan, 0, new PlanListed([items[1]])));
        await Commit(Story.OfPlan(plan, 1, new PlanListed([items[1]])));
        Assert.Null(await Plans.Plan(Story.Tenant, plan));
        Assert.Empty(await Plans.Items(Story.Tenant, plan, 0, 10));
        Assert.Empty(await Plans.Plans(Story.Tenant, null, 10));

        var made = await Commit(Story.OfPlan(plan, 2, AnyPlan));
        var expected = new PlanView(made.FirstSequence, Story.Tenant, plan, Story.Time, Story.Actor, AnyPlan, PlanStatus.Made, null, null, null, null, 3);
        Assert.Equal(expected, await Plans.Plan(Story.Tenant, plan));
        Assert.Null(await Plans.Plan(new("other"), plan));
        Assert.Empty(await Plans.Items(new("other"), plan, 0, 10));
        Assert.Empty(await Plans.Plans(new("other"), null, 10));
        await Commit(Story.OfPlan(plan, 3, new PlanStarted()));
        await Refuse(0, Story.OfPlan(plan, 3, new PlanStarted()));
        Assert.Equal(
            expected with { Status = PlanStatus.Running, StartedAt = Story.Time, Version = 4 }, await Plans.Plan(Story.Tenant, plan));
        await Commit(Story.OfPlan(plan, 4, new PlanEnded(1, 1)));
        Assert.Equal(
            expected with { Status = PlanStatus.Ended, StartedAt = Story.Time, EndedAt = Story.Time, Started = 1, Skipped = 1, Version = 5 },
            await Plans.Plan(Story.Tenant, plan));

        var page = await Plans.Items(Story.Tenant, plan, 0, 1);
        var rest = await Plans.Items(Story.Tenant, plan, page[0].Key, 10);
        Assert.Equal(items, page.Concat(rest).Select(item => item.Package));
        var later = new PlanId(Story.NextGuid());
        await Commit(Story.OfPlan(later, 0, AnyPlan));
        Assert.Equal([later, plan], (await Plans.Plans(Story.Tenant, null, 10)).Select(found => found.Id));
        Assert.Equal([plan], (await Plans.Plans(Story.Tenant, (await Plans.Plan(Story.Tenant, later))!.Key, 10)).Select(found => found.Id));
    }

    [Fact]
    public async Task R16_only_bytes_that_nothing_outside_the_plan_keeps_come_back()
    {
        var (alone, within, outside, held, gone) = (Sized(1), Sized(10), Sized(100), Sized(1_000), Sized(10_000));
        foreach (var content in new[] { alone, within, outside, held, gone }) await Commit(Story.Settle(await Reserve(content)));
        var first = await Doomed(alone, within, within, outside, held);
        var second = await Doomed(within, gone);
        var changed = await Doomed(gone);
        var kept = await NewPackage();
        await Commit(Story.Link(kept, "a", outside));
        await Commit(Story.Hold(new(Story.NextGuid()), HoldKind.Content, held.Blake3.ToHex()));
        var plan = await Listed();
        Assert.Equal(new(Journal.Head, 3, 8, 1_121 + 10_010 + 10_000, 10_011), await Plans.Totals(Story.Tenant, plan));

        // What has changed since it was listed is no longer of the plan: it keeps what it has.
        await Commit(Story.Extend(changed, Story.Time.AddDays(900)));
        Assert.Equal(new(Journal.Head, 2, 7, 1_121 + 10_010, 11), await Plans.Totals(Story.Tenant, plan));
        Assert.Equal(new(Journal.Head, 0, 0, 0, 0), await Plans.Totals(Story.Tenant, new(Story.NextGuid())));
        Assert.Equal(new(Journal.Head, 0, 0, 0, 0), await Plans.Totals(new("other"), plan));

        // A copy that has failed holds room too, and one that is condemned already comes back by itself.
        await Commit(Story.Fail(alone));
        Assert.Equal(11, (await Plans.Totals(Story.Tenant, plan)).FreedBytes);
        Assert.Equal([first, second, changed], (await Plans.Items(Story.Tenant, plan, 0, 10)).Select(item => item.Package.Package));
    }

    [Fact]
    public async Task R16_a_manifest_counts_like_a_file()
    {
        var file = Sized(3);
        await Commit(Story.Settle(await Reserve(file)));
        var package = await NewPackage();
        await Commit(Story.Link(package, "a", file));
        await Commit(Story.SettleAndFinalize(package, (await Views.Package(Story.Tenant, package))!.Version, await Reserve(Sized(40)), 1, 3));
        await Commit(Story.MarkExpired(package, Story.Time.AddDays(90)));
        var plan = await Listed();
        Assert.Equal(new(Journal.Head, 1, 1, 3, 43), await Plans.Totals(Story.Tenant, plan));
    }

    [Fact]
    public async Task R16_a_run_touches_only_what_is_as_the_plan_saw_it()
    {
        var content = await NewLiveContent();
        var (same, _) = await NewDoomedPackage(content);
        var (changed, _) = await NewDoomedPackage(content);
        var plan = await Listed();
        var versions = (await Plans.Items(Story.Tenant, plan, 0, 10)).ToDictionary(item => item.Package.Package, item => item.Package.Version);
        await Commit(Story.Link(changed, "late", content));
        await Refuse(2, Story.StartPlanned(plan, changed, versions[changed]));
        await Commit(Story.StartPlanned(plan, same, versions[same]));
        Assert.Equal(
            [(same, plan.ToString()), (changed, null)],
            (await Plans.Items(Story.Tenant, plan, 0, 10)).Select(item => (item.Package.Package, item.StartedBy)));
        Assert.Equal(new(2, 1), await Plans.Progress(Story.Tenant, plan));
        Assert.Equal([changed], (await Plans.PlanCandidates(Story.Tenant, 0, 10)).Select(candidate => candidate.Package.Package));
    }

    [Fact]
    public async Task R16_what_is_held_is_told_by_what_it_covers()
    {
        HoldCover[] covers = [HoldCover.Everything, new(HoldKind.Producer, "ci"), new(HoldKind.Subject, "app"), new(HoldKind.Subject, "ci")];
        Assert.Empty(await Plans.Held(Story.Tenant, covers));
        await Commit(Story.Hold(new(Story.NextGuid()), HoldKind.Producer, "ci"));
        await Commit(Story.Hold(new(Story.NextGuid()), HoldKind.Producer, "ci"));
        await Commit(Story.Hold(new(Story.NextGuid()), HoldKind.Producer, "other"));
        Assert.Equal([covers[1]], await Plans.Held(Story.Tenant, covers));
        Assert.Empty(await Plans.Held(new("other"), covers));
        Assert.Empty(await Plans.Held(Story.Tenant, []));
    }

    private ContentDigests Sized(long size) => Story.NewContent(size);

    /// <summary>A package that may be deleted, with these contents.</summary>
    private async Task<PackageId> Doomed(params ContentDigests[] contents)
    {
        var package = await NewPackage();
        for (var i = 0; i < contents.Length; i++) await Commit(Story.Link(package, $"{i}", contents[i]));
        await Commit(Story.MarkExpired(package, Story.Time.AddDays(90)));
        return package;
    }

    /// <summary>A plan of everything that may be deleted.</summary>
    private async Task<PlanId> Listed()
    {
        var plan = new PlanId(Story.NextGuid());
        await Commit(Story.OfPlan(plan, 0, new PlanListed([.. (await Plans.PlanCandidates(Story.Tenant, 0, 100)).Select(candidate => candidate.Package)])));
        await Commit(Story.OfPlan(plan, 1, AnyPlan));
        return plan;
    }
}
