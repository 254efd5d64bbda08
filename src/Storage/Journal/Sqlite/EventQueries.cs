using ArtifactStore.Interfaces.Journal;
using ArtifactStore.Storage.Journal.Queries;
using ArtifactStore.Storage.Journal.Sqlite.Engine;

namespace ArtifactStore.Storage.Journal.Sqlite;

/// <summary>The log in its order.</summary>
internal static class EventQueries
{
    public static IReadOnlyList<EventRecord> After(SqliteConnection db, long after, int limit, IReadOnlyList<string> types)
    {
        var page = new EventPage(after, everyLine: types.Count == 0);
        if (types.Count == 0)
        {
            using var rows = db.Query(ViewSql.EventsAfter, after, (long)limit);
            while (!page.IsFull && rows.Step()) page.Add(ViewRows.Event(rows));
            return page.Events;
        }
        foreach (var sequence in SequencesOf(db, after, limit, types))
        {
            using var row = db.Query(ViewSql.EventAt, sequence);
            if (row.Step()) page.Add(ViewRows.Event(row));
            if (page.IsFull) break;
        }
        return page.Events;
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
