using ArtifactStore.Interfaces.Contents;
using ArtifactStore.Interfaces.Hashing;
using ArtifactStore.Interfaces.Ids;
using ArtifactStore.Interfaces.Journal;

namespace ArtifactStore.Conformance.Journal;

/// <summary>Design §6, steps 3 to 6, as far as the journal answers for them.</summary>
public abstract partial class JournalSuite
{
    [Fact]
    public async Task The_first_reservation_has_the_plain_key_and_the_second_attempt_is_told_who_is_at_it()
    {
        var content = Story.NewContent();
        var request = Story.Reserve(content);
        var mine = Assert.IsType<ReserveResult.Granted>(await Journal.Reserve(request)).Reservation;
        Assert.Equal((1, request.Attempt, content), (mine.Generation, mine.Owner, mine.Content));
        Assert.Equal(PhysicalKey.Of(Story.Tenant, content.Blake3, 1, request.Attempt, 1), mine.PhysicalKey);
        Assert.Equal(new ReserveResult.Busy(request.Attempt, 1), await Journal.Reserve(Story.Reserve(content)));
        Assert.Equal(new ReserveResult.Granted(mine), await Journal.Reserve(request));
    }

    [Fact]
    public async Task Who_takes_over_gets_the_next_generation_and_a_key_of_its_own()
    {
        var content = Story.NewContent();
        var first = await Reserve(content);
        var second = await Reserve(content, takeOver: true);
        var third = await Reserve(content, takeOver: true);
        Assert.Equal([1, 2, 3], new[] { first, second, third }.Select(r => r.Generation));
        Assert.Equal(3, new[] { first, second, third }.Select(r => r.PhysicalKey).Distinct().Count());
        Assert.Equal(3, Assert.IsType<ReserveResult.Busy>(await Journal.Reserve(Story.Reserve(content))).Generation);
    }

    [Fact]
    public async Task Reserving_what_is_live_answers_where_it_lies()
    {
        var content = Story.NewContent();
        var mine = await Reserve(content);
        await Commit(Story.Settle(mine));
        var live = Assert.IsType<ReserveResult.Live>(await Journal.Reserve(Story.Reserve(content))).Location;
        Assert.Equal(new LocationView(Story.Backend, content.Blake3, 1, mine.PhysicalKey, LocationState.Live, "identity"), live);
        Assert.IsType<ReserveResult.Live>(await Journal.Reserve(Story.Reserve(content, takeOver: true)));
    }

    [Fact]
    public async Task A_generation_is_never_used_again()
    {
        var content = Story.NewContent();
        var first = await Reserve(content);
        await Commit(Story.CondemnReservation(first));
        var second = await Reserve(content);
        Assert.Equal(2, second.Generation);
        await Commit(Story.Settle(second));
        var live = (await Views.LiveLocation(Story.Tenant, Story.Backend, ContentAddress.Sha256(content.Sha256)))!;
        await Commit(Story.CondemnLocation(live, LocationState.Live));
        var third = await Reserve(content);
        Assert.Equal(3, third.Generation);
        Assert.NotEqual(second.PhysicalKey, third.PhysicalKey);
    }

    [Fact]
    public async Task Exactly_one_of_many_who_reserve_is_granted_and_exactly_one_settles()
    {
        var content = Story.NewContent();
        var answers = await Task.WhenAll(Enumerable.Range(0, 100).Select(_ => Task.Run(() => Journal.Reserve(Story.Reserve(content)))));
        var granted = Assert.Single(answers.OfType<ReserveResult.Granted>());
        Assert.All(answers.OfType<ReserveResult.Busy>(), busy => Assert.Equal(granted.Reservation.Owner, busy.Owner));
        var takers = await Task.WhenAll(Enumerable.Range(0, 20).Select(_ => Task.Run(() => Reserve(content, takeOver: true))));
        Assert.Equal(Enumerable.Range(2, 20), takers.Select(r => r.Generation).Order());
        var settled = await Task.WhenAll(takers.Append(granted.Reservation).Select(r => Task.Run(() => Append(Story.Settle(r)))));
        Assert.Single(settled.OfType<AppendResult.Committed>());
    }

    [Fact]
    public async Task A_thousand_references_to_one_content_do_not_conflict()
    {
        var content = await NewLiveContent();
        var packages = await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => NewPackage()));
        var before = Journal.Head;
        var results = await Task.WhenAll(Enumerable.Range(0, 1_000).Select(i => Task.Run(
            () => Append(Story.Link(packages[i % 8], $"f{i}", content)))));
        Assert.All(results, result => Assert.IsType<AppendResult.Committed>(result));
        Assert.Equal(before + 1_000, Journal.Head);
        foreach (var package in packages)
        {
            var view = (await Views.Package(Story.Tenant, package))!;
            Assert.Equal((125, 125 * content.Size, 127), (view.FileCount, view.TotalBytes, view.Version));
        }
    }

    [Fact]
    public async Task What_was_reserved_elsewhere_does_not_matter_here()
    {
        var content = Story.NewContent();
        await Reserve(content);
        var elsewhere = Story.Reserve(content) with { Backend = new("s3") };
        Assert.Equal(1, Assert.IsType<ReserveResult.Granted>(await Journal.Reserve(elsewhere)).Reservation.Generation);
        var tenant = Story.Reserve(content) with { Tenant = new("other") };
        var other = Assert.IsType<ReserveResult.Granted>(await Journal.Reserve(tenant)).Reservation;
        Assert.StartsWith("tenants/other/", other.PhysicalKey, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_append_that_contradicts_the_log_is_a_bug_and_hurts_nobody_else()
    {
        var package = await NewPackage();
        var dangling = new Append(
            new(Story.NextGuid()), Story.Tenant, Story.Actor, [Story.Ingested(package, "a", Story.NewContent())], [], []);
        var neighbours = Enumerable.Range(0, 10).Select(_ => Task.Run(() => Commit(Define("x")))).ToList();
        await Assert.ThrowsAsync<InvalidOperationException>(() => Journal.Append([dangling]));
        await Task.WhenAll(neighbours);
        Assert.Empty(await Views.Files(Story.Tenant, package, null, 10));
    }
}
