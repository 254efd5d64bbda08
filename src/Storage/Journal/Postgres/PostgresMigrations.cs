using System.Globalization;
using ArtifactStore.Interfaces.Events;
using Npgsql;

namespace ArtifactStore.Storage.Journal.Postgres;

/// <summary>
/// The numbered scripts, all that are missing in one transaction under the journal's lock, so that nodes that start at once find either
/// nothing or everything. The first one creates the store's identity.
/// </summary>
internal sealed class PostgresMigrations(NpgsqlConnection db, string database)
{
    private const int OldestServer = 150_000;

    private static readonly NumberedScripts Scripts = new("Postgres/Migrations/");

    public static int Latest => Scripts.Latest;

    /// <summary>Refuses a server that would lose what it was told is safe, or that this program does not know.</summary>
    /// <returns>The schema that the store's tables lie in.</returns>
    public async Task<string> RequireServer()
    {
        await using var command = new NpgsqlCommand(
            """
            SELECT current_setting('server_version_num'), current_setting('server_version'), current_setting('fsync'),
                current_setting('full_page_writes'), current_setting('server_encoding'), current_schema()
            """,
            db);
        await using var row = await command.ExecuteReaderAsync();
        await row.ReadAsync();
        if (int.Parse(row.GetString(0), CultureInfo.InvariantCulture) < OldestServer)
            throw new InvalidDataException($"{database} runs PostgreSQL {row.GetString(1)}: upgrade the server to PostgreSQL 15 or newer");
        if (row.GetString(2) != "on")
            throw new InvalidDataException($"{database} runs with fsync = {row.GetString(2)}, which loses answered writes: set fsync = on");
        if (row.GetString(3) != "on")
            throw new InvalidDataException(
                $"{database} runs with full_page_writes = {row.GetString(3)}, which damages tables at a power failure: set full_page_writes = on");
        if (row.GetString(4) != "UTF8")
            throw new InvalidDataException(
                $"{database} has the encoding {row.GetString(4)}: create the database with ENCODING 'UTF8' (and TEMPLATE template0)");
        if (await row.IsDBNullAsync(5))
            throw new InvalidDataException($"{database} has none of the schemas of search_path: create the schema that the store shall lie in");
        return row.GetString(5);
    }

    /// <summary>0: there is no store in this schema yet.</summary>
    public async Task<int> FindVersion()
    {
        if (!await HasTable("store")) return 0;
        await using var version = new NpgsqlCommand("SELECT schema_version FROM store WHERE id = 1", db);
        return await version.ExecuteScalarAsync() is long found ? (int)found : throw new InvalidDataException($"{database}: the table store has no row");
    }

    public async Task RequireLatest() => Scripts.RequireLatest(await FindVersion(), database);

    /// <summary>A restore into this schema was begun and not completed (see <see cref="PostgresImport"/>).</summary>
    public Task<bool> HoldsRestore() => HasTable("restoring");

    /// <exception cref="InvalidDataException">It is no store yet.</exception>
    public async Task RefuseUnfinished()
    {
        if (await HoldsRestore())
            throw new InvalidDataException(
                $"{database} holds a restore that is not complete: run 'artifactstore restore' again, it goes on where it stopped");
    }

    /// <summary>Returns the version that was found; 0 for exactly one of those who create a store at once.</summary>
    /// <param name="restoring">The incarnation that a restore begins; null for a node that opens a store.</param>
    public async Task<int> Migrate(StoreNames names, Func<Guid> newStoreId, DateTimeOffset now, int? restoring = null)
    {
        var found = await FindVersion();
        Scripts.RefuseNewer(found, database);
        if (found == Latest) return found;
        await using var transaction = await db.BeginTransactionAsync();
        await Run(StoreNames.TakeLock, names.LockKey);
        if (restoring is null) await RefuseUnfinished();
        found = await FindVersion();
        Scripts.RefuseNewer(found, database);
        foreach (var (number, name) in Scripts.All)
        {
            if (number <= found) continue;
            await Run(NumberedScripts.Read(name));
            if (number == 1) await CreateIdentity(newStoreId(), restoring ?? 1, now);
            await Run("UPDATE store SET schema_version = $1 WHERE id = 1", (long)number);
        }
        await transaction.CommitAsync();
        return found;
    }

    /// <summary>
    /// A question to the catalogue's table, on this statement's own snapshot. (to_regclass answers from a cache that a wait for an advisory
    /// lock does not refresh: of nodes that start at once, one saw no table that another had just made.)
    /// </summary>
    private async Task<bool> HasTable(string name)
    {
        await using var exists = new NpgsqlCommand("SELECT EXISTS (SELECT 1 FROM pg_tables WHERE schemaname = current_schema() AND tablename = $1)", db)
        {
            Parameters = { new NpgsqlParameter<string> { TypedValue = name } },
        };
        return await exists.ExecuteScalarAsync() is true;
    }

    private Task CreateIdentity(Guid storeId, int incarnation, DateTimeOffset now) => Run(
        """
        INSERT INTO store (id, store_id, incarnation, schema_version, head_sequence, head_leaf_digest, created_at)
        VALUES (1, $1, $2, 0, 0, $3, $4)
        """,
        storeId, (long)incarnation, new byte[32], EventTime.ToMicroseconds(now));

    private async Task Run(string sql, params object[] values)
    {
        await using var command = new NpgsqlCommand(sql, db);
        foreach (var value in values) command.Parameters.Add(new NpgsqlParameter { Value = value });
        await command.ExecuteNonQueryAsync();
    }
}
