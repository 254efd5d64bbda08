using ArtifactStore.Interfaces.Journal;
using ArtifactStore.Storage.Journal.Core;
using ArtifactStore.Storage.Journal.Projections;
using Npgsql;

namespace ArtifactStore.Storage.Journal.Postgres;

/// <summary>
/// The one connection that appends. Invariants: a batch is one transaction, and the lock is its first statement, alone; everything that is
/// decided on was read after the lock was given; writes leave only when every fact has answered. Of earlier transactions nothing is believed
/// but where the log ended, and that only to find out that it is another log.
/// </summary>
internal sealed partial class PostgresWriter : IAsyncDisposable
{
    private const string Begin = "BEGIN";
    private const string Commit = "COMMIT";
    private const string Rollback = "ROLLBACK";
    private const string Notify = "SELECT pg_notify($1, $2::text)";

    // Losing a reservation loses nothing that was answered for ever (design §6, step 3).
    private const string Unsynced = "SET LOCAL synchronous_commit = off";

    private readonly PostgresConnections _connections;
    private readonly StoreNames _names;
    private readonly JournalQueue _queue;
    private readonly JournalFeed _feed;
    private readonly PostgresOptions _options;
    private readonly TimeProvider _time;
    private readonly PostgresStatements _statements = new(PostgresStatements.NewKnown());
    private readonly PlanWrites _writes;

    private HeadFact _known;
    private string? _stopped;
    private NpgsqlConnection? _db;

    /// <param name="opened">Which store this is, and where its log ended when it was opened.</param>
    public PostgresWriter(
        PostgresConnections connections,
        StoreNames names,
        HeadFact opened,
        Guid nodeEpoch,
        JournalQueue queue,
        JournalFeed feed,
        PostgresOptions options,
        TimeProvider time)
    {
        _connections = connections;
        _names = names;
        _known = opened;
        _writes = new(_statements, nodeEpoch);
        _queue = queue;
        _feed = feed;
        _options = options;
        _time = time;
    }

    private async Task Transact(Attempts attempts)
    {
        var db = await Connect();
        var calls = attempts.Calls;
        var (state, head) = await ReadFacts(db, new(BatchQuestions.Of(calls.SelectMany(call => call.Items)), _known.Head));
        RequireSameLog(head);
        if (attempts.Unknown is { } unknown && attempts.Learn(unknown.IsIn(state), _time, _options))
        {
            unknown.Answer(calls);
            _feed.MoveTo(head.Head);
            await End(db);
            return;
        }
        var decider = new BatchDecider(state, (int)head.Incarnation);
        foreach (var call in calls) call.Decide(decider);
        // What repeats an append of another node is answered with that one's sequence: it must not be above our head.
        _feed.MoveTo(head.Head);
        if (decider.Plan.IsEmpty)
        {
            await End(db);
            return;
        }
        await Write(db, attempts, decider.Plan, state);
        if (decider.Plan.Events is not [.., var last]) return;
        _known = head with { Head = state.Head, Leaf = last.Record.LeafDigest };
        _feed.MoveTo(state.Head);
    }

    private async Task<(BatchState State, HeadFact Head)> ReadFacts(NpgsqlConnection db, PostgresFacts facts)
    {
        await using var batch = new NpgsqlBatch(db);
        batch.BatchCommands.Add(new NpgsqlBatchCommand(Begin));
        batch.BatchCommands.Add(new NpgsqlBatchCommand(StoreNames.TakeLock) { Parameters = { new NpgsqlParameter<long> { TypedValue = _names.LockKey } } });
        foreach (var command in facts.Commands) batch.BatchCommands.Add(command);
        await using var reader = await batch.ExecuteReaderAsync();
        // The first result is that of the lock.
        await reader.NextResultAsync();
        return await facts.Read(reader);
    }

    private async Task Write(NpgsqlConnection db, Attempts attempts, BatchPlan plan, BatchState state)
    {
        var calls = attempts.Calls;
        var synced = !calls.All(call => call.Items.All(item => item is ReserveItem));
        await using var batch = new NpgsqlBatch(db);
        if (!synced) batch.BatchCommands.Add(new NpgsqlBatchCommand(Unsynced));
        _statements.Take();
        _writes.Write(plan, state, _time.GetUtcNow());
        foreach (var command in _statements.Take()) batch.BatchCommands.Add(command);
        if (plan.Events.Count > 0)
        {
            batch.BatchCommands.Add(new NpgsqlBatchCommand(Notify)
            {
                Parameters =
                {
                    new NpgsqlParameter<string> { TypedValue = _names.Channel },
                    new NpgsqlParameter<long> { TypedValue = state.Head },
                },
            });
        }
        batch.BatchCommands.Add(new NpgsqlBatchCommand(Commit));
        try
        {
            await batch.ExecuteNonQueryAsync();
        }
        catch (Exception e) when (!e.IsOfStatement())
        {
            attempts.Doubt(new(plan, calls), e, _time);
            throw;
        }
        if (synced) JournalMetrics.Committed(calls.Sum(call => call.CountCommitted()));
    }

    /// <summary>
    /// A log that was restored to an older state, or that is another one, has another line where we saw the last. Whatever this node still
    /// holds in memory belongs to a history that is no more, so it stops.
    /// </summary>
    private void RequireSameLog(HeadFact found)
    {
        if (found.StoreId != _known.StoreId || found.Incarnation != _known.Incarnation)
            _stopped = $"{_connections.Database} holds another store, or another incarnation of it, than when this node started: restart this node";
        else if (_known.Head > 0 && found.KnownLeaf != _known.Leaf)
            _stopped = $"{_connections.Database} has another history than this node saw (event {_known.Head}): it was restored; restart this node";
        if (_stopped is { } reason) throw new JournalUnavailableException(reason);
        _known = found;
    }

    private static async Task Run(NpgsqlConnection db, string sql)
    {
        await using var command = new NpgsqlCommand(sql, db);
        await command.ExecuteNonQueryAsync();
    }

    public async ValueTask DisposeAsync() => await Disconnect();
}
