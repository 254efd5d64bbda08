using ArtifactStore.Storage.Journal.Projections;
using ArtifactStore.Storage.Journal.Sqlite.Engine;

namespace ArtifactStore.Storage.Journal.Sqlite;

/// <summary>
/// The numbered scripts, each applied once, each in a transaction with the version it leads to. The first one creates the store's identity.
/// </summary>
internal static class SqliteMigrations
{
    private static readonly NumberedScripts Scripts = new("Sqlite/Migrations/");

    public static int Latest => Scripts.Latest;

    /// <summary>0: there is no store in this database yet.</summary>
    public static int VersionOf(SqliteConnection db)
    {
        using (var table = db.Query("SELECT 1 FROM sqlite_schema WHERE type = 'table' AND name = 'store'"))
        {
            if (!table.Step()) return 0;
        }
        using var row = db.Query("SELECT schema_version FROM store WHERE id = 1");
        return row.Step() ? row.Int32(0) : throw new InvalidDataException("the table store has no row");
    }

    public static void RequireLatest(SqliteConnection db, string path) => Scripts.RequireLatest(VersionOf(db), path);

    /// <summary>Returns the version that was found.</summary>
    public static int Migrate(SqliteConnection db, string path, Func<Guid> newStoreId, DateTimeOffset now, int incarnation = 1)
    {
        var found = VersionOf(db);
        Scripts.RefuseNewer(found, path);
        foreach (var (number, name) in Scripts.All)
        {
            if (number <= found) continue;
            db.Execute("BEGIN IMMEDIATE");
            try
            {
                db.Execute(NumberedScripts.Read(name));
                if (number == 1) CreateIdentity(db, newStoreId(), incarnation, now);
                db.Run("UPDATE store SET schema_version = $1 WHERE id = 1", (long)number);
                db.Execute("COMMIT");
            }
            catch
            {
                db.RollbackIfOpen();
                throw;
            }
        }
        return found;
    }

    private static void CreateIdentity(SqliteConnection db, Guid storeId, int incarnation, DateTimeOffset now) => db.Run(
        """
        INSERT INTO store (id, store_id, incarnation, schema_version, head_sequence, head_leaf_digest, created_at)
        VALUES (1, $1, $2, 0, 0, zeroblob(32), $3)
        """,
        storeId, (long)incarnation, SqlValue.Time(now));
}
