using ArtifactStore.Storage.Journal.Core;
using ArtifactStore.Storage.Journal.Projections;
using ArtifactStore.Storage.Journal.Replaying;
using Npgsql;

namespace ArtifactStore.Storage.Journal.Postgres;

/// <summary>
/// The tables that a replay fills beside the real ones: the same columns, storage and rights. Of the indexes only those that applying needs
/// are there from the start; they grow at their end, or are small. The others are built over what is there.
/// </summary>
internal sealed class PostgresShadows(NpgsqlConnection db) : IShadowKeys
{
    public const string Prefix = "shadow_";

    private const string ContentsIndex = "contents_blake3";
    private const string PackageById = $"SELECT package_key FROM {Prefix}artifact_packages WHERE tenant = $1 AND package_id = $2";
    private const string ContentByDigest = $"SELECT content_key FROM {Prefix}contents WHERE tenant = $1 AND blake3 = $2";

    private const string StorageSql =
        "SELECT COALESCE(array_to_string(reloptions, ', '), '') FROM pg_class WHERE oid = to_regclass($1)";

    private const string RightsSql =
        """
        SELECT format('GRANT %s ON %I TO %s', r.privilege_type, $2, CASE r.grantee WHEN 0 THEN 'PUBLIC' ELSE r.grantee::regrole::text END)
        FROM pg_class c CROSS JOIN LATERAL aclexplode(c.relacl) r WHERE c.oid = to_regclass($1) AND r.grantee <> c.relowner
        """;

    private const string IndexSql =
        """
        SELECT i.relname, x.indisunique, pg_get_indexdef(x.indexrelid)
        FROM pg_index x JOIN pg_class i ON i.oid = x.indexrelid WHERE x.indrelid = to_regclass($1) ORDER BY i.relname
        """;

    // Upserts and updates find their rows by these.
    private static readonly HashSet<string> NeededToApply =
    [
        "packages_key", "packages_id", "contents_key", "content_digests_algorithm", "locations_generation", "failed_locations_backend",
        "retention_classes_slug", "metadata_schemas_slug", "retention_state_key", "holds_id", "references_holds",
        "retention_plans_id",
    ];

    private readonly List<Index> _indexes = [];
    private readonly HashSet<string> _built = [];
    private readonly PostgresStatements _statements = new(PostgresStatements.NewKnown());

    /// <summary>What is run here is written by <see cref="Write"/>.</summary>
    public IStatements Statements => _statements;

    public void Create()
    {
        foreach (var table in ViewTables.All)
        {
            var storage = Texts(StorageSql, table)[0];
            Execute($"CREATE TABLE {Prefix}{table} (LIKE {table} INCLUDING ALL EXCLUDING INDEXES){(storage == "" ? "" : $" WITH ({storage})")}");
            foreach (var grant in Texts(RightsSql, table, Prefix + table)) Execute(grant);
            ReadIndexes(table);
        }
        Build(index => NeededToApply.Contains(index.Name));
    }

    /// <summary>All that are not there yet; then what the planner knows is of the new rows.</summary>
    public void BuildIndexes()
    {
        foreach (var table in ViewTables.All) Execute($"VACUUM (ANALYZE) {Prefix}{table}");
        Build(_ => true);
    }

    public void IndexContents()
    {
        Write();
        Build(index => index.Name == ContentsIndex);
    }

    public void IndexReferences()
    {
        Write();
        Build(index => index.Name is "references_from" or "references_to");
    }

    public long? Package(PackageRef package) => Find(PackageById, package.Tenant.Value, package.Id.Value);

    public long? Content(ContentRef content) => Find(ContentByDigest, content.Tenant.Value, content.Blake3.ToArray());

    public void Write()
    {
        using var batch = new NpgsqlBatch(db) { Timeout = 0 };
        foreach (var command in _statements.Take()) batch.BatchCommands.Add(command);
        if (batch.BatchCommands.Count == 0) return;
        batch.Prepare();
        batch.ExecuteNonQuery();
    }

    /// <summary>The real tables go, the shadows get their names and those of their indexes. Inside a transaction that holds the tables.</summary>
    public void TakePlace()
    {
        foreach (var table in ViewTables.All) Execute($"DROP TABLE {table}; ALTER TABLE {Prefix}{table} RENAME TO {table}");
        foreach (var index in _indexes) Execute($"ALTER INDEX {Quote(Prefix + index.Name)} RENAME TO {Quote(index.Name)}");
    }

    public void Drop()
    {
        foreach (var table in ViewTables.All) Execute($"DROP TABLE IF EXISTS {Prefix}{table}");
    }

    public void Execute(string sql)
    {
        using var command = new NpgsqlCommand(sql, db) { CommandTimeout = 0 };
        command.ExecuteNonQuery();
    }

    private void ReadIndexes(string table)
    {
        using var command = new NpgsqlCommand(IndexSql, db) { Parameters = { new() { Value = table } } };
        using var rows = command.ExecuteReader();
        while (rows.Read())
        {
            var definition = rows.GetString(2);
            var method = definition[definition.IndexOf(" USING ", StringComparison.Ordinal)..];
            var unique = rows.GetBoolean(1) ? "UNIQUE " : "";
            var name = rows.GetString(0);
            _indexes.Add(new(name, $"CREATE {unique}INDEX {Quote(Prefix + name)} ON {Prefix}{table}{method}"));
        }
    }

    private void Build(Func<Index, bool> wanted)
    {
        foreach (var index in _indexes)
        {
            if (wanted(index) && _built.Add(index.Name)) Execute(index.Sql);
        }
    }

    private long? Find(string sql, params ReadOnlySpan<object> values)
    {
        Write();
        using var command = new NpgsqlCommand(sql, db);
        foreach (var value in values) command.Parameters.Add(new() { Value = value });
        command.Prepare();
        return command.ExecuteScalar() as long?;
    }

    private List<string> Texts(string sql, params ReadOnlySpan<string> values)
    {
        using var command = new NpgsqlCommand(sql, db);
        foreach (var value in values) command.Parameters.Add(new() { Value = value });
        using var rows = command.ExecuteReader();
        var texts = new List<string>();
        while (rows.Read()) texts.Add(rows.GetString(0));
        return texts;
    }

    private static string Quote(string name) => $"\"{name.Replace("\"", "\"\"")}\"";

    private sealed record Index(string Name, string Sql);
}
