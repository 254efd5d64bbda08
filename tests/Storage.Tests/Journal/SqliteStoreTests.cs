using ArtifactStore.Conformance.Journal;
using ArtifactStore.Interfaces.Contents;
using ArtifactStore.Interfaces.Ids;
using ArtifactStore.Interfaces.Journal;
using ArtifactStore.Storage.Journal.Sqlite;
using ArtifactStore.Storage.Journal.Sqlite.Engine;

namespace ArtifactStore.Storage.Tests.Journal;

/// <summary>What only the SQLite adapter can get wrong: the file, its lock, its schema, what a killed process leaves.</summary>
public sealed class SqliteStoreTests
{
    private readonly Story _story = new();

    [Fact]
    public async Task A_killed_process_loses_no_answered_append()
    {
        await using var fixture = await SqliteFixture.Create();
        var writing = Task.WhenAll(Enumerable.Range(0, 8).Select(_ => Task.Run(async () =>
        {
            for (var i = 0; i < 50; i++) await fixture.Journal.Append([_story.CreatePackage(_story.NewPackageId())]);
        })));
        for (var copy = 0; copy < 5; copy++)
        {
            var answered = await fixture.Journal.WaitForEvents(fixture.Journal.Head, TimeSpan.FromSeconds(5));
            await using var survivor = await SqliteFixture.OpenAt(fixture.CopyAsKilled($"killed{copy}"));
            var events = await survivor.Views.Events(0, 100_000, []);
            Assert.True(events.Count >= answered, $"{answered} answered, {events.Count} there");
            Assert.Equal(survivor.Journal.Head, events.Count);
            var before = await SqliteReplayTests.Dump(survivor);
            await survivor.Replay();
            Assert.Equal(before, await SqliteReplayTests.Dump(survivor));
        }
        await writing;
    }

    [Fact]
    public async Task Reservations_of_an_earlier_run_are_condemned_so_that_nobody_waits_for_the_dead()
    {
        await using var fixture = await SqliteFixture.Create();
        var contents = Enumerable.Range(0, 600).Select(_ => _story.NewContent()).ToList();
        foreach (var content in contents) await fixture.Journal.Reserve(_story.Reserve(content));
        await using var next = await SqliteFixture.OpenAt(fixture.CopyAsKilled("killed"));
        var mine = Assert.IsType<ReserveResult.Granted>(await next.Journal.Reserve(_story.Reserve(_story.NewContent()))).Reservation;
        var found = 0;
        for (int more; (more = await next.Maintenance.CondemnAbandoned([next.Nodes.Self])) > 0;) found += more;
        Assert.Equal(600, found);
        Assert.Equal(600, (await next.Views.Events(0, 10_000, ["v1.storage.location_condemned"])).Count);
        var again = Assert.IsType<ReserveResult.Granted>(await next.Journal.Reserve(_story.Reserve(contents[0])));
        Assert.Equal(2, again.Reservation.Generation);
        Assert.IsType<AppendResult.Committed>((await next.Journal.Append([_story.Settle(again.Reservation)]))[0]);
        Assert.IsType<AppendResult.Committed>((await next.Journal.Append([_story.Settle(mine)]))[0]);
    }

    [Fact]
    public async Task Reservations_of_nodes_that_live_are_left_alone()
    {
        await using var fixture = await SqliteFixture.Create();
        await fixture.Journal.Reserve(_story.Reserve(_story.NewContent()));
        Assert.Equal(0, await fixture.Store.Maintenance.CondemnAbandoned([new(Guid.Empty), fixture.Store.Nodes.Self]));
        Assert.Equal(1, await fixture.Store.Maintenance.CondemnAbandoned([new(Guid.Empty)]));
    }

    [Fact]
    public async Task The_log_is_not_readable_by_everybody_on_the_machine()
    {
        if (OperatingSystem.IsWindows()) return;
        await using var fixture = await SqliteFixture.Create();
        const UnixFileMode others = UnixFileMode.OtherRead | UnixFileMode.OtherWrite | UnixFileMode.OtherExecute;
        foreach (var file in new[] { fixture.DatabasePath, fixture.DatabasePath + "-wal" })
        {
            Assert.Equal(UnixFileMode.None, File.GetUnixFileMode(file) & others);
        }
    }

    [Fact]
    public async Task A_store_is_open_in_one_process_at_a_time()
    {
        await using var fixture = await SqliteFixture.Create();
        var refusal = await Assert.ThrowsAsync<StoreInUseException>(() => SqliteFixture.OpenAt(fixture.DatabasePath));
        Assert.Contains(fixture.DatabasePath, refusal.Message);
        await fixture.Reopen();
    }

    [Fact]
    public async Task Opening_again_finds_the_same_store_and_seeds_nothing()
    {
        await using var fixture = await SqliteFixture.Create();
        Assert.Equal(0, fixture.Store.MigratedFrom);
        var status = await fixture.Views.Status();
        Assert.Equal(5, status.Head);
        await fixture.Reopen();
        Assert.Equal(status.SchemaVersion, fixture.Store.MigratedFrom);
        var again = await fixture.Views.Status();
        Assert.Equal((status.StoreId, status.Head), (again.StoreId, again.Head));
    }

    /// <summary>
    /// Logical columns of the inventory. A file's digests stand once, at its content: <c>contents.blake3</c> and the aliases in
    /// <c>content_digests</c>; a package's <c>manifest_digest</c> is that of the content it points to.
    /// </summary>
    [Theory]
    [InlineData("events", "sequence created_at event_type subject_kind subject_id actor payload payload_digest")]
    [InlineData("artifact_packages", "status manifest_content_key finalized_at last_event_sequence")]
    [InlineData("artifact_files", "relative_path media_type digest_algorithm content_key size")]
    [InlineData("contents", "blake3 size")]
    [InlineData("content_digests", "content_key algorithm digest")]
    [InlineData("storage_locations", "backend_id content_key status retrieval_tier restore_status")]
    [InlineData("retention_state", "current_expires_at eligible_for_deletion active_hold_id")]
    [InlineData("retention_classes", "slug default_duration_seconds")]
    [InlineData("metadata_schemas", "slug")]
    public async Task D01_E02_the_tables_have_the_columns_of_the_inventory(string table, string columns)
    {
        await using var fixture = await SqliteFixture.Create();
        using var db = SqliteConnection.OpenReader(fixture.DatabasePath);
        var there = new HashSet<string>();
        using (var rows = db.Query($"SELECT name FROM pragma_table_info('{table}')"))
        {
            while (rows.Step()) there.Add(rows.Text(0));
        }
        Assert.All(columns.Split(' '), column => Assert.Contains(column, there));
    }

    [Fact]
    public async Task A_database_that_another_program_locks_is_told_and_heals_when_it_is_released()
    {
        await using var fixture = await SqliteFixture.Create();
        using (var other = SqliteConnection.OpenWriter(fixture.DatabasePath))
        {
            other.Execute("BEGIN IMMEDIATE");
            await Assert.ThrowsAsync<JournalUnavailableException>(
                () => fixture.Journal.Append([_story.CreatePackage(_story.NewPackageId())]).WaitAsync(TimeSpan.FromSeconds(60)));
            Assert.NotEmpty(await fixture.Views.Events(0, 10, []));
            other.Execute("ROLLBACK");
        }
        Assert.IsType<AppendResult.Committed>((await fixture.Journal.Append([_story.CreatePackage(_story.NewPackageId())]))[0]);
    }

    [Fact]
    public async Task Migrating_twice_does_nothing_the_second_time()
    {
        var directory = Directory.CreateTempSubdirectory("journal-").FullName;
        var options = new SqliteOptions { Path = Path.Combine(directory, "sub", "store.db") };
        Assert.Equal((0, SqliteMigrations.Latest), await SqliteStore.Migrate(options, TimeProvider.System, new TestIds()));
        Assert.Equal(
            (SqliteMigrations.Latest, SqliteMigrations.Latest), await SqliteStore.Migrate(options, TimeProvider.System, new TestIds()));
        Directory.Delete(directory, recursive: true);
    }

    [Fact]
    public async Task A_database_of_a_newer_program_is_refused_with_a_sentence()
    {
        await using var fixture = await SqliteFixture.Create();
        await fixture.Store.DisposeAsync();
        using (var db = SqliteConnection.OpenWriter(fixture.DatabasePath)) db.Execute("UPDATE store SET schema_version = 999");
        var refusal = await Assert.ThrowsAsync<InvalidDataException>(() => SqliteFixture.OpenAt(fixture.DatabasePath));
        Assert.Contains("999", refusal.Message);
        Assert.Contains(fixture.DatabasePath, refusal.Message);
    }

    [Fact]
    public async Task A_file_that_is_no_database_is_refused_with_a_sentence()
    {
        var directory = Directory.CreateTempSubdirectory("journal-").FullName;
        var path = Path.Combine(directory, "store.db");
        await File.WriteAllTextAsync(path, new string('x', 10_000));
        var refusal = await Assert.ThrowsAsync<JournalUnavailableException>(() => SqliteFixture.OpenAt(path));
        Assert.Contains(path, refusal.Message);
        Directory.Delete(directory, recursive: true);
    }

    [Fact]
    public async Task Closing_answers_what_was_taken_and_takes_nothing_more()
    {
        await using var fixture = await SqliteFixture.Create();
        var taken = Enumerable.Range(0, 200).Select(_ => fixture.Journal.Append([_story.CreatePackage(_story.NewPackageId())])).ToList();
        await fixture.Store.DisposeAsync();
        foreach (var answer in taken) Assert.IsType<AppendResult.Committed>((await answer)[0]);
        await Assert.ThrowsAsync<JournalUnavailableException>(() => fixture.Journal.Append([_story.CreatePackage(_story.NewPackageId())]));
        await fixture.Reopen();
        Assert.Equal(405, fixture.Journal.Head);
    }

    [Fact]
    public async Task What_waits_goes_into_one_transaction()
    {
        await using var fixture = await SqliteFixture.Create();
        using var gate = new ManualResetEventSlim();
        var held = fixture.Store.RunAlone(_ => gate.Wait(), CancellationToken.None);
        var package = _story.NewPackageId();
        var created = fixture.Journal.Append([_story.CreatePackage(package)]);
        var links = Enumerable.Range(0, 100).Select(_ => fixture.Journal.Append([_story.CreatePackage(_story.NewPackageId())])).ToList();
        var commits = 0;
        gate.Set();
        await held;
        var seen = fixture.Journal.Head;
        await Task.WhenAll(links);
        await created;
        while (seen < fixture.Journal.Head)
        {
            seen = await fixture.Journal.WaitForEvents(seen, TimeSpan.Zero);
            commits++;
        }
        Assert.True(commits <= 2, $"{commits} commits");
    }

    [Fact]
    public async Task A_full_queue_says_so_after_a_bounded_wait()
    {
        await using var fixture = await SqliteFixture.Create(
            options => options with { MaxQueuedCalls = 2, MaxQueueWait = TimeSpan.FromMilliseconds(50) });
        using var gate = new ManualResetEventSlim();
        var started = new TaskCompletionSource();
        var held = fixture.Store.RunAlone(
            _ =>
            {
                started.SetResult();
                gate.Wait();
            },
            CancellationToken.None);
        await started.Task;
        var queued = Enumerable.Range(0, 2).Select(_ => fixture.Journal.Append([_story.CreatePackage(_story.NewPackageId())])).ToList();
        var refusal = await Assert.ThrowsAsync<JournalUnavailableException>(
            () => fixture.Journal.Append([_story.CreatePackage(_story.NewPackageId())]));
        Assert.True(refusal.Overloaded);
        gate.Set();
        await held;
        foreach (var answer in await Task.WhenAll(queued)) Assert.IsType<AppendResult.Committed>(answer[0]);
    }

    [Fact]
    public async Task A_caller_who_leaves_stops_waiting_and_nothing_else()
    {
        await using var fixture = await SqliteFixture.Create();
        using var gate = new ManualResetEventSlim();
        var held = fixture.Store.RunAlone(_ => gate.Wait(), CancellationToken.None);
        using var gone = new CancellationTokenSource();
        var package = _story.NewPackageId();
        var append = fixture.Journal.Append([_story.CreatePackage(package)], gone.Token);
        await gone.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => append);
        gate.Set();
        await held;
        await fixture.Journal.Append([_story.CreatePackage(_story.NewPackageId())]);
        Assert.NotNull(await fixture.Views.Package(Story.Tenant, package));
    }
}
