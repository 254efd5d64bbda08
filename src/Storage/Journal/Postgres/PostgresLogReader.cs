using ArtifactStore.Interfaces.Journal;
using ArtifactStore.Storage.Journal.Queries;
using ArtifactStore.Storage.Journal.Replaying;
using Npgsql;

namespace ArtifactStore.Storage.Journal.Postgres;

/// <param name="owns">The connection is closed with the reader.</param>
internal sealed class PostgresLogReader(NpgsqlConnection db, bool owns) : ILogReader
{
    public IReadOnlyList<EventRecord> Next(long after, long head, int limit)
    {
        using var command = new NpgsqlCommand(PostgresViewSql.LogLines, db) { CommandTimeout = 0 };
        foreach (var value in (ReadOnlySpan<long>)[after, limit, head]) command.Parameters.Add(new NpgsqlParameter<long> { TypedValue = value });
        command.Prepare();
        using var rows = command.ExecuteReader();
        var row = new PostgresRow(rows);
        var lines = new List<EventRecord>();
        while (rows.Read()) lines.Add(ViewRows.Event(row));
        return lines;
    }

    public void Dispose()
    {
        if (owns) db.Dispose();
    }
}
