using ArtifactStore.Interfaces.Hashing;
using ArtifactStore.Storage.Journal.Projections;
using ArtifactStore.Storage.Journal.Queries;
using Npgsql;

namespace ArtifactStore.Storage.Journal.Postgres;

/// <summary>
/// The views of a PostgreSQL store as text, the same text as of a SQLite store with the same log. Whoever wants tables of one moment asks
/// inside a transaction that has one snapshot.
/// </summary>
internal static class PostgresViewDump
{
    public static void Write(NpgsqlConnection db, string prefix, TextWriter output)
    {
        var text = new DumpText(output);
        foreach (var table in ViewTables.All) Write(db, prefix, table, text);
    }

    public static Digest256 DigestOf(NpgsqlConnection db, string prefix)
    {
        using var digest = new DigestWriter();
        Write(db, prefix, digest);
        return digest.Finish();
    }

    private static void Write(NpgsqlConnection db, string prefix, string table, DumpText text)
    {
        using var command = new NpgsqlCommand($"SELECT * FROM {prefix}{table} ORDER BY {DumpText.Order(ColumnsOf(db, prefix + table))}", db)
        {
            CommandTimeout = 0,
        };
        using var rows = command.ExecuteReader();
        var kinds = Enumerable.Range(0, rows.FieldCount).Select(rows.GetFieldType).ToArray();
        text.Table(table, Enumerable.Range(0, rows.FieldCount).Select(rows.GetName));
        while (rows.Read())
        {
            for (var i = 0; i < kinds.Length; i++) Write(rows, i, kinds[i], text);
            text.EndRow();
        }
    }

    private static int ColumnsOf(NpgsqlConnection db, string table)
    {
        using var command = new NpgsqlCommand($"SELECT * FROM {table} LIMIT 0", db);
        using var rows = command.ExecuteReader();
        return rows.FieldCount;
    }

    private static void Write(NpgsqlDataReader row, int column, Type kind, DumpText text)
    {
        if (row.IsDBNull(column)) text.Null();
        else if (kind == typeof(long)) text.Integer(row.GetInt64(column));
        else if (kind == typeof(string)) text.Text(row.GetString(column));
        else if (kind == typeof(Guid)) text.Bytes(row.GetGuid(column).ToByteArray(bigEndian: true));
        else text.Bytes(row.GetFieldValue<byte[]>(column));
    }
}
