using ArtifactStore.Interfaces.Ids;
using ArtifactStore.Interfaces.Journal;
using ArtifactStore.Storage.Journal.Sqlite.Engine;

namespace ArtifactStore.Storage.Journal.Sqlite;

/// <summary>
/// Reservations of an earlier run belong to the dead. They are condemned by ordinary appends, so that nobody waits for them and the
/// collector learns of the keys that may have been written.
/// </summary>
internal static class StaleReservations
{
    private const string OfOthers =
        "SELECT tenant, backend_id, blake3, generation, physical_key FROM settling WHERE node_epoch <> $1 LIMIT $2";

    public static async Task Condemn(IJournal journal, SqliteReaders readers, Guid epoch, TimeProvider time, IIds ids)
    {
        while (true)
        {
            var appends = await readers.Read(db => Appends(db, epoch, time.GetUtcNow(), ids), CancellationToken.None);
            if (appends.Count == 0) return;
            await journal.Append(appends);
        }
    }

    private static List<Append> Appends(SqliteConnection db, Guid epoch, DateTimeOffset now, IIds ids)
    {
        var appends = new List<Append>();
        using var rows = db.Query(OfOthers, epoch, (long)Abandoned.AppendsAtOnce);
        while (rows.Step())
        {
            var tenant = new TenantId(rows.Text(0));
            var backend = new BackendId(rows.Text(1));
            var content = rows.Digest(2);
            var generation = rows.Int32(3);
            appends.Add(Abandoned.Condemn(tenant, backend, content, generation, rows.Text(4), now, ids));
        }
        return appends;
    }
}
