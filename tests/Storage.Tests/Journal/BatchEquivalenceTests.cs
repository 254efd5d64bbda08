using ArtifactStore.Conformance.Journal;
using ArtifactStore.Interfaces.Contents;
using ArtifactStore.Interfaces.Hashing;
using ArtifactStore.Interfaces.Ids;
using ArtifactStore.Interfaces.Journal;
using ArtifactStore.Storage.Journal.Core;
using ArtifactStore.Storage.Journal.Sqlite;
using ArtifactStore.Storage.Journal.Sqlite.Engine;

namespace ArtifactStore.Storage.Tests.Journal;

/// <summary>Deciding a batch in memory is the same as executing its items one by one, each in its own transaction.</summary>
public sealed class BatchEquivalenceTests
{
    public static TheoryData<int> Seeds => [.. Enumerable.Range(1, 20)];

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
    private sealed class BareWriter : IDisposable
    {
        private const string Everything =
            """
            SELECT sequence, event_type, tenant, subject_kind, subject_id, stream_version, append_id, append_size, payload, leaf_digest
            FROM events ORDER BY sequence
            """;
        private const string Settling = "SELECT backend_id, blake3, generation, owner, physical_key FROM settling";
        private const string Keys = "SELECT actor, idempotency_key, result_id FROM idempotency_keys";
        private readonly string directory = Directory.CreateTempSubdirectory("writer-").FullName;
        private readonly SqliteConnection db;

        public BareWriter()
        {
            db = SqliteConnection.OpenWriter(Path.Combine(directory, "store.db"));
            db.Execute("PRAGMA journal_mode = WAL; PRAGMA wal_autocheckpoint = 0");
            SqliteMigrations.Migrate(db, "store.db", () => Guid.Empty, Story.Time);
            Writer = new(db, new DatabaseFile(Path.Combine(directory, "store.db")), 1, Guid.Empty, TimeProvider.System, checkpointPages: 1_000);
        }

        public SqliteWriter Writer { get; }

        public long Head() => SqliteViews.ReadStatus(db).Head;

        public string Dump()
        {
            var text = new StringWriter();
            ViewDump.Write(db, text);
            foreach (var sql in new[] { Everything, Settling, Keys })
            {
                using var rows = db.Query(sql);
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
            Directory.Delete(directory, recursive: true);
        }
    }

    /// <summary>Few packages, paths, contents and attempts, so that everything collides with everything.</summary>
    private sealed class RandomItems(int seed)
    {
        private readonly Random random = new(seed);
        private readonly Story story = new(seed);
        private readonly List<PackageId> packages = [];
        private readonly List<ContentDigests> contents = [];
        private readonly List<AttemptId> attempts = [];
        private readonly List<Append> made = [];

        public List<JournalItem[]> Take(int count)
        {
            for (var i = 0; i < 8; i++)
            {
                packages.Add(story.NewPackageId());
                contents.Add(story.NewContent());
                if (i < 2) attempts.Add(story.NewAttempt());
            }
            return [.. Enumerable.Range(0, count).Select(_ => Enumerable.Range(0, 1 + random.Next(3)).Select(_ => Next()).ToArray())];
        }

        private JournalItem Next()
        {
            if (random.Next(4) == 0)
                return new ReserveItem(new(Story.Tenant, Story.Backend, Pick(contents), Pick(attempts), random.Next(3) == 0));
            var append = random.Next(12) switch
            {
                0 => story.CreatePackage(Pick(packages)),
                1 or 2 or 3 => story.SettleAndIngest(Pick(packages), $"f{random.Next(60)}", AnyReservation()),
                4 or 5 => story.Link(Pick(packages), $"f{random.Next(60)}", Pick(contents)),
                6 => story.CondemnReservation(AnyReservation()),
                7 => story.Fail(Pick(contents), 1 + random.Next(3)),
                8 => story.CondemnLocation(AnyLocation(), random.Next(2) == 0 ? LocationState.Live : LocationState.Failed),
                9 => random.Next(5) == 0
                    ? story.SettleAndFinalize(Pick(packages), 2 + random.Next(4), AnyReservation(), 0, 0)
                    : story.CreatePackage(Pick(packages)),
                10 when made.Count > 0 => Pick(made),
                _ => Remember(),
            };
            made.Add(append);
            return new AppendItem(append);
        }

        private Append Remember()
        {
            var entry = new IdempotencyEntry(Story.Tenant, Story.Actor, $"k{random.Next(4)}", Pick(contents).Blake3, "made", Story.Time);
            return new(
                new(story.NextGuid()), Story.Tenant, Story.Actor, [],
                [new Condition.IdempotencyKeyFree(entry.Tenant, entry.Actor, entry.Key)], [new WorkChange.RememberIdempotencyKey(entry)]);
        }

        private Reservation AnyReservation()
        {
            var (content, attempt, generation) = (Pick(contents), Pick(attempts), 1 + random.Next(3));
            var key = PhysicalKey.Of(Story.Tenant, content.Blake3, generation, attempt, 1);
            return new(Story.Tenant, Story.Backend, content, generation, key, attempt);
        }

        private LocationView AnyLocation()
        {
            var (content, generation) = (Pick(contents).Blake3, 1 + random.Next(3));
            return new(
                Story.Backend, content, generation, PhysicalKey.Of(Story.Tenant, content, generation, Pick(attempts), 1),
                LocationState.Live, "identity");
        }

        private T Pick<T>(List<T> from) => from[random.Next(from.Count)];
    }
}
