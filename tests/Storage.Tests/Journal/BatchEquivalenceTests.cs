using ArtifactStore.Conformance.Journal;
using ArtifactStore.Interfaces.Contents;
using ArtifactStore.Interfaces.Hashing;
using ArtifactStore.Interfaces.Ids;
using ArtifactStore.Interfaces.Journal;
using ArtifactStore.Storage.Journal;
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

    /// <summary>Few packages, paths, contents and attempts, so that everything collides with everything.</summary>
    private sealed class RandomItems(int seed)
    {
        private readonly Random _random = new(seed);
        private readonly Story _story = new(seed);
        private readonly List<PackageId> _packages = [];
        private readonly List<ContentDigests> _contents = [];
        private readonly List<AttemptId> _attempts = [];
        private readonly List<Append> _made = [];

        public List<JournalItem[]> Take(int count)
        {
            for (var i = 0; i < 8; i++)
            {
                _packages.Add(_story.NewPackageId());
                _contents.Add(_story.NewContent());
                if (i < 2) _attempts.Add(_story.NewAttempt());
            }
            return [.. Enumerable.Range(0, count).Select(_ => Enumerable.Range(0, 1 + _random.Next(3)).Select(_ => Next()).ToArray())];
        }

        private JournalItem Next()
        {
            if (_random.Next(4) == 0)
                return new ReserveItem(new(Story.Tenant, Story.Backend, Pick(_contents), Pick(_attempts), _random.Next(3) == 0));
            var append = _random.Next(12) switch
            {
                0 => _story.CreatePackage(Pick(_packages)),
                1 or 2 or 3 => _story.SettleAndIngest(Pick(_packages), $"f{_random.Next(60)}", AnyReservation()),
                4 or 5 => _story.Link(Pick(_packages), $"f{_random.Next(60)}", Pick(_contents)),
                6 => _story.CondemnReservation(AnyReservation()),
                7 => _story.Fail(Pick(_contents), 1 + _random.Next(3)),
                8 => _story.CondemnLocation(AnyLocation(), _random.Next(2) == 0 ? LocationState.Live : LocationState.Failed),
                9 => _random.Next(5) == 0
                    ? _story.SettleAndFinalize(Pick(_packages), 2 + _random.Next(4), AnyReservation(), 0, 0)
                    : _story.CreatePackage(Pick(_packages)),
                10 when _made.Count > 0 => Pick(_made),
                _ => Remember(),
            };
            _made.Add(append);
            return new AppendItem(append);
        }

        private Append Remember()
        {
            var entry = new IdempotencyEntry(Story.Tenant, Story.Actor, $"k{_random.Next(4)}", Pick(_contents).Blake3, "made", Story.Time);
            return new(
                new(_story.NextGuid()), Story.Tenant, Story.Actor, [],
                [new Condition.IdempotencyKeyFree(entry.Tenant, entry.Actor, entry.Key)], [new WorkChange.RememberIdempotencyKey(entry)]);
        }

        private Reservation AnyReservation()
        {
            var (content, attempt, generation) = (Pick(_contents), Pick(_attempts), 1 + _random.Next(3));
            var key = PhysicalKey.Of(Story.Tenant, content.Blake3, generation, attempt, 1);
            return new(Story.Tenant, Story.Backend, content, generation, key, attempt);
        }

        private LocationView AnyLocation()
        {
            var (content, generation) = (Pick(_contents).Blake3, 1 + _random.Next(3));
            return new(
                Story.Backend, content, generation, PhysicalKey.Of(Story.Tenant, content, generation, Pick(_attempts), 1),
                LocationState.Live, "identity");
        }

        private T Pick<T>(List<T> from) => from[_random.Next(from.Count)];
    }
}
