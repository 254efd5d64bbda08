using System.Diagnostics;
using ArtifactStore.Conformance.Journal;
using ArtifactStore.Conformance.Servers;
using ArtifactStore.Interfaces.Contents;
using ArtifactStore.Interfaces.Events;
using ArtifactStore.Interfaces.Ids;
using ArtifactStore.Interfaces.Journal;
using ArtifactStore.Interfaces.Packages;
using ArtifactStore.Interfaces.Views;
using Npgsql;

namespace ArtifactStore.Storage.Tests.Journal.Postgres;

/// <summary>What only the PostgreSQL adapter can get wrong; what every adapter must do stands in the suite.</summary>
public sealed class PostgresViewsTests
{
    private static readonly PackageFilter Anything = new(null, null, null, null, []);
    private static readonly TenantId Tenant = Story.Tenant;

    [Theory]
    [InlineData(21)]
    [InlineData(22)]
    public async Task Both_databases_answer_every_question_alike(int seed)
    {
        await using var sqlite = await PostgresReplayTests.WithHistory(seed, steps: 300);
        await using var database = await PostgresDatabase.Create();
        await database.CopyLog(sqlite);
        await database.Maintenance.Replay(null);
        var (expected, views) = (sqlite.Views, (IViews)database.Views);
        var events = await expected.Events(0, 10_000, []);
        Alike(events, await views.Events(0, 10_000, []));
        string[] types = ["v1.file.ingested", "v1.package.created", "v1.file.ingested", "no.such"];
        Alike(await expected.Events(5, 20, types), await views.Events(5, 20, types));
        Assert.Empty(await views.Events(0, 20, ["no.such"]));
        var addresses = new List<ContentAddress>();
        foreach (var line in events)
        {
            if (EventCodec.Decode(line.Type, line.Payload) is LocationSettled settled)
                addresses.AddRange([ContentAddress.Sha256(settled.Content.Sha256), ContentAddress.Blake3(settled.Content.Blake3)]);
            if (EventCodec.Decode(line.Type, line.Payload) is LocationCondemned condemned) addresses.Add(ContentAddress.Blake3(condemned.Content));
        }
        foreach (var address in addresses)
        {
            var (one, other) = (await expected.Content(new(Tenant), address), await views.Content(new(Tenant), address));
            Assert.Equal((one?.Key, one?.Digests), (other?.Key, other?.Digests));
            Assert.Equal(one?.Locations ?? [], other?.Locations ?? []);
            Assert.Equal(await expected.LiveLocation(Tenant, Story.Backend, address), await views.LiveLocation(Tenant, Story.Backend, address));
        }
        var missing = await expected.Missing(new(Tenant), addresses);
        Assert.InRange(missing.Count, 1, addresses.Count - 1);
        Assert.Equal(missing, await views.Missing(new(Tenant), addresses));
        Assert.Equal(addresses, await views.Missing(new(new("other")), addresses));
        var packages = await expected.Packages(Tenant, Anything, null, 1_000);
        Assert.Equal(packages, await views.Packages(Tenant, Anything, null, 1_000));
        foreach (var package in packages.Select(row => row.Package))
        {
            Assert.Equal(package, await views.Package(Tenant, package.Id));
            var files = await expected.Files(Tenant, package.Id, null, 1_000);
            Assert.Equal(files, await views.Files(Tenant, package.Id, null, 1_000));
            Assert.Equal(files.Skip(1).Take(2), files.Count == 0 ? [] : await views.Files(Tenant, package.Id, files[0].Path, 2));
        }
        Assert.Equal(await expected.MetadataSchemas(Tenant, null, 10), await views.MetadataSchemas(Tenant, null, 10));
        Assert.Equal(await expected.RetentionClasses(Tenant), await views.RetentionClasses(Tenant));
        Assert.Equal((await expected.Status()).FailedLocations, (await views.Status()).FailedLocations);
    }

    [Fact]
    public async Task What_cannot_be_stored_is_not_found_and_is_no_error()
    {
        await using var database = await PostgresDatabase.Create();
        var views = database.Views;
        Assert.Empty(await views.Packages(Tenant, Anything with { Producer = "a\0b" }, null, 10));
        Assert.Empty(await views.Packages(Tenant, Anything with { Metadata = [new("a", "\ud800")] }, null, 10));
        Assert.Null(await views.RetentionClass(Tenant, "\0"));
        Assert.Null(await views.IdempotencyKey(Tenant, "tester", "\0"));
        Assert.Empty(await views.MetadataSchemas(Tenant, "\0", 10));
        Assert.Empty(await views.Events(0, 10, ["\0"]));
    }

    [Fact]
    public async Task A_reader_that_finds_a_hole_stops_and_says_so()
    {
        await using var sqlite = await PostgresReplayTests.WithHistory(7, steps: 50);
        await using var database = await PostgresDatabase.Create();
        await database.CopyLog(sqlite);
        await database.Execute("DROP TRIGGER events_never_change ON events; DELETE FROM events WHERE sequence = 9");
        Assert.Equal(8, (await database.Views.Events(0, 8, [])).Count);
        await Assert.ThrowsAsync<InvalidDataException>(() => database.Views.Events(0, 20, []));
        await Assert.ThrowsAsync<InvalidDataException>(() => database.Views.Events(8, 20, []));
    }

    [Fact]
    public async Task Pages_are_bounded_by_bytes_and_the_next_ones_miss_nothing_on_both_databases()
    {
        await using var sqlite = await SqliteFixture.Create();
        var story = new Story();
        var large = new string('x', 900_000);
        for (var i = 0; i < 12; i++)
        {
            await sqlite.Journal.Append([story.CreatePackage(story.NewPackageId(), metadata: $$"""{"n": {{i}}, "x": "{{large}}"}""")]);
            var slug = $"schema{i:00}";
            await sqlite.Journal.Append(
                [story.Append(new(Tenant, SubjectKind.MetadataSchema, slug), new MetadataSchemaRegistered(slug, Story.Metadata($$"""{"title": "{{large}}"}""")))]);
        }
        await using var database = await PostgresDatabase.Create();
        await database.CopyLog(sqlite);
        await database.Maintenance.Replay(null);
        var every = Enumerable.Range(1, (int)sqlite.Journal.Head).Select(i => (long)i).ToList();
        foreach (var views in new[] { sqlite.Views, database.Views })
        {
            Assert.Equal(every, await Pages<EventRecord>(
                (last, limit) => views.Events(last?.Sequence ?? 0, limit, []), e => e.Payload.Length, e => e.Sequence));
            Assert.Equal(12, (await Pages<EventRecord>(
                (last, limit) => views.Events(last?.Sequence ?? 0, limit, ["v1.package.created"]), e => e.Payload.Length, e => e.Sequence)).Count);
            var packages = await Pages<PackageRow>(
                (last, limit) => views.Packages(Tenant, Anything with { Producer = "ci" }, last?.Key, limit), p => p.Package.Metadata.Cbor.Length, p => p.Key);
            Assert.Equal(12, packages.Distinct().Count());
            var schemas = await Pages<Interfaces.MetadataSchemas.MetadataSchemaView>(
                (last, limit) => views.MetadataSchemas(Tenant, last?.Slug, limit), s => s.Schema.Cbor.Length, s => s.RegisteredAt.Ticks);
            Assert.Equal(12, schemas.Count);
        }

        static async Task<List<long>> Pages<T>(Func<T?, int, Task<IReadOnlyList<T>>> ask, Func<T, int> bytes, Func<T, long> key)
            where T : class
        {
            const int limit = 50;
            var seen = new List<long>();
            var pages = 0;
            T? last = null;
            while (true)
            {
                var page = await ask(last, limit);
                seen.AddRange(page.Select(key));
                pages++;
                Assert.InRange(page.Sum(row => (long)bytes(row)), 0, PageLimit.Bytes + 1_000_000);
                if (!PageLimit.MayContinue(page, limit, bytes)) break;
                last = page[^1];
            }
            Assert.InRange(pages, 3, 5);
            return seen;
        }
    }

    [Fact]
    public async Task A_database_that_is_away_is_told_at_once_and_answers_again_when_it_is_back()
    {
        await using var server = await PostgresServer.StartNew();
        await using var database = await PostgresDatabase.Create(server);
        var status = await database.Views.Status();
        // Several connections in the pool, all of which the stop ends.
        await Task.WhenAll(Enumerable.Range(0, 20).Select(_ => database.Views.Status()));
        await server.Stop();
        for (var i = 0; i < 3; i++)
        {
            var began = Stopwatch.GetTimestamp();
            await Assert.ThrowsAsync<JournalUnavailableException>(() => database.Views.Status());
            Assert.InRange(Stopwatch.GetElapsedTime(began), TimeSpan.Zero, TimeSpan.FromSeconds(5));
        }
        await server.Start();
        Assert.Equal(status.StoreId, (await database.Views.Status()).StoreId);
        await Task.WhenAll(Enumerable.Range(0, 20).Select(_ => database.Views.Status()));
        await server.Stop();
        await server.Start();
        // Nobody asked while it was away: the pool is full of connections that have ended.
        await Task.WhenAll(Enumerable.Range(0, 20).Select(_ => database.Views.Status()));
    }

    [Fact]
    public async Task A_pool_that_is_exhausted_refuses_soon_and_answers_again()
    {
        await using var database = await PostgresDatabase.Create(connections: 2);
        var asked = await Task.WhenAll(Enumerable.Range(0, 50).Select(_ => database.Views.Status()));
        Assert.Equal(50, asked.Length);
        await using (var holder = await NpgsqlDataSource.Create(PostgresDatabase.ConnectionString(database.Url, 1)).OpenConnectionAsync())
        {
            await using var transaction = await holder.BeginTransactionAsync();
            await using (var hold = new NpgsqlCommand("LOCK TABLE store", holder)) await hold.ExecuteNonQueryAsync();
            var stuck = new[] { database.Views.Status(), database.Views.Status() };
            var began = Stopwatch.GetTimestamp();
            var refused = await Assert.ThrowsAsync<JournalUnavailableException>(() => database.Views.RetentionClasses(Tenant));
            Assert.True(refused.Overloaded);
            Assert.InRange(Stopwatch.GetElapsedTime(began), TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(10));
            await transaction.RollbackAsync();
            await Task.WhenAll(stuck);
        }
        Assert.Empty(await database.Views.RetentionClasses(Tenant));
    }

    private static void Alike(IReadOnlyList<EventRecord> expected, IReadOnlyList<EventRecord> actual)
    {
        Assert.Equal(expected.Select(e => e with { Payload = default }), actual.Select(e => e with { Payload = default }));
        Assert.Equal(expected.Select(e => Convert.ToHexString(e.Payload.Span)), actual.Select(e => Convert.ToHexString(e.Payload.Span)));
    }
}
