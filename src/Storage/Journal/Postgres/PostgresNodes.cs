using ArtifactStore.Interfaces.Events;
using ArtifactStore.Interfaces.Ids;
using ArtifactStore.Interfaces.Journal;
using Npgsql;

namespace ArtifactStore.Storage.Journal.Postgres;

/// <summary>
/// Nodes and leases as rows, by the clock of the database. Rows of leases stay when nobody has them, because their epochs only grow.
/// </summary>
internal sealed class PostgresNodes(PostgresConnections connections, NodeId self) : INodes
{
    /// <summary>Microseconds since 1970, now, also while a statement waits.</summary>
    public const string Now = "(extract(epoch FROM clock_timestamp()) * 1000000)::bigint";

    private const int LifetimesUntilForgotten = 10;
    private const string SayAlive =
        $"""
        INSERT INTO nodes (node_id, name, started_at, seen_at) VALUES ($1, $2, {Now}, {Now})
        ON CONFLICT (node_id) DO UPDATE SET name = excluded.name, seen_at = {Now}
        """;
    private const string Forget = $"DELETE FROM nodes WHERE seen_at < {Now} - $1";
    private const string FindLiving =
        $"""
        SELECT node_id, name, started_at, seen_at FROM nodes WHERE node_id = $1 OR seen_at >= {Now} - $2
        UNION ALL SELECT $1, $3, {Now}, {Now} WHERE NOT EXISTS (SELECT 1 FROM nodes WHERE node_id = $1)
        ORDER BY 3, 1
        """;
    private const string TakeLease =
        $"""
        INSERT INTO leases (name, owner, epoch, expires_at) VALUES ($1, $2, 1, {Now} + $3)
        ON CONFLICT (name) DO UPDATE SET owner = excluded.owner, expires_at = {Now} + $3,
            epoch = CASE WHEN leases.owner = excluded.owner THEN leases.epoch ELSE leases.epoch + 1 END
        WHERE leases.owner = excluded.owner OR leases.expires_at <= {Now}
        RETURNING epoch, expires_at
        """;
    private const string EndLease = "UPDATE leases SET expires_at = 0 WHERE name = $1 AND owner = $2 AND epoch = $3";
    private const string EndLeases = "UPDATE leases SET expires_at = 0 WHERE owner = $1";
    private const string RemoveNode = "DELETE FROM nodes WHERE node_id = $1";

    private volatile string _name = "";

    public NodeId Self { get; } = self;

    public Task Beat(string name, CancellationToken cancellation = default)
    {
        _name = name;
        return Run(
            async db =>
            {
                await Execute(db, SayAlive, cancellation, Self.Value, name);
                return await Execute(db, Forget, cancellation, LifetimesUntilForgotten * Microseconds(INodes.Lifetime));
            },
            cancellation);
    }

    public Task<IReadOnlyList<NodeView>> Living(CancellationToken cancellation = default) => Run<IReadOnlyList<NodeView>>(
        async db =>
        {
            var living = new List<NodeView>();
            await using var command = Command(db, FindLiving, Self.Value, Microseconds(INodes.Lifetime), _name);
            await using var rows = await command.ExecuteReaderAsync(cancellation);
            while (await rows.ReadAsync(cancellation))
            {
                var node = new NodeView(new(rows.GetGuid(0)), rows.GetString(1), Time(rows, 2), Time(rows, 3));
                if (node.Id == Self) living.Insert(0, node);
                else living.Add(node);
            }
            return living;
        },
        cancellation);

    public Task Leave(CancellationToken cancellation = default) => Run(
        async db =>
        {
            await Execute(db, EndLeases, cancellation, Self.Value);
            return await Execute(db, RemoveNode, cancellation, Self.Value);
        },
        cancellation);

    public Task<Lease?> Take(string name, TimeSpan duration, CancellationToken cancellation = default) => Run(
        async db =>
        {
            await using var command = Command(db, TakeLease, name, Self.Value, Microseconds(duration));
            await using var row = await command.ExecuteReaderAsync(cancellation);
            return await row.ReadAsync(cancellation) ? new Lease(name, Self, row.GetInt64(0), Time(row, 1)) : null;
        },
        cancellation);

    public Task LetGo(Lease lease, CancellationToken cancellation = default) =>
        Run(db => Execute(db, EndLease, cancellation, lease.Name, Self.Value, lease.Epoch), cancellation);

    private async Task<T> Run<T>(Func<NpgsqlConnection, Task<T>> work, CancellationToken cancellation)
    {
        try
        {
            await using var db = await connections.Questions.OpenConnectionAsync(cancellation);
            return await work(db);
        }
        catch (Exception e) when (e.IsOfConnection() || e is PostgresException)
        {
            throw e.Unavailable(connections.Database, "cannot be asked about its nodes");
        }
    }

    private static async Task<int> Execute(NpgsqlConnection db, string sql, CancellationToken cancellation, params object[] values)
    {
        await using var command = Command(db, sql, values);
        return await command.ExecuteNonQueryAsync(cancellation);
    }

    private static NpgsqlCommand Command(NpgsqlConnection db, string sql, params object[] values)
    {
        var command = new NpgsqlCommand(sql, db);
        foreach (var value in values) command.Parameters.Add(new NpgsqlParameter { Value = value });
        return command;
    }

    private static long Microseconds(TimeSpan time) => (long)time.TotalMicroseconds;

    private static DateTimeOffset Time(NpgsqlDataReader row, int column) => EventTime.FromMicroseconds(row.GetInt64(column));
}
