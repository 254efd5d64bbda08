using System.Globalization;
using ArtifactStore.Storage.Journal.Projections;
using ArtifactStore.Storage.Journal.Sqlite.Engine;
using SQLitePCL;

namespace ArtifactStore.Storage.Journal.Sqlite;

/// <summary>
/// Every row of every view as text, in the order of keys: equal dumps are equal views. One line a row, values separated by tabs: integers
/// in decimal, texts quoted as in SQL, bytes as <c>x'…'</c>, NULL as itself.
/// </summary>
internal static class ViewDump
{
    // No key has more columns.
    private const int MaxOrderedColumns = 4;

    public static void Write(SqliteConnection db, TextWriter output)
    {
        foreach (var table in ViewTables.All) Write(db, table, output);
    }

    private static void Write(SqliteConnection db, string table, TextWriter output)
    {
        int columns;
        using (var head = db.Query(string.Intern($"SELECT * FROM {table} LIMIT 0")))
        {
            columns = head.Columns;
            output.Write($"-- {table}:");
            for (var i = 0; i < columns; i++) output.Write($" {head.Name(i)}");
            output.Write('\n');
        }
        var order = string.Join(", ", Enumerable.Range(1, Math.Min(columns, MaxOrderedColumns)));
        using var rows = db.Query(string.Intern($"SELECT * FROM {table} ORDER BY {order}"));
        while (rows.Step())
        {
            for (var i = 0; i < columns; i++)
            {
                if (i > 0) output.Write('\t');
                WriteValue(rows, i, output);
            }
            output.Write('\n');
        }
    }

    private static void WriteValue(SqliteStatement row, int column, TextWriter output)
    {
        switch (row.Kind(column))
        {
            case raw.SQLITE_NULL:
                output.Write("NULL");
                break;
            case raw.SQLITE_INTEGER:
                output.Write(row.Int64(column).ToString(CultureInfo.InvariantCulture));
                break;
            case raw.SQLITE_TEXT:
                output.Write($"'{row.Text(column).Replace("'", "''")}'");
                break;
            default:
                output.Write($"x'{Convert.ToHexStringLower(row.Blob(column))}'");
                break;
        }
    }
}
