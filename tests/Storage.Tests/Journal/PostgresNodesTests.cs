using ArtifactStore.Interfaces.Journal;

namespace ArtifactStore.Storage.Tests.Journal;

/// <summary>Who lives and who holds what, by the clock of the database. Time passes by moving what is written, not by waiting.</summary>
public sealed class PostgresNodesTests
{
    private static readonly TimeSpan Long = TimeSpan.FromMinutes(5);

    [Fact]
    public async Task Who_lives_is_listed_with_oneself_first_and_who_leaves_or_falls_silent_is_not()
    {
        await using var fixture = await PostgresFixture.Create();
        var (one, two, three) = (fixture.Store.Nodes, (await fixture.OpenNode()).Nodes, (await fixture.OpenNode()).Nodes);
        await one.Beat("one");
        await two.Beat("two");
        Assert.Equal([one.Self, two.Self, three.Self], (await one.Living()).Select(node => node.Id));
        Assert.Equal([two.Self, one.Self, three.Self], (await two.Living()).Select(node => node.Id));
        Assert.Equal(["one", "two", ""], (await one.Living()).Select(node => node.Name));
        await three.Leave();
        await fixture.Sql($"UPDATE nodes SET seen_at = seen_at - 31000000 WHERE node_id = '{two.Self.Value}'");
        Assert.Equal([one.Self], (await one.Living()).Select(node => node.Id));
        Assert.Equal([two.Self, one.Self], (await two.Living()).Select(node => node.Id));
        await two.Beat("two");
        Assert.Equal([one.Self, two.Self], (await one.Living()).Select(node => node.Id));
        Assert.Equal([three.Self, one.Self, two.Self], (await three.Living()).Select(node => node.Id));
    }

    [Fact]
    public async Task The_long_dead_are_forgotten_and_the_lately_dead_are_not()
    {
        await using var fixture = await PostgresFixture.Create();
        var (one, two) = (fixture.Store.Nodes, (await fixture.OpenNode()).Nodes);
        await fixture.Sql($"UPDATE nodes SET seen_at = seen_at - 290000000 WHERE node_id = '{two.Self.Value}'");
        await one.Beat("one");
        Assert.Equal("2", await fixture.Sql("SELECT count(*) FROM nodes"));
        await fixture.Sql($"UPDATE nodes SET seen_at = seen_at - 11000000 WHERE node_id = '{two.Self.Value}'");
        await one.Beat("one");
        Assert.Equal("1", await fixture.Sql("SELECT count(*) FROM nodes"));
    }

    [Fact]
    public async Task A_lease_has_one_owner_is_prolonged_by_it_and_passes_on_when_it_expires()
    {
        await using var fixture = await PostgresFixture.Create();
        var (one, two) = (fixture.Store.Nodes, (await fixture.OpenNode()).Nodes);
        var taken = (await one.Take("sweep", Long))!;
        Assert.Equal((1, one.Self), (taken.Epoch, taken.Owner));
        Assert.Null(await two.Take("sweep", Long));
        Assert.NotNull(await two.Take("other", Long));
        var prolonged = (await one.Take("sweep", 2 * Long))!;
        Assert.Equal(1, prolonged.Epoch);
        Assert.True(prolonged.ExpiresAt > taken.ExpiresAt + Long / 2);
        await fixture.Sql("UPDATE leases SET expires_at = 0 WHERE name = 'sweep'");
        Assert.Equal(2, (await two.Take("sweep", Long))!.Epoch);
        await one.LetGo(prolonged);
        Assert.Null(await one.Take("sweep", Long));
    }

    [Fact]
    public async Task Letting_go_and_leaving_free_a_lease_at_once_and_its_epoch_goes_on()
    {
        await using var fixture = await PostgresFixture.Create();
        var (one, two) = (fixture.Store.Nodes, (await fixture.OpenNode()).Nodes);
        await one.LetGo((await one.Take("sweep", Long))!);
        Assert.Equal(2, (await two.Take("sweep", Long))!.Epoch);
        await two.Leave();
        Assert.Equal(3, (await one.Take("sweep", Long))!.Epoch);
    }

    [Fact]
    public async Task Exactly_one_of_many_takes_an_expired_lease()
    {
        await using var fixture = await PostgresFixture.Create();
        var nodes = new List<INodes> { fixture.Store.Nodes };
        for (var i = 0; i < 4; i++) nodes.Add((await fixture.OpenNode()).Nodes);
        await nodes[0].Take("sweep", Long);
        for (var round = 2; round < 12; round++)
        {
            await fixture.Sql("UPDATE leases SET expires_at = 0, owner = gen_random_uuid()");
            var leases = await Task.WhenAll(nodes.Select(node => Task.Run(() => node.Take("sweep", Long))));
            Assert.Equal(round, Assert.Single(leases.OfType<Lease>()).Epoch);
        }
    }
}
