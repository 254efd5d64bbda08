using System.Net;
using System.Text.Json;
using ArtifactStore.Conformance.InMemory;
using ArtifactStore.Conformance.Journal;
using ArtifactStore.Conformance.Servers;
using ArtifactStore.EndToEnd.Tests.Fixtures;
using ArtifactStore.Gateway.Shared.Collection;
using ArtifactStore.Gateway.Tests.Fixtures;
using ArtifactStore.Grains.Contents;
using ArtifactStore.Grains.Hosting.Embedded;
using ArtifactStore.Grains.Packages;
using ArtifactStore.Interfaces.Blobs;
using ArtifactStore.Interfaces.Collection;
using ArtifactStore.Interfaces.Contents;
using ArtifactStore.Interfaces.Errors;
using ArtifactStore.Interfaces.Hosting;
using ArtifactStore.Interfaces.Ids;
using ArtifactStore.Interfaces.Journal;
using ArtifactStore.Interfaces.Packages;
using ArtifactStore.Interfaces.Views;
using ArtifactStore.Storage.Blobs.Local;
using ArtifactStore.Storage.Journal.Postgres;
using ArtifactStore.Storage.Journal.Sqlite;
using Microsoft.Extensions.Logging.Abstractions;

namespace ArtifactStore.Gateway.Tests.Collection;

/// <summary>
/// The explanation and the collector never disagree: after any history, what nothing keeps is what the next collection removes, and a set of
/// packages that is said to free room frees it. Seeds are in the names of the cases.
/// </summary>
public sealed class ExplainLaws
{
    private const int Steps = 160;

    public static TheoryData<int> Seeds => [.. Enumerable.Range(1, Counts.Of(300))];

    [Theory]
    [MemberData(nameof(Seeds))]
    public async Task In_memory_nothing_keeps_it_exactly_when_the_next_collection_removes_it(int seed)
    {
        var store = new InMemoryStore();
        var parts = new Parts(
            new InMemoryJournal(store, TimeProvider.System), new InMemoryViews(store), new InMemoryCollectionViews(store), new InMemoryKeepingViews(store));
        await Agree(parts, seed);
    }

    [Theory]
    [MemberData(nameof(Seeds))]
    public async Task In_SQLite_nothing_keeps_it_exactly_when_the_next_collection_removes_it(int seed)
    {
        var folder = Directory.CreateTempSubdirectory("artifactstore-explain-").FullName;
        await using (var store = await SqliteStore.Open(new SqliteOptions { Path = Path.Combine(folder, "store.db") }, TimeProvider.System, new RandomIds()))
            await Agree(new(store.Journal, store.Views, store.Collection, store.Keeping), seed);
        Directory.Delete(folder, recursive: true);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(8)]
    [InlineData(21)]
    public async Task In_PostgreSQL_nothing_keeps_it_exactly_when_the_next_collection_removes_it(int seed)
    {
        var server = await PostgresServer.Shared();
        var url = await server.NewDatabase();
        await using (var store = await PostgresStore.Open(new PostgresOptions { Url = new(url) }, TimeProvider.System, new RandomIds()))
            await Agree(new(store.Journal, store.Views, store.Collection, store.Keeping), seed);
        await server.Drop(url);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public async Task Over_HTTP_nothing_keeps_it_exactly_when_the_next_collection_removes_it(int seed)
    {
        await using var store = await RealStore.Start();
        await new RandomHistory(seed, store.Database.Journal, store.Database.Views).Run(Steps);
        var said = new Dictionary<string, JsonElement>();
        foreach (var subject in await Subjects(store.Database.Views)) said.Add(subject, await Explain(store, subject));
        await store.Client.PostAsync("/retention/collections", null).Json();
        foreach (var (subject, before) in said)
        {
            var expected = before.GetProperty("nothing_keeps_it").GetBoolean() || before.Text("fate") == "gone";
            var after = await Explain(store, subject);
            Assert.True(expected == (after.Text("fate") == "gone"), $"seed {seed}, {subject}: {before.Text("conclusion")} Then: {after.Text("conclusion")}");
        }
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(4)]
    public async Task A_set_that_is_said_to_free_so_much_frees_it_when_exactly_it_is_deleted(int seed)
    {
        var random = new Random(seed);
        await using var store = await RealStore.Start();
        var client = store.Client;
        var pool = Enumerable.Range(0, 8).Select(i => RandomBytes(random, 500 + 700 * i)).ToArray();
        for (var i = 0; i < 14; i++)
        {
            var package = await client.CreatePackage(retentionClass: random.Next(4) == 0 ? "permanent-record" : "transient", producer: $"p{random.Next(3)}");
            for (var file = 0; file < random.Next(1, 4); file++)
            {
                var bytes = random.Next(2) == 0 ? pool[random.Next(pool.Length)] : RandomBytes(random, random.Next(1, 4000));
                await client.PutFile(package, $"f{file}", bytes).Json(HttpStatusCode.Created);
            }
            if (random.Next(2) == 0) await client.Finalize(package).Json();
            if (random.Next(5) == 0) await client.PostJson($"/packages/{package}/retention/holds", """{"reason":"r"}""").Json(HttpStatusCode.Created);
            if (random.Next(8) == 0) await client.DeleteAsync($"/packages/{package}?reason=r");
        }
        if (random.Next(2) == 0) await client.PostJson("/holds", """{"kind":"producer","covers":"p1","reason":"r"}""").Json(HttpStatusCode.Created);
        var most = (await client.GetAsync("/explain?free=1TB").Json()).GetProperty("freed_bytes").GetInt64();
        var wanted = 1 + random.NextInt64(most);
        var said = await client.GetAsync($"/explain?free={wanted}").Json();
        Assert.True(said.GetProperty("enough").GetBoolean(), $"seed {seed}: {wanted} of {most}");
        Assert.True(said.GetProperty("freed_bytes").GetInt64() >= wanted);

        var before = StoredBytes(store);
        foreach (var package in said.GetProperty("packages").EnumerateArray())
            await client.DeleteAsync($"/packages/{package.Text("id")}?reason=room").Json(HttpStatusCode.Accepted);
        await client.PostAsync("/retention/collections", null).Json();
        Assert.True(before - StoredBytes(store) >= said.GetProperty("freed_bytes").GetInt64(), $"seed {seed}: {before - StoredBytes(store)} bytes went");
        // What could go at most is no more than what goes when everything goes that may.
        foreach (var package in (await client.GetAsync("/packages").Json()).Items().Where(row => row.Text("status") is "created" or "finalized"))
            await client.DeleteAsync($"/packages/{package.Text("id")}?reason=all");
        await client.PostAsync("/retention/collections", null).Json();
        Assert.True(before - StoredBytes(store) >= most, $"seed {seed}: at most {most}, and {before - StoredBytes(store)} went");
    }

    private static async Task Agree(Parts parts, int seed)
    {
        await new RandomHistory(seed, parts.Journal, parts.Views).Run(Steps);
        var (journal, views, ids, time) = (parts.Journal, parts.Views, new RandomIds(), TimeProvider.System);
        var factories = new GrainFactories()
            .Add<IPackageGrain>(context => new PackageGrain(journal, views, context.Grains))
            .Add<IContentGrain>(_ => new ContentGrain(journal, views, time, ids));
        await using var grains = new EmbeddedGrains(factories, TaskScheduler.Default, time);
        // Nothing of this history has bytes: deleting what is not there is acknowledged, as everywhere.
        var folder = Directory.CreateTempSubdirectory("artifactstore-explain-blobs-").FullName;
        var blobs = new Backends(new LocalBlobStore(BackendId.Local, folder, new(Guid.NewGuid())));
        await blobs.All.First().Claim(new(Guid.NewGuid(), 1));
        var deletion = new LocationDeletion(parts.Collection, grains, blobs, ids, time, NullLogger<LocationDeletion>.Instance);
        var collector = new Collector(parts.Collection, grains, blobs, deletion, ids, time);
        var explainer = new Explainer(views, parts.Keeping, new(parts.Keeping), new(views, parts.Keeping), time);

        var said = new Dictionary<string, Explanation>();
        foreach (var subject in await Subjects(views)) said.Add(subject, await Explain(explainer, subject));
        Assert.Contains(said.Values, explained => explained.Fate == Fate.Kept);
        await collector.Run();
        foreach (var (subject, before) in said)
        {
            var after = await Explain(explainer, subject);
            var goes = before.Fate is Fate.Collectable or Fate.Leaving or Fate.Gone;
            Assert.True(goes == (after.Fate == Fate.Gone), $"seed {seed}, {subject}: {before.Conclusion} Then: {after.Conclusion}");
            foreach (var copy in before.Copies)
            {
                var then = after.Copies.Single(there => (there.Known.Location.Backend, there.Known.Location.Generation)
                    == (copy.Known.Location.Backend, copy.Known.Location.Generation));
                Assert.True(
                    copy.Fate is Fate.Collectable or Fate.Leaving or Fate.Gone == (then.Known.Location.State == LocationState.Gone),
                    $"seed {seed}, {subject}, generation {copy.Known.Location.Generation}: {copy.Fate}, then {then.Known.Location.State}");
            }
        }
        Directory.Delete(folder, recursive: true);
    }

    /// <summary>Every package, file and content that the log ever named.</summary>
    private static async Task<IReadOnlyList<string>> Subjects(IViews views)
    {
        var subjects = new HashSet<string>();
        var after = 0L;
        while (await views.Events(after, 500, []) is { Count: > 0 } page)
        {
            foreach (var line in page)
            {
                if (line.Stream.Kind == SubjectKind.Package) subjects.Add(line.Stream.Id);
                var body = Interfaces.Events.EventCodec.Decode(line.Type, line.Payload);
                if (body is Interfaces.Events.FileIngested file) subjects.Add(file.FileId.ToString());
                if (body is Interfaces.Events.LocationSettled settled) subjects.Add(ContentAddress.Blake3(settled.Content.Blake3).ToString());
            }
            after = page[^1].Sequence;
        }
        return [.. subjects];
    }

    private static async Task<Explanation> Explain(Explainer explainer, string subject)
    {
        var answer = Guid.TryParse(subject, out var id)
            ? await explainer.Explain(TenantId.Default, id, default)
            : await explainer.Explain(TenantId.Default, ContentAddress.Parse(subject, null), null, 3, default);
        return answer.Succeeded ? answer.Value : throw new InvalidOperationException(answer.Error.Detail);
    }

    private static Task<JsonElement> Explain(RealStore store, string subject) => store.Client.GetAsync($"/explain/{subject}?limit=2").Json();

    private static byte[] RandomBytes(Random random, int size)
    {
        var bytes = new byte[size];
        random.NextBytes(bytes);
        return bytes;
    }

    private static long StoredBytes(RealStore store) => store.Objects().Sum(file => new FileInfo(file).Length);

    private sealed record Parts(IJournal Journal, IViews Views, ICollectionViews Collection, IKeepingViews Keeping);
}
