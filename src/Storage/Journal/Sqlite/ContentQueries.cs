using ArtifactStore.Interfaces.Contents;
using ArtifactStore.Interfaces.Hashing;
using ArtifactStore.Interfaces.Ids;
using ArtifactStore.Storage.Journal.Queries;
using ArtifactStore.Storage.Journal.Sqlite.Engine;

namespace ArtifactStore.Storage.Journal.Sqlite;

/// <summary>Contents by address. What nothing of the tenant refers to is not there for anyone who only knows its address.</summary>
internal static class ContentQueries
{
    public static ContentView? Readable(SqliteConnection db, TenantId tenant, ContentAddress address)
    {
        if (FindKey(db, tenant, address) is not { } key || !Exists(db, ViewSql.IsReferenced, key)) return null;
        ContentDigests digests;
        using (var row = db.Query(ViewSql.DigestsOf, key))
        {
            if (!row.Step()) return null;
            digests = new(row.Digest(0), row.Digest(1), row.Int64(2));
        }
        var locations = new List<LocationView>();
        using (var rows = db.Query(ViewSql.ReadableLocations, key))
        {
            while (rows.Step()) locations.Add(ViewRows.Location(rows, digests.Blake3));
        }
        return new(key, digests, locations);
    }

    /// <summary>Something refers to it and its bytes are there: pushing it again would be in vain.</summary>
    public static bool IsHere(SqliteConnection db, TenantId tenant, ContentAddress address) =>
        FindKey(db, tenant, address) is { } key && Exists(db, ViewSql.IsReferenced, key) && Exists(db, ViewSql.IsLive, key);

    public static LocationView? LiveLocation(SqliteConnection db, TenantId tenant, BackendId backend, ContentAddress address)
    {
        if (FindKey(db, tenant, address) is not { } key) return null;
        Digest256 blake3;
        using (var row = db.Query(ViewSql.Blake3Of, key))
        {
            row.Step();
            blake3 = row.Digest(0);
        }
        using var location = db.Query(ViewSql.LiveLocationIn, key, backend.Value);
        return location.Step() ? ViewRows.Location(location, blake3) : null;
    }

    private static long? FindKey(SqliteConnection db, TenantId tenant, ContentAddress address)
    {
        using var row = address.Algorithm == DigestAlgorithm.Blake3
            ? db.Query(ViewSql.ContentKeyByBlake3, tenant.Value, address.Digest)
            : db.Query(ViewSql.ContentKeyByDigest, tenant.Value, address.AlgorithmName, address.Digest);
        return row.Step() ? row.Int64(0) : null;
    }

    private static bool Exists(SqliteConnection db, string sql, long key)
    {
        using var row = db.Query(sql, key);
        return row.Step();
    }
}
