using System.Globalization;
using System.Text.RegularExpressions;
using ArtifactStore.Conformance.Journal;
using ArtifactStore.Interfaces.Packages;
using ArtifactStore.Interfaces.Views;
using ArtifactStore.Storage.Journal.Postgres;
using Npgsql;

namespace ArtifactStore.Storage.Tests.Journal.Postgres;

public sealed partial class PostgresIntersectionTests
{
    private const string InsertPackages =
        """
        INSERT INTO artifact_packages (package_key, tenant, package_id, name, producer, subject, retention_class, status, backend_id,
            metadata, created_at, created_by, file_count, total_bytes, stream_version, last_event_sequence)
        """;

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public async Task Any_filters_over_any_packages_find_what_looking_at_each_would(int seed)
    {
        var random = new Random(seed);
        await using var database = await PostgresDatabase.Create();
        var packages = new List<Row>();
        var key = 0L;
        for (var i = 0; i < 400; i++)
        {
            key += 1 + random.Next(3);
            var row = new Row(key, $"p{random.Next(3)}", $"s{random.Next(4)}", $"c{random.Next(2)}", random.Next(2) == 0 ? "created" : "finalized");
            for (var m = 0; m < 4; m++)
            {
                if (random.Next(3) > 0) row.Metadata[$"m{m}"] = $"v{random.Next(1 + m)}";
            }
            packages.Add(row);
            await Insert(database, row);
        }
        for (var i = 0; i < 300; i++)
        {
            var filter = Filter(random);
            long? before = random.Next(3) == 0 ? random.Next((int)key + 10) : null;
            var limit = 1 + random.Next(random.Next(2) == 0 ? 5 : 500);
            var expected = packages.Where(row => row.Fits(filter) && (before is null || row.Key < before))
                .OrderByDescending(row => row.Key).Take(limit).Select(row => row.Key);
            var found = await database.Views.Packages(Story.Tenant, filter, before, limit);
            Assert.Equal(expected, found.Select(row => row.Key));
        }
    }

    /// <summary>
    /// 50,000 packages of which the statistics say that every filter but one fits them all. What a list reads must not grow with that.
    /// </summary>
    [Fact]
    public async Task The_work_follows_the_rarest_filter_whatever_the_statistics_say()
    {
        await using var database = await PostgresDatabase.Create();
        await database.Execute(
            $$"""
            {{InsertPackages}}
            SELECT i, 'default', gen_random_uuid(), 'n', 'ci', 'app', 'raw-evidence', 'created', 'local', '\xa0', 0, 'a', 0, 0, 1, i
            FROM generate_series(1, 50000) AS i;
            INSERT INTO package_metadata SELECT 'default', 'branch', CASE WHEN i % 10000 = 1 THEN 'rare' ELSE 'main' END, i
            FROM generate_series(1, 50000) AS i;
            """);
        await database.Execute("ANALYZE artifact_packages");
        await database.Execute("ANALYZE package_metadata");
        var anything = new PackageFilter("ci", "app", "raw-evidence", PackageStatus.Created, []);
        Assert.InRange(await Buffers(anything, 0), 1, 400);
        Assert.InRange(await Buffers(anything with { Producer = "nobody" }, 0), 1, 100);
        Assert.InRange(await Buffers(anything with { Status = PackageStatus.Finalized }, 0), 1, 100);
        Assert.InRange(await Buffers(new(null, null, null, PackageStatus.Finalized, []), 0), 1, 100);
        Assert.InRange(await Buffers(anything with { Metadata = [new("branch", "rare")] }, 5), 1, 1_000);
        Assert.InRange(await Buffers(new(null, null, null, PackageStatus.Created, [new("branch", "rare")]), 5), 1, 500);

        async Task<long> Buffers(PackageFilter filter, int atLeast)
        {
            var (sql, values) = PostgresIntersection.Find(Story.Tenant, filter, null, 10);
            Assert.InRange((await database.Views.Packages(Story.Tenant, filter, null, 10)).Count, atLeast, 10);
            // A plan for any values, as the store's own; EXPLAIN of the statement itself would plan for these values.
            var literals = values.Select(value => value is string text ? $"'{text}'" : string.Create(CultureInfo.InvariantCulture, $"{value}"));
            await using var db = await database.Source.OpenConnectionAsync();
            await using (var prepare = new NpgsqlCommand($"PREPARE list AS {sql}", db)) await prepare.ExecuteNonQueryAsync();
            await using var explain = new NpgsqlCommand($"EXPLAIN (ANALYZE, BUFFERS, TIMING OFF) EXECUTE list({string.Join(", ", literals)})", db);
            await using var rows = await explain.ExecuteReaderAsync();
            await rows.ReadAsync();
            var line = rows.GetString(0);
            while (!line.Contains("Buffers:", StringComparison.Ordinal) && await rows.ReadAsync()) line = rows.GetString(0);
            var buffers = BufferCounts().Matches(line).Sum(match => long.Parse(match.Groups[1].Value, CultureInfo.InvariantCulture));
            await rows.CloseAsync();
            await using (var forget = new NpgsqlCommand("DEALLOCATE list", db)) await forget.ExecuteNonQueryAsync();
            return buffers;
        }
    }

    [GeneratedRegex("(?:hit|read)=([0-9]+)", RegexOptions.None, 1_000)]
    private static partial Regex BufferCounts();

    private static PackageFilter Filter(Random random)
    {
        string? Maybe(string prefix, int count) => random.Next(3) == 0 ? $"{prefix}{random.Next(count)}" : null;
        var metadata = Enumerable.Range(0, 4).Where(_ => random.Next(3) == 0)
            .Select(m => KeyValuePair.Create($"m{m}", $"v{random.Next(m + 2)}")).ToList();
        PackageStatus? status = random.Next(4) == 0 ? random.Next(2) == 0 ? PackageStatus.Created : PackageStatus.Finalized : null;
        return new(Maybe("p", 4), Maybe("s", 5), Maybe("c", 2), status, metadata);
    }

    private static async Task Insert(PostgresDatabase database, Row row)
    {
        await using var insert = database.Source.CreateCommand(
            $"{InsertPackages} VALUES ($1, 'default', gen_random_uuid(), 'n', $2, $3, $4, $5, 'local', '\\xa0', 0, 'a', 0, 0, 1, $1)");
        foreach (var value in new object[] { row.Key, row.Producer, row.Subject, row.Class, row.Status }) insert.Parameters.Add(new() { Value = value });
        await insert.ExecuteNonQueryAsync();
        foreach (var (name, text) in row.Metadata)
        {
            await using var pair = database.Source.CreateCommand("INSERT INTO package_metadata VALUES ('default', $1, $2, $3)");
            foreach (var value in new object[] { name, text, row.Key }) pair.Parameters.Add(new NpgsqlParameter { Value = value });
            await pair.ExecuteNonQueryAsync();
        }
    }

    private sealed record Row(long Key, string Producer, string Subject, string Class, string Status)
    {
        public Dictionary<string, string> Metadata { get; } = [];

        public bool Fits(PackageFilter filter) =>
            (filter.Producer is null || filter.Producer == Producer)
            && (filter.Subject is null || filter.Subject == Subject)
            && (filter.RetentionClass is null || filter.RetentionClass == Class)
            && (filter.Status is null || filter.Status.Value.ToString().Equals(Status, StringComparison.OrdinalIgnoreCase))
            && filter.Metadata.All(pair => Metadata.GetValueOrDefault(pair.Key) == pair.Value);
    }
}
