using ArtifactStore.Interfaces.Journal;
using ArtifactStore.Storage.Journal.Queries;
using ArtifactStore.Storage.Journal.Sqlite.Engine;

namespace ArtifactStore.Storage.Journal.Sqlite;

/// <summary>
/// The log in its order. A hole cannot be: a reader that finds one stops and says so, because what follows cannot be trusted.
/// </summary>
internal static class EventQueries
{
    public static IReadOnlyList<EventRecord> After(SqliteConnection db, long after, int limit, IReadOnlyList<string> types)
    {
        var events = new List<EventRecord>();
        if (types.Count == 0)
        {
            using var rows = db.Query(ViewSql.EventsAfter, after, (long)limit);
            while (rows.Step())
            {
                var record = ViewRows.Event(rows);
                if (record.Sequence != after + events.Count + 1)
                    throw new InvalidDataException(
                        $"the log has a hole: after event {after + events.Count} comes event {record.Sequence}; restore it from a backup");
                events.Add(record);
            }
            return events;
        }
        foreach (var sequence in SequencesOf(db, after, limit, types))
        {
            using var row = db.Query(ViewSql.EventAt, sequence);
            if (row.Step()) events.Add(ViewRows.Event(row));
        }
        return events;
    }

    /// <summary>
    /// One walk along the index for each type, merged: rare types in a long log cost what they are, not what lies between.
    /// </summary>
    private static IEnumerable<long> SequencesOf(SqliteConnection db, long after, int limit, IReadOnlyList<string> types)
    {
        var sequences = new SortedSet<long>();
        foreach (var type in types)
        {
            using var rows = db.Query(ViewSql.SequencesOfType, type, after, (long)limit);
            while (rows.Step()) sequences.Add(rows.Int64(0));
        }
        return sequences.Take(limit);
    }
}
