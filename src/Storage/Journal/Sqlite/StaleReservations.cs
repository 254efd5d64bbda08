using ArtifactStore.Interfaces.Events;
using ArtifactStore.Interfaces.Ids;
using ArtifactStore.Interfaces.Journal;
using ArtifactStore.Storage.Journal.Sqlite.Engine;

namespace ArtifactStore.Storage.Journal.Sqlite;

/// <summary>
/// Reservations of nodes that live no more: here, of earlier runs of the process. They are condemned by ordinary appends, so that nobody
/// waits for them and the collector learns of the keys that may have been written.
/// </summary>
internal static class StaleReservations
{
    private const int AppendsAtOnce = 256;
    private const string OfOthers = """
        SELECT tenant, backend_id, blake3, generation, physical_key FROM settling
        WHERE hex(node_epoch) NOT IN (SELECT value FROM json_each($1)) LIMIT $2
        """;

    /// <summary>One round. Returns how many were found.</summary>
    public static async Task<int> Condemn(
        IJournal journal, SqliteReaders readers, IReadOnlyCollection<NodeId> living, TimeProvider time, IIds ids, CancellationToken cancellation)
    {
        var appends = await readers.Read(db => Appends(db, living, time.GetUtcNow(), ids), cancellation);
        if (appends.Count > 0) await journal.Append(appends, cancellation);
        return appends.Count;
    }

    private static List<Append> Appends(SqliteConnection db, IReadOnlyCollection<NodeId> living, DateTimeOffset now, IIds ids)
    {
        var appends = new List<Append>();
        using var rows = db.Query(OfOthers, ListOf(living), (long)AppendsAtOnce);
        while (rows.Step())
        {
            var tenant = new TenantId(rows.Text(0));
            var backend = new BackendId(rows.Text(1));
            var content = rows.Digest(2);
            var generation = rows.Int32(3);
            var condemned = new LocationCondemned(backend, content, generation, rows.Text(4), "the node that reserved it is gone");
            appends.Add(new(
                new(ids.Next()), tenant, "system",
                [new(StreamId.Of(tenant, content), now, condemned)],
                [new Condition.ReservationExists(tenant, backend, content, generation)],
                [new WorkChange.DropReservation(tenant, backend, content, generation)]));
        }
        return appends;
    }

    /// <summary>As a JSON array of what hex() makes of the column.</summary>
    private static string ListOf(IReadOnlyCollection<NodeId> living) =>
        $"[{string.Join(',', living.Select(node => $"\"{Convert.ToHexString(node.Value.ToByteArray(bigEndian: true))}\""))}]";
}
