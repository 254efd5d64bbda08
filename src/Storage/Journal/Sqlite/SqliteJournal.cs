using ArtifactStore.Interfaces.Journal;
using ArtifactStore.Storage.Journal.Sqlite.Engine;

namespace ArtifactStore.Storage.Journal.Sqlite;

/// <summary>The queue before the one writer, which has a thread of its own, because a sync blocks.</summary>
internal sealed class SqliteJournal : IJournal, IAsyncDisposable
{
    private readonly JournalQueue _queue;
    private readonly SqliteWriter _writer;
    private readonly JournalFeed _feed;
    private readonly TaskCompletionSource _finished = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public SqliteJournal(SqliteWriter writer, SqliteOptions options, TimeProvider time, long head)
    {
        _writer = writer;
        _queue = new(new(options.MaxQueuedCalls, options.MaxQueueWait, options.MaxBatchItems, options.MaxBatchBytes), time);
        _feed = new(time);
        _feed.MoveTo(head);
        new Thread(Loop) { IsBackground = true, Name = "journal writer" }.Start();
    }

    public long Head => _feed.Head;

    public Task<long> WaitForEvents(long after, TimeSpan atMost, CancellationToken cancellation = default) =>
        _feed.Wait(after, atMost, cancellation);

    public Task<IReadOnlyList<AppendResult>> Append(IReadOnlyList<Append> appends, CancellationToken cancellation = default) =>
        _queue.Append(appends, cancellation);

    public Task<ReserveResult> Reserve(ReserveContent request, CancellationToken cancellation = default) =>
        _queue.Reserve(request, cancellation);

    /// <summary>Runs between two batches, with the writing connection to itself.</summary>
    public async Task RunAlone(Action<SqliteConnection> run, CancellationToken cancellation)
    {
        var call = new ExclusiveCall(run);
        await _queue.Enqueue(call, cancellation);
        await call.Answer.WaitAsync(cancellation);
    }

    private void Loop()
    {
        try
        {
            var batch = new List<BatchCall>();
            while (_queue.WaitToRead().AsTask().GetAwaiter().GetResult())
            {
                var alone = _queue.Gather(batch);
                if (batch.Count > 0) Run(batch);
                if (alone is ExclusiveCall exclusive) _writer.Lend(exclusive);
                _writer.CheckpointWhenDue();
            }
            _finished.SetResult();
        }
        catch (Exception e)
        {
            _queue.Break(e);
            _finished.SetException(e);
        }
    }

    private void Run(List<BatchCall> batch)
    {
        if (_writer.Execute(batch) is { } head) _feed.MoveTo(head);
        foreach (var call in batch) call.Complete();
    }

    /// <summary>Takes nothing more, answers what was taken, closes.</summary>
    public async ValueTask DisposeAsync()
    {
        _queue.Close();
        await _finished.Task;
        _writer.Dispose();
    }
}
