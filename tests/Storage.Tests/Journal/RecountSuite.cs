using ArtifactStore.Conformance.Journal;
using ArtifactStore.Interfaces.Collection;
using ArtifactStore.Interfaces.Contents;
using ArtifactStore.Interfaces.Journal;
using ArtifactStore.Storage.Journal;
using ArtifactStore.Storage.Journal.Sqlite.Engine;

namespace ArtifactStore.Storage.Tests.Journal;

/// <summary>What a recount and a scan ask of a database: the same of both.</summary>
public abstract class RecountSuite : IAsyncLifetime
{
    private IJournalFixture _fixture = null!;
    private IStoreDatabase _store = null!;

    private protected abstract Task<(IJournalFixture Fixture, IStoreDatabase Store)> Create();

    private protected abstract Task Tamper(IJournalFixture fixture, string sql);

    public async ValueTask InitializeAsync() => (_fixture, _store) = await Create();

    public async ValueTask DisposeAsync()
    {
        await _fixture.DisposeAsync();
        GC.SuppressFinalize(this);
    }

    [Theory]
    [InlineData(21)]
    [InlineData(22)]
    [InlineData(23)]
    public async Task Whatever_happened_the_numbers_are_what_their_rows_say(int seed)
    {
        await new RandomHistory(seed, _store.Journal, _store.Views).Run(steps: 300);
        Assert.DoesNotContain(await Drifts(), drift => drift.What != "unkept");
    }

    [Theory]
    [InlineData("UPDATE artifact_packages SET file_count = file_count + 1 WHERE package_key = (SELECT MIN(package_key) FROM artifact_packages)", "files left")]
    [InlineData("UPDATE artifact_packages SET total_bytes = total_bytes - 1 WHERE package_key = (SELECT MIN(package_key) FROM artifact_packages)", "bytes")]
    [InlineData("DELETE FROM artifact_files WHERE file_key = (SELECT MIN(file_key) FROM artifact_files)", "files bytes left")]
    [InlineData("DELETE FROM content_references WHERE from_kind = 1", "left unkept")]
    [InlineData("UPDATE artifact_packages SET released_count = 1", "left")]
    [InlineData("INSERT INTO failed_locations (backend_id, failed) VALUES ('elsewhere', 3)", "failed_locations")]
    [InlineData("UPDATE storage_locations SET status = 'gone'", "dangling")]
    public async Task A_number_that_its_rows_contradict_is_told_and_not_repaired(string damage, string expected)
    {
        var story = new Story();
        var package = story.NewPackageId();
        await _store.Journal.Append([story.CreatePackage(package, "ci", "app")]);
        var content = story.NewContent();
        var mine = Assert.IsType<ReserveResult.Granted>(await _store.Journal.Reserve(story.Reserve(content))).Reservation;
        Assert.IsType<AppendResult.Committed>((await _store.Journal.Append([story.SettleAndIngest(package, "f", mine)]))[0]);
        Assert.Empty(await Drifts());

        await Tamper(_fixture, damage);
        var found = await Drifts();
        Assert.Equal(expected, string.Join(' ', found.Select(drift => drift.What)));
        Assert.All(found, drift => Assert.NotEqual(drift.Shown, drift.Counted));
        Assert.Equal(found, await Drifts());
    }

    [Fact]
    public async Task R14_every_key_that_a_row_knows_is_known_whatever_became_of_it()
    {
        var story = new Story();
        var (live, reserved, gone, unknown) = (story.NewContent(), story.NewContent(), story.NewContent(), story.NewContent());
        var settled = await Reserve(story, live);
        await Commit(story.Settle(settled));
        var open = await Reserve(story, reserved);
        var dead = await Reserve(story, gone);
        await Commit(story.CondemnReservation(dead));
        var second = await Reserve(story, gone);
        StoredContent[] asked = [.. new[] { live, reserved, gone, unknown }.Select(content => new StoredContent(Story.Tenant, content.Blake3))];
        var known = await _store.Collection.KnownKeys(Story.Backend, asked);
        Assert.Equal(
            new[]
            {
                new KnownKey(asked[0], 1, settled.PhysicalKey, LocationState.Live), new(asked[1], 1, open.PhysicalKey, null),
                new(asked[2], 1, dead.PhysicalKey, LocationState.Condemned), new(asked[2], 2, second.PhysicalKey, null),
            }.OrderBy(key => key.PhysicalKey, StringComparer.Ordinal),
            known.OrderBy(key => key.PhysicalKey, StringComparer.Ordinal));
        Assert.Empty(await _store.Collection.KnownKeys(new("elsewhere"), asked));
        Assert.Empty(await _store.Collection.KnownKeys(Story.Backend, []));
    }

    private async Task<Reservation> Reserve(Story story, Interfaces.Hashing.ContentDigests content) =>
        Assert.IsType<ReserveResult.Granted>(await _store.Journal.Reserve(story.Reserve(content))).Reservation;

    private async Task Commit(Append append) => Assert.IsType<AppendResult.Committed>((await _store.Journal.Append([append]))[0]);

    private async Task<List<RecountDrift>> Drifts()
    {
        var all = new List<RecountDrift>();
        RecountPage? page = null;
        do
        {
            page = await _store.Maintenance.Recount(page?.Next);
            all.AddRange(page.Drifts);
        }
        while (page.Next is not null);
        return all;
    }
}

public sealed class SqliteRecountTests : RecountSuite
{
    private protected override async Task<(IJournalFixture, IStoreDatabase)> Create()
    {
        var fixture = await SqliteFixture.Create();
        return (fixture, fixture.Store);
    }

    private protected override Task Tamper(IJournalFixture fixture, string sql)
    {
        using var db = SqliteConnection.OpenWriter(((SqliteFixture)fixture).DatabasePath);
        db.Execute(sql);
        return Task.CompletedTask;
    }
}

public sealed class PostgresRecountTests : RecountSuite
{
    private protected override async Task<(IJournalFixture, IStoreDatabase)> Create()
    {
        var fixture = await PostgresFixture.Create();
        return (fixture, fixture.Store);
    }

    private protected override Task Tamper(IJournalFixture fixture, string sql) => ((PostgresFixture)fixture).Sql(sql);
}
