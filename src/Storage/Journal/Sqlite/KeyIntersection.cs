using ArtifactStore.Interfaces.Ids;
using ArtifactStore.Interfaces.Views;
using ArtifactStore.Storage.Journal.Projections;
using ArtifactStore.Storage.Journal.Sqlite.Engine;

namespace ArtifactStore.Storage.Journal.Sqlite;

/// <summary>
/// The packages that satisfy every filter, newest first. Each filter has an index that ends in package_key, so "the newest at or before
/// this key" is one seek. With several filters the highest possible key leaps from one index to the next until all agree: the work is
/// bounded by the rarest filter, and a filter that matches nothing ends it at its first seek.
/// </summary>
internal static class KeyIntersection
{
    private const string All =
        "SELECT package_key FROM artifact_packages WHERE tenant = $1 AND package_key <= $2 ORDER BY package_key DESC LIMIT 1";

    private const string ByMetadata =
        """
        SELECT package_key FROM package_metadata WHERE tenant = $1 AND name = $3 AND value = $4 AND package_key <= $2
        ORDER BY package_key DESC LIMIT 1
        """;

    private static readonly string ByProducer = ByColumn("producer");
    private static readonly string BySubject = ByColumn("subject");
    private static readonly string ByClass = ByColumn("retention_class");
    private static readonly string ByStatus = ByColumn("status");

    private delegate long? Seek(long atMost);

    public static List<long> Find(SqliteConnection db, TenantId tenant, PackageFilter filter, long? before, int limit)
    {
        var seeks = SeeksOf(db, tenant.Value, filter);
        var keys = new List<long>();
        var atMost = (before ?? long.MaxValue) - 1;
        while (keys.Count < limit && Agree(seeks, atMost) is { } key)
        {
            keys.Add(key);
            atMost = key - 1;
        }
        return keys;
    }

    /// <summary>The highest key that every filter has.</summary>
    private static long? Agree(List<Seek> seeks, long atMost)
    {
        var agreed = 0;
        for (var i = 0; agreed < seeks.Count; i = (i + 1) % seeks.Count)
        {
            if (seeks[i](atMost) is not { } found) return null;
            agreed = found == atMost ? agreed + 1 : 1;
            atMost = found;
        }
        return atMost;
    }

    private static List<Seek> SeeksOf(SqliteConnection db, string tenant, PackageFilter filter)
    {
        var seeks = new List<Seek>();
        // The rarest first, as far as one can know: it sets the pace.
        foreach (var (name, value) in filter.Metadata) seeks.Add(key => First(db, ByMetadata, tenant, key, name, value));
        if (filter.Subject is { } subject) seeks.Add(key => First(db, BySubject, tenant, key, subject));
        if (filter.Producer is { } producer) seeks.Add(key => First(db, ByProducer, tenant, key, producer));
        if (filter.RetentionClass is { } retentionClass) seeks.Add(key => First(db, ByClass, tenant, key, retentionClass));
        if (filter.Status is { } status) seeks.Add(key => First(db, ByStatus, tenant, key, StatusNames.Of(status)));
        if (seeks.Count == 0) seeks.Add(key => First(db, All, tenant, key));
        return seeks;
    }

    private static long? First(SqliteConnection db, string sql, params ReadOnlySpan<SqlValue> values)
    {
        using var row = db.Query(sql, values);
        return row.Step() ? row.Int64(0) : null;
    }

    private static string ByColumn(string column) =>
        $"""
        SELECT package_key FROM artifact_packages WHERE tenant = $1 AND {column} = $3 AND package_key <= $2
        ORDER BY package_key DESC LIMIT 1
        """;
}
