using ArtifactStore.Conformance.Journal;
using ArtifactStore.Interfaces.Journal;
using ArtifactStore.Storage.Journal;
using ArtifactStore.Storage.Journal.Sqlite;
using ArtifactStore.Storage.Journal.Sqlite.Engine;

namespace ArtifactStore.Storage.Tests.Journal;

/// <summary>What is synced, and what happens when the disk refuses.</summary>
public sealed class SqliteDurabilityTests
{
    private const string Synchronous = "PRAGMA synchronous";
    private const string JournalMode = "PRAGMA journal_mode";
    private readonly Story _story = new();

    [Fact]
    public async Task Events_are_committed_with_full_sync_and_reservations_without()
    {
        await using var fixture = await SqliteFixture.Create();
        await fixture.Journal.Append([_story.CreatePackage(_story.NewPackageId())]);
        Assert.Equal(("2", "wal"), await Modes(fixture));
        await fixture.Journal.Reserve(_story.Reserve(_story.NewContent()));
        Assert.Equal(("1", "wal"), await Modes(fixture));
        var mine = (ReserveResult.Granted)await fixture.Journal.Reserve(_story.Reserve(_story.NewContent()));
        await fixture.Journal.Append([_story.Settle(mine.Reservation)]);
        Assert.Equal(("2", "wal"), await Modes(fixture));
        await fixture.Journal.Reserve(_story.Reserve(_story.NewContent()));
        await fixture.Store.Replay();
        var drop = new Append(new(_story.NextGuid()), Story.Tenant, Story.Actor, [], [], [Story.Drop(mine.Reservation)]);
        await fixture.Journal.Append([drop]);
        Assert.Equal(("2", "wal"), await Modes(fixture));
    }

    [Fact]
    public async Task A_replay_that_cannot_even_clean_up_does_not_leave_appends_without_sync()
    {
        await using var fixture = await SqliteFixture.Create();
        await fixture.Journal.Append([_story.CreatePackage(_story.NewPackageId())]);
        // As on a full disk: applying fails, and so does dropping the shadow tables.
        const string refuseWrites = "PRAGMA query_only = 1; UPDATE store SET recoveries = recoveries";
        await Assert.ThrowsAsync<SqliteException>(() => fixture.Store.RunAlone(
            db => new SqliteReplay(db, new Interruption(() => db.Execute(refuseWrites)), CancellationToken.None).Run(),
            CancellationToken.None));
        await Limit(fixture, "PRAGMA query_only = 0");
        await fixture.Journal.Append([_story.CreatePackage(_story.NewPackageId())]);
        Assert.Equal(("2", "wal"), await Modes(fixture));
    }

    [Fact]
    public async Task A_full_disk_is_told_loses_nothing_and_heals_when_there_is_room()
    {
        await using var fixture = await SqliteFixture.Create();
        var kept = _story.NewPackageId();
        await fixture.Journal.Append([_story.CreatePackage(kept)]);
        await Limit(fixture, "PRAGMA max_page_count = 1");
        var full = false;
        var answered = 0;
        for (var i = 0; i < 2_000 && !full; i++)
        {
            try
            {
                await fixture.Journal.Append([_story.CreatePackage(_story.NewPackageId(), subject: new string('s', 900))]);
                answered++;
            }
            catch (JournalUnavailableException e)
            {
                Assert.True(e.DiskFull, e.Message);
                full = true;
            }
        }
        Assert.True(full);
        var head = fixture.Journal.Head;
        Assert.NotNull(await fixture.Views.Package(Story.Tenant, kept));
        Assert.Equal(head, (await fixture.Views.Events(0, 100_000, [])).Count);
        Assert.Equal(5 + 2 * (1 + answered), head);
        await Limit(fixture, "PRAGMA max_page_count = 1073741823");
        var healed = _story.NewPackageId();
        Assert.Equal(new AppendResult.Committed(head + 1, 2), (await fixture.Journal.Append([_story.CreatePackage(healed)]))[0]);
        Assert.NotNull(await fixture.Views.Package(Story.Tenant, healed));
    }

    [Fact]
    public async Task A_statement_that_fails_takes_only_its_own_call_down()
    {
        await using var fixture = await SqliteFixture.Create();
        var package = _story.NewPackageId();
        await fixture.Journal.Append([_story.CreatePackage(package)]);
        var mine = (ReserveResult.Granted)await fixture.Journal.Reserve(_story.Reserve(_story.NewContent()));
        var first = _story.SettleAndIngest(package, "a", mine.Reservation);
        await fixture.Journal.Append([first]);
        // The same file id under another path: no guard and no check knows it, only the index.
        var ingested = (Interfaces.Events.FileIngested)first.Events[1].Body;
        var poison = _story.Link(package, "b", mine.Reservation.Content);
        poison = poison with { Events = [poison.Events[0] with { Body = ingested with { Path = Story.Path("b") } }] };
        using var gate = new ManualResetEventSlim();
        var held = fixture.Store.RunAlone(_ => gate.Wait(), CancellationToken.None);
        var before = fixture.Journal.Append([_story.Link(package, "c", mine.Reservation.Content)]);
        var poisoned = fixture.Journal.Append([poison]);
        var after = fixture.Journal.Append([_story.Link(package, "d", mine.Reservation.Content)]);
        gate.Set();
        await held;
        await Assert.ThrowsAsync<InvalidOperationException>(() => poisoned);
        Assert.IsType<AppendResult.Committed>((await before)[0]);
        Assert.IsType<AppendResult.Committed>((await after)[0]);
        Assert.Equal(["a", "c", "d"], (await fixture.Views.Files(Story.Tenant, package, null, 10)).Select(file => file.Path.Value));
    }

    [Fact]
    public async Task The_write_ahead_log_starts_over_although_somebody_always_reads()
    {
        const int checkpointPages = 64;
        await using var fixture = await SqliteFixture.Create(options => options with { CheckpointPages = checkpointPages });
        using var stop = new CancellationTokenSource();
        // On threads of their own: a question to SQLite never lets its thread go, and the tests beside this one need those of the pool.
        var readers = Enumerable.Range(0, 4)
            .Select(_ => Task.Factory.StartNew(() => ReadUntil(fixture, stop.Token), TaskCreationOptions.LongRunning).Unwrap())
            .ToList();
        for (var i = 0; i < 300; i++)
            await fixture.Journal.Append([_story.CreatePackage(_story.NewPackageId(), subject: new string('s', 900))]);
        await stop.CancelAsync();
        await Task.WhenAll(readers);
        var pages = new FileInfo(fixture.DatabasePath + "-wal").Length / 4096;
        Assert.True(pages < 20 * checkpointPages, $"the log has {pages} pages");
    }

    private static async Task ReadUntil(SqliteFixture fixture, CancellationToken stop)
    {
        while (!stop.IsCancellationRequested) await fixture.Views.Events(0, 200, [], CancellationToken.None);
    }

    private sealed class Interruption(Action interrupt) : IProgress<ReplayProgress>
    {
        public void Report(ReplayProgress value) => interrupt();
    }

    private static async Task<(string Synchronous, string JournalMode)> Modes(SqliteFixture fixture)
    {
        var modes = ("", "");
        await fixture.Store.RunAlone(db => modes = (Pragma(db, Synchronous), Pragma(db, JournalMode)), CancellationToken.None);
        return modes;
    }

    private static Task Limit(SqliteFixture fixture, string pragma) =>
        fixture.Store.RunAlone(db => Pragma(db, string.Intern(pragma)), CancellationToken.None);

    private static string Pragma(SqliteConnection db, string sql)
    {
        using var row = db.Query(sql);
        return row.Step() ? row.Text(0) : "";
    }
}
