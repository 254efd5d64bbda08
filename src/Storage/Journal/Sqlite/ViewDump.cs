using ArtifactStore.Storage.Journal.Projections;
using ArtifactStore.Storage.Journal.Queries;
using ArtifactStore.Storage.Journal.Sqlite.Engine;
using SQLitePCL;

namespace ArtifactStore.Storage.Journal.Sqlite;

/// <summary>The views of a SQLite store as text.</summary>
internal static class ViewDump
{
    public static void Write(SqliteConnection db, TextWriter output)
    {
        var text = new DumpText(output);
        foreach (var table in ViewTables.All) Write(db, table, text);
    }

    private static void Write(SqliteConnection db, string table, DumpText text)
    {
        int columns;
        using (var head = db.Query(string.Intern($"SELECT * FROM {table} LIMIT 0")))
        {
            columns = head.Columns;
            text.Table(table, Enumerable.Range(0, columns).Select(head.Name));
        }
        using var rows = db.Query(string.Intern($"SELECT * FROM {table} ORDER BY {DumpText.Order(columns)}"));
        while (rows.Step())
        {
            for (var i = 0; i < columns; i++) Write(rows, i, text);
            text.EndRow();
        }
    }

    private static void Write(SqliteStatement row, int column, DumpText text)
    {
        switch (row.Kind(column))
        {
            case raw.SQLITE_NULL:
                text.Null();
                break;
            case raw.SQLITE_INTEGER:
                text.Integer(row.Int64(column));
                break;
            case raw.SQLITE_TEXT:
                text.Text(row.Text(column));
                break;
            default:
                text.Bytes(row.Blob(column));
                break;
        }
    }
}
