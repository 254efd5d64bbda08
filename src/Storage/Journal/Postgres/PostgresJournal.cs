using ArtifactStore.Interfaces.Journal;

namespace ArtifactStore.Storage.Journal.Postgres;

/// <summary>
/// The queue before the one connection of this node that appends, and the feed, which hears of the appends of all nodes.
/// </summary>
internal sealed class PostgresJournal : IJournal, IAsyncDisposable
{
    private readonly JournalQueue _queue;
    private readonly JournalFeed _feed;
    private readonly PostgresWriter _writer;
    private readonly PostgresListener _listener;
    private readonly Task _finished;

    public PostgresJournal(
        PostgresConnections connections, StoreNames names, HeadFact opened, Guid nodeEpoch, PostgresOptions options, TimeProvider time)
    {
        _queue = new(new(options.MaxQueuedCalls, options.MaxQueueWait, options.MaxBatchItems, options.MaxBatchBytes), time);
        _feed = new(time);
        _feed.MoveTo(opened.Head);
        _writer = new(connections, names, opened, nodeEpoch, _queue, _feed, options, time);
        _listener = new(connections, names, _feed, time);
        _finished = Task.Run(Loop);
    }

    public long Head => _feed.Head;

    public Task<long> WaitForEvents(long after, TimeSpan atMost, CancellationToken cancellation = default) =>
        _feed.Wait(after, atMost, cancellation);

    public Task<IReadOnlyList<AppendResult>> Append(IReadOnlyList<Append> appends, CancellationToken cancellation = default) =>
        _queue.Append(appends, cancellation);

    public Task<ReserveResult> Reserve(ReserveContent request, CancellationToken cancellation = default) =>
        _queue.Reserve(request, cancellation);

    private async Task Loop()
    {
        try
        {
            var batch = new List<BatchCall>();
            while (await _queue.WaitToRead())
            {
                _queue.Gather(batch);
                if (batch.Count == 0) continue;
                await _writer.Execute(batch);
                foreach (var call in batch) call.Complete();
            }
        }
        catch (Exception e)
        {
            _queue.Break(e);
            throw;
        }
    }

    /// <summary>Takes nothing more, answers what was taken, closes.</summary>
    public async ValueTask DisposeAsync()
    {
        _queue.Close();
        try
        {
            await _finished;
        }
        finally
        {
            await _listener.DisposeAsync();
            await _writer.DisposeAsync();
        }
    }
}
