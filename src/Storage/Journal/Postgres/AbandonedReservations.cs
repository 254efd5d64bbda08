using ArtifactStore.Interfaces.Hashing;
using ArtifactStore.Interfaces.Ids;
using ArtifactStore.Interfaces.Journal;
using Npgsql;

namespace ArtifactStore.Storage.Journal.Postgres;

/// <summary>
/// Reservations of nodes that do not live any more. A node that was taken for dead and is not loses its reservation, which is harmless: it
/// is refused when it settles, and reserves again.
/// </summary>
internal sealed class AbandonedReservations(PostgresConnections connections, IJournal journal, NodeId self, TimeProvider time, IIds ids)
{
    private const string OfTheDead =
        $"""
        SELECT s.tenant, s.backend_id, s.blake3, s.generation, s.physical_key FROM settling s
        WHERE s.node_epoch <> $1 AND NOT EXISTS (
            SELECT 1 FROM nodes n WHERE n.node_id = s.node_epoch AND n.seen_at >= {PostgresNodes.Now} - $2)
        LIMIT $3
        """;

    /// <summary>Returns how many were condemned.</summary>
    /// <exception cref="JournalUnavailableException">The database is away; the rest is found the next time.</exception>
    public async Task<int> Condemn(CancellationToken cancellation = default)
    {
        var condemned = 0;
        while (true)
        {
            var appends = await Find(cancellation);
            if (appends.Count == 0) return condemned;
            var results = await journal.Append(appends, cancellation);
            // A refusal: its owner, or another node that cleans up, was first.
            condemned += results.Count(result => result is AppendResult.Committed);
        }
    }

    private async Task<List<Append>> Find(CancellationToken cancellation)
    {
        try
        {
            await using var db = await connections.Questions.OpenConnectionAsync(cancellation);
            await using var command = new NpgsqlCommand(OfTheDead, db)
            {
                Parameters =
                {
                    new NpgsqlParameter<Guid> { TypedValue = self.Value },
                    new NpgsqlParameter<long> { TypedValue = (long)INodes.Lifetime.TotalMicroseconds },
                    new NpgsqlParameter<long> { TypedValue = Abandoned.AppendsAtOnce },
                },
            };
            var appends = new List<Append>();
            await using var rows = await command.ExecuteReaderAsync(cancellation);
            while (await rows.ReadAsync(cancellation))
            {
                appends.Add(Abandoned.Condemn(
                    new(rows.GetString(0)), new(rows.GetString(1)), Digest256.FromBytes(rows.GetFieldValue<byte[]>(2)), (int)rows.GetInt64(3),
                    rows.GetString(4), time.GetUtcNow(), ids));
            }
            return appends;
        }
        catch (Exception e) when (e.IsOfConnection() || e is PostgresException)
        {
            throw e.Unavailable(connections.Database, "cannot be asked about reservations");
        }
    }
}
