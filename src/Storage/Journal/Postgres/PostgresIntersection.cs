using System.Collections.Concurrent;
using System.Globalization;
using System.Text;
using ArtifactStore.Interfaces.Ids;
using ArtifactStore.Interfaces.Views;
using ArtifactStore.Storage.Journal.Projections;
using ArtifactStore.Storage.Journal.Queries;

namespace ArtifactStore.Storage.Journal.Postgres;

/// <summary>
/// The packages that satisfy every filter, newest first, as one statement. Each filter has an index that ends in package_key, so "the
/// newest at or before this key" is one seek. A step of the walk seeks in each filter in turn, at or before what the one before found; when
/// the first and the last agree, all do. A key of any filter is met by two steps at most, so the work is bounded by the rarest one, and a
/// filter that matches nothing ends the walk at its first seek. The page's LIMIT ends it where the page is full.
/// </summary>
/// <remarks>
/// A seek compares whole rows and orders by all columns of its index, and only then looks whether the row is of the filter. Only that
/// index has this order: with <c>column = x</c> the planner would be free to walk all keys backwards where statistics call x common.
/// </remarks>
internal static class PostgresIntersection
{
    private const string Packages = "artifact_packages";

    // One for each combination of filters; a text object stays the same, so that it stays prepared.
    private static readonly ConcurrentDictionary<string, string> Statements = [];

    public static (string Sql, object[] Values) Find(TenantId tenant, PackageFilter filter, long? before, int limit)
    {
        var shape = new StringBuilder();
        var values = new List<object> { tenant.Value, (before ?? long.MaxValue) - 1, (long)limit };
        // The rarest first, as far as one can know.
        foreach (var (name, value) in filter.Metadata) Add('m', name, value);
        if (filter.Subject is { } subject) Add('s', subject);
        if (filter.Producer is { } producer) Add('p', producer);
        if (filter.RetentionClass is { } retentionClass) Add('c', retentionClass);
        if (filter.Status is { } status) Add('t', StatusNames.Of(status));
        if (shape.Length == 0) shape.Append('a');
        return (Statements.GetOrAdd(shape.ToString(), Statement), [.. values]);

        void Add(char kind, params string[] compared)
        {
            shape.Append(kind);
            values.AddRange(compared);
        }
    }

    private static string Statement(string shape)
    {
        var seeks = new StringBuilder();
        var parameter = 4;
        for (var i = 0; i < shape.Length; i++)
        {
            var atMost = i == 0 ? "walk.at_most" : Name(i - 1);
            var (table, columns) = shape[i] switch
            {
                'm' => ("package_metadata", new[] { "name", "value" }),
                's' => (Packages, ["subject"]),
                'p' => (Packages, ["producer"]),
                'c' => (Packages, ["retention_class"]),
                't' => (Packages, ["status"]),
                _ => (Packages, []),
            };
            var compared = columns.Select(_ => string.Create(CultureInfo.InvariantCulture, $"${parameter++}")).ToArray();
            seeks.Append(CultureInfo.InvariantCulture, $"CROSS JOIN LATERAL ({Seek(table, columns, compared, atMost)}) s{i}\n");
        }
        var (first, last) = (Name(0), Name(shape.Length - 1));
        return
            $"""
            {ViewRows.PackageSelect}
            WHERE p.package_key = ANY (ARRAY(
                WITH RECURSIVE walk (at_most, found) AS (
                    SELECT $2::bigint, NULL::bigint
                    UNION ALL
                    SELECT CASE WHEN {first} = {last} THEN {last} - 1 ELSE {last} END, CASE WHEN {first} = {last} THEN {last} END
                    FROM walk
                    {seeks})
                SELECT package_key FROM (
                    SELECT keys.package_key, sum(size) OVER (ORDER BY keys.package_key DESC ROWS UNBOUNDED PRECEDING) - size AS before
                    FROM (SELECT found AS package_key FROM walk WHERE found IS NOT NULL LIMIT $3) keys
                    CROSS JOIN LATERAL (
                        SELECT octet_length(metadata) AS size FROM artifact_packages a WHERE a.package_key = keys.package_key LIMIT 1) sizes) page
                WHERE before < {PageLimit.Bytes}))
            ORDER BY p.package_key DESC
            """;
    }

    private static string Seek(string table, string[] columns, string[] compared, string atMost)
    {
        string[] prefix = ["tenant", .. columns];
        string[] wanted = ["$1", .. compared];
        var indexed = string.Join(", ", [.. prefix, "package_key"]);
        var order = string.Join(" DESC, ", [.. prefix, "package_key"]);
        var equal = string.Join(" AND ", prefix.Zip(wanted, (column, value) => $"newest.{column} = {value}"));
        return $"SELECT newest.package_key FROM (SELECT {indexed} FROM {table} WHERE ({indexed}) <= ({string.Join(", ", wanted)}, {atMost}) "
            + $"ORDER BY {order} DESC LIMIT 1) newest WHERE {equal}";
    }

    private static string Name(int seek) => string.Create(CultureInfo.InvariantCulture, $"s{seek}.package_key");
}
