using ArtifactStore.Interfaces.Hashing;
using ArtifactStore.Interfaces.Ids;
using ArtifactStore.Interfaces.Journal;
using Npgsql;

namespace ArtifactStore.Storage.Journal.Postgres;

/// <summary>
/// Reservations of nodes that do not live any more. A node that was taken for dead and is not loses its reservation, which is harmless: it
/// is refused when it settles, and reserves again.
/// </summary>
internal sealed class AbandonedReservations(PostgresConnections connections, IJournal journal, TimeProvider time, IIds ids)
{
    private const string OfTheDead =
        "SELECT tenant, backend_id, blake3, generation, physical_key FROM settling WHERE node_epoch <> ALL ($1) LIMIT $2";

    /// <summary>One round. Returns how many were found.</summary>
    public async Task<int> Condemn(IReadOnlyCollection<NodeId> living, CancellationToken cancellation = default)
    {
        var appends = await Find(living, cancellation);
        // A refusal: its owner, or another node that cleans up, was first.
        if (appends.Count > 0) await journal.Append(appends, cancellation);
        return appends.Count;
    }

    private async Task<List<Append>> Find(IReadOnlyCollection<NodeId> living, CancellationToken cancellation)
    {
        try
        {
            await using var db = await connections.Questions.OpenConnectionAsync(cancellation);
            await using var command = new NpgsqlCommand(OfTheDead, db)
            {
                Parameters =
                {
                    new NpgsqlParameter<Guid[]> { TypedValue = [.. living.Select(node => node.Value)] },
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
