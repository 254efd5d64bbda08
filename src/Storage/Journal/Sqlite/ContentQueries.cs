using ArtifactStore.Interfaces.Contents;
using ArtifactStore.Interfaces.Hashing;
using ArtifactStore.Interfaces.Ids;
using ArtifactStore.Storage.Journal.Sqlite.Engine;

namespace ArtifactStore.Storage.Journal.Sqlite;

/// <summary>Contents by address. What nothing of the tenant refers to is not there for anyone who only knows its address.</summary>
internal static class ContentQueries
{
    private const string KeyByBlake3 = "SELECT content_key FROM contents WHERE tenant = $1 AND blake3 = $2";
    private const string KeyByDigest = "SELECT content_key FROM content_digests WHERE tenant = $1 AND algorithm = $2 AND digest = $3";
    private const string IsReferenced = "SELECT 1 FROM content_references WHERE content_key = $1 LIMIT 1";
    private const string IsLive = "SELECT 1 FROM storage_locations WHERE content_key = $1 AND status = 'live' LIMIT 1";
    private const string DigestsOf =
        """
        SELECT c.blake3, d.digest, c.size FROM contents c
        JOIN content_digests d ON d.content_key = c.content_key AND d.algorithm = 'sha256'
        WHERE c.content_key = $1
        """;
    private const string ReadableLocations =
        ViewRows.LocationSelect + " WHERE content_key = $1 AND status IN ('live', 'failed') ORDER BY status DESC, backend_id, generation";
    private const string LiveIn = ViewRows.LocationSelect + " WHERE content_key = $1 AND backend_id = $2 AND status = 'live'";
    private const string Blake3Of = "SELECT blake3 FROM contents WHERE content_key = $1";

    public static ContentView? Readable(SqliteConnection db, TenantId tenant, ContentAddress address)
    {
        if (FindKey(db, tenant, address) is not { } key || !Exists(db, IsReferenced, key)) return null;
        ContentDigests digests;
        using (var row = db.Query(DigestsOf, key))
        {
            if (!row.Step()) return null;
            digests = new(row.Digest(0), row.Digest(1), row.Int64(2));
        }
        var locations = new List<LocationView>();
        using (var rows = db.Query(ReadableLocations, key))
        {
            while (rows.Step()) locations.Add(ViewRows.Location(rows, digests.Blake3));
        }
        return new(key, digests, locations);
    }

    /// <summary>Something refers to it and its bytes are there: pushing it again would be in vain.</summary>
    public static bool IsHere(SqliteConnection db, TenantId tenant, ContentAddress address) =>
        FindKey(db, tenant, address) is { } key && Exists(db, IsReferenced, key) && Exists(db, IsLive, key);

    public static LocationView? LiveLocation(SqliteConnection db, TenantId tenant, BackendId backend, ContentAddress address)
    {
        if (FindKey(db, tenant, address) is not { } key) return null;
        Digest256 blake3;
        using (var row = db.Query(Blake3Of, key))
        {
            row.Step();
            blake3 = row.Digest(0);
        }
        using var location = db.Query(LiveIn, key, backend.Value);
        return location.Step() ? ViewRows.Location(location, blake3) : null;
    }

    private static long? FindKey(SqliteConnection db, TenantId tenant, ContentAddress address)
    {
        using var row = address.Algorithm == DigestAlgorithm.Blake3
            ? db.Query(KeyByBlake3, tenant.Value, address.Digest)
            : db.Query(KeyByDigest, tenant.Value, address.AlgorithmName, address.Digest);
        return row.Step() ? row.Int64(0) : null;
    }

    private static bool Exists(SqliteConnection db, string sql, long key)
    {
        using var row = db.Query(sql, key);
        return row.Step();
    }
}
