using ArtifactStore.Conformance.Journal;
using ArtifactStore.Interfaces.Journal;
using ArtifactStore.Storage.Journal;
using ArtifactStore.Storage.Journal.Sqlite;
using ArtifactStore.Storage.Journal.Sqlite.Engine;

namespace ArtifactStore.Storage.Tests.Journal;

public sealed class SqliteReplayTests
{
    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(4)]
    [InlineData(5)]
    public async Task E05_R15_replaying_any_history_gives_the_same_views_byte_for_byte(int seed)
    {
        await using var fixture = await SqliteFixture.Create();
        await new RandomHistory(seed, fixture.Journal, fixture.Views).Run(steps: 300);
        var before = await Dump(fixture.Store);
        var head = fixture.Journal.Head;
        Assert.True(head > 100);
        Assert.Equal(head, await fixture.Store.Replay());
        Assert.Equal(before, await Dump(fixture.Store));
        await new RandomHistory(seed + 1000, fixture.Journal, fixture.Views).Run(steps: 50);
        before = await Dump(fixture.Store);
        await fixture.Store.Replay();
        Assert.Equal(before, await Dump(fixture.Store));
    }

    [Fact]
    public async Task A_replay_that_may_remember_few_contents_gives_the_same_views()
    {
        await using var fixture = await WithHistory(8, steps: 300);
        var before = await Dump(fixture.Store);
        await fixture.Store.DisposeAsync();
        using (var db = SqliteConnection.OpenWriter(fixture.DatabasePath))
            new SqliteReplay(db, null, CancellationToken.None, maxRememberedContents: 5).Run();
        await fixture.Reopen();
        Assert.Equal(before, await Dump(fixture.Store));
    }

    [Fact]
    public async Task What_is_under_way_survives_a_replay()
    {
        await using var fixture = await SqliteFixture.Create();
        var story = new Story();
        var content = story.NewContent();
        Assert.IsType<ReserveResult.Granted>(await fixture.Journal.Reserve(story.Reserve(content)));
        await fixture.Store.Replay();
        Assert.IsNotType<ReserveResult.Granted>(await fixture.Journal.Reserve(story.Reserve(content)));
    }

    [Fact]
    public async Task A_replay_makes_good_what_was_done_to_the_views()
    {
        await using var fixture = await WithHistory(7, steps: 100);
        var before = await Dump(fixture.Store);
        await fixture.Store.DisposeAsync();
        Tamper(fixture, "DELETE FROM artifact_files; UPDATE artifact_packages SET name = 'x'");
        Tamper(fixture, "DELETE FROM contents WHERE content_key % 2 = 0");
        await fixture.Reopen();
        Assert.NotEqual(before, await Dump(fixture.Store));
        await fixture.Store.Replay();
        Assert.Equal(before, await Dump(fixture.Store));
    }

    [Fact]
    public async Task E04_events_of_types_that_are_not_known_are_carried_along()
    {
        await using var fixture = await WithHistory(7, steps: 50);
        var before = await Dump(fixture.Store);
        await fixture.Store.DisposeAsync();
        ForeignEvent.Add(fixture.DatabasePath, "v9.galaxy.colonized");
        await fixture.Reopen();
        var last = (await fixture.Views.Events(fixture.Journal.Head - 1, 10, []))[0];
        Assert.Equal("v9.galaxy.colonized", last.Type);
        Assert.Equal(last.Sequence, await fixture.Store.Replay());
        Assert.Equal(before, await Dump(fixture.Store));
        await fixture.Journal.Append([new Story(2).CreatePackage(new Story(2).NewPackageId())]);
    }

    [Theory]
    [InlineData("UPDATE events SET payload = x'a0' WHERE sequence = 9", "event 9 is damaged: its payload")]
    [InlineData("UPDATE events SET actor = 'eve' WHERE sequence = 9", "event 9 is damaged: its fields")]
    [InlineData("DELETE FROM events WHERE sequence = 9", "after event 8 comes event 10")]
    [InlineData("DELETE FROM events WHERE sequence = (SELECT max(sequence) FROM events)", "the log ends")]
    public async Task A_damaged_log_stops_the_replay_and_leaves_the_views(string damage, string says)
    {
        await using var fixture = await WithHistory(7, steps: 50);
        var before = await Dump(fixture.Store);
        await fixture.Store.DisposeAsync();
        Tamper(fixture, $"DROP TRIGGER events_never_change; DROP TRIGGER events_never_go; {damage}");
        await fixture.Reopen();
        var failure = await Assert.ThrowsAsync<DamagedLogException>(() => fixture.Store.Replay());
        Assert.Contains(says, failure.Message);
        Assert.Equal(before, await Dump(fixture.Store));
    }

    [Fact]
    public async Task A_reader_that_finds_a_hole_stops_and_says_so()
    {
        await using var fixture = await WithHistory(7, steps: 50);
        await fixture.Store.DisposeAsync();
        Tamper(fixture, "DROP TRIGGER events_never_go; DELETE FROM events WHERE sequence = 9");
        await fixture.Reopen();
        Assert.Equal(8, (await fixture.Views.Events(0, 8, [])).Count);
        await Assert.ThrowsAsync<InvalidDataException>(() => fixture.Views.Events(0, 20, []));
        await Assert.ThrowsAsync<InvalidDataException>(() => fixture.Views.Events(8, 20, []));
    }

    [Fact]
    public async Task The_log_cannot_be_changed_by_a_slip()
    {
        await using var fixture = await SqliteFixture.Create();
        await fixture.Store.DisposeAsync();
        Assert.Throws<SqliteException>(() => Tamper(fixture, "UPDATE events SET actor = 'eve'"));
        Assert.Throws<SqliteException>(() => Tamper(fixture, "DELETE FROM events"));
        await fixture.Reopen();
    }

    /// <summary>Opened twice, so that no reservation is left which the next opening would condemn.</summary>
    private static async Task<SqliteFixture> WithHistory(int seed, int steps)
    {
        var fixture = await SqliteFixture.Create();
        await new RandomHistory(seed, fixture.Journal, fixture.Views).Run(steps);
        await fixture.Reopen();
        return fixture;
    }

    private static void Tamper(SqliteFixture fixture, string sql)
    {
        using var db = SqliteConnection.OpenWriter(fixture.DatabasePath);
        db.Execute(sql);
    }

    internal static async Task<string> Dump(SqliteStore store)
    {
        var text = new StringWriter();
        await store.DumpViews(text);
        return text.ToString();
    }
}
