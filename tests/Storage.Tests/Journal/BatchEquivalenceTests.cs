using ArtifactStore.Conformance.Journal;
using ArtifactStore.Storage.Journal;
using ArtifactStore.Storage.Journal.Sqlite;
using ArtifactStore.Storage.Journal.Sqlite.Engine;

namespace ArtifactStore.Storage.Tests.Journal;

/// <summary>Deciding a batch in memory is the same as executing its items one by one, each in its own transaction.</summary>
public sealed class BatchEquivalenceTests
{
    public static TheoryData<int> Seeds => [.. Enumerable.Range(1, 20)];

    public static TheoryData<int> FewSeeds => [.. Enumerable.Range(1, 4)];

    /// <summary>Every statement is set-wise on PostgreSQL, so that this compares those with the same items one by one, and with SQLite.</summary>
    [Theory, MemberData(nameof(FewSeeds))]
    public async Task Any_batching_of_any_items_answers_and_writes_the_same_on_both_databases(int seed)
    {
        var random = new Random(seed);
        var calls = new RandomItems(seed).Take(200);
        using var sqlite = new BareWriter();
        await using var batched = await BarePostgresWriter.Create();
        await using var single = await BarePostgresWriter.Create();
        for (var at = 0; at < calls.Count;)
        {
            var size = Math.Min(1 + random.Next(40), calls.Count - at);
            var chunk = calls.GetRange(at, size);
            var together = chunk.ConvertAll(items => new BatchCall(items));
            await batched.Writer.Execute(together);
            var (apart, there) = (chunk.ConvertAll(items => new BatchCall(items)), chunk.ConvertAll(items => new BatchCall(items)));
            foreach (var call in apart) await single.Writer.Execute([call]);
            foreach (var call in there) sqlite.Writer.Execute([call]);
            Assert.All(together.Concat(apart), call => Assert.Null(call.Failure));
            Assert.Equal(there.SelectMany(call => call.Verdicts!), together.SelectMany(call => call.Verdicts!));
            Assert.Equal(apart.SelectMany(call => call.Verdicts!), together.SelectMany(call => call.Verdicts!));
            at += size;
        }
        Assert.Equal(await single.Dump(), await batched.Dump());
        Assert.True(sqlite.Head() > 40, $"only {sqlite.Head()} events: the items prove nothing");
    }

    [Theory, MemberData(nameof(Seeds))]
    public void Any_batching_of_any_items_answers_and_writes_the_same(int seed)
    {
        var random = new Random(seed);
        var calls = new RandomItems(seed).Take(250);
        using var batched = new BareWriter();
        using var single = new BareWriter();
        for (var at = 0; at < calls.Count;)
        {
            var size = Math.Min(1 + random.Next(40), calls.Count - at);
            var chunk = calls.GetRange(at, size);
            var together = chunk.ConvertAll(items => new BatchCall(items));
            batched.Writer.Execute(together);
            var apart = chunk.ConvertAll(items => new BatchCall(items));
            foreach (var call in apart) single.Writer.Execute([call]);
            Assert.All(together.Concat(apart), call => Assert.Null(call.Failure));
            Assert.Equal(apart.SelectMany(call => call.Verdicts!), together.SelectMany(call => call.Verdicts!));
            at += size;
        }
        Assert.Equal(single.Dump(), batched.Dump());
        Assert.True(single.Head() > 40, $"only {single.Head()} events: the items prove nothing");
    }

    /// <summary>A writer on a database of its own, without the queue before it.</summary>
    internal sealed class BareWriter : IDisposable
    {
        private const string Everything =
            """
            SELECT sequence, event_type, tenant, subject_kind, subject_id, stream_version, append_id, append_size, payload, leaf_digest
            FROM events ORDER BY sequence
            """;
        private const string Settling = "SELECT backend_id, blake3, generation, owner, physical_key FROM settling";
        private const string Keys = "SELECT actor, idempotency_key, result_id FROM idempotency_keys";
        private readonly string _directory = Directory.CreateTempSubdirectory("writer-").FullName;
        private readonly SqliteConnection _db;

        public BareWriter()
        {
            _db = SqliteConnection.OpenWriter(Path.Combine(_directory, "store.db"));
            _db.Execute("PRAGMA journal_mode = WAL; PRAGMA wal_autocheckpoint = 0");
            SqliteMigrations.Migrate(_db, "store.db", () => Guid.Empty, Story.Time);
            Writer = new(_db, new DatabaseFile(Path.Combine(_directory, "store.db")), 1, Guid.Empty, TimeProvider.System, checkpointPages: 1_000);
        }

        public SqliteWriter Writer { get; }

        public long Head() => SqliteViews.ReadStatus(_db).Head;

        public string Dump()
        {
            var text = new StringWriter();
            ViewDump.Write(_db, text);
            foreach (var sql in new[] { Everything, Settling, Keys })
            {
                using var rows = _db.Query(sql);
                while (rows.Step())
                {
                    for (var i = 0; i < rows.Columns; i++) text.Write($"{Convert.ToHexString(rows.Blob(i))} ");
                    text.Write('\n');
                }
            }
            return text.ToString();
        }

        public void Dispose()
        {
            Writer.Dispose();
            Directory.Delete(_directory, recursive: true);
        }
    }
}
