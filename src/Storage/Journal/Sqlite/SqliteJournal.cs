using System.Threading.Channels;
using ArtifactStore.Interfaces.Journal;
using ArtifactStore.Storage.Journal.Core;
using ArtifactStore.Storage.Journal.Sqlite.Engine;

namespace ArtifactStore.Storage.Journal.Sqlite;

/// <summary>
/// Gathers what waits into batches for the one writer. It waits on no timer: while a batch is being synced the next one gathers by itself.
/// The writer has a thread of its own, because a sync blocks.
/// </summary>
internal sealed class SqliteJournal : IJournal, IAsyncDisposable
{
    private readonly Channel<WriterCall> _queue;
    private readonly SqliteWriter _writer;
    private readonly SqliteOptions _options;
    private readonly TimeProvider _time;
    private readonly JournalFeed _feed;
    private readonly TaskCompletionSource _finished = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public SqliteJournal(SqliteWriter writer, SqliteOptions options, TimeProvider time, long head)
    {
        _writer = writer;
        _options = options;
        _time = time;
        _feed = new(time);
        _feed.MoveTo(head);
        _queue = Channel.CreateBounded<WriterCall>(new BoundedChannelOptions(options.MaxQueuedCalls) { SingleReader = true });
        new Thread(Loop) { IsBackground = true, Name = "journal writer" }.Start();
    }

    public long Head => _feed.Head;

    public Task<long> WaitForEvents(long after, TimeSpan atMost, CancellationToken cancellation = default) =>
        _feed.Wait(after, atMost, cancellation);

    public async Task<IReadOnlyList<AppendResult>> Append(IReadOnlyList<Append> appends, CancellationToken cancellation = default)
    {
        if (appends.Count == 0) return [];
        var items = new JournalItem[appends.Count];
        for (var i = 0; i < items.Length; i++) items[i] = new AppendItem(appends[i]);
        var verdicts = await Execute(items, cancellation);
        var results = new AppendResult[items.Length];
        for (var i = 0; i < results.Length; i++)
        {
            results[i] = verdicts[i].Append
                ?? throw new InvalidOperationException($"append {appends[i].Id} contradicts the log: {verdicts[i].Fault}");
        }
        return results;
    }

    public async Task<ReserveResult> Reserve(ReserveContent request, CancellationToken cancellation = default)
    {
        var verdicts = await Execute([new ReserveItem(request)], cancellation);
        return verdicts[0].Reserve!;
    }

    /// <summary>Runs between two batches, with the writing connection to itself.</summary>
    public async Task RunAlone(Action<SqliteConnection> run, CancellationToken cancellation)
    {
        var call = new ExclusiveCall(run);
        await Enqueue(call, cancellation);
        await call.Answer.WaitAsync(cancellation);
    }

    private async Task<IReadOnlyList<Verdict>> Execute(JournalItem[] items, CancellationToken cancellation)
    {
        var call = new BatchCall(items);
        await Enqueue(call, cancellation);
        return await call.Answer.WaitAsync(cancellation);
    }

    private async Task Enqueue(WriterCall call, CancellationToken cancellation)
    {
        if (_queue.Writer.TryWrite(call)) return;
        using var limit = new CancellationTokenSource(_options.MaxQueueWait, _time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellation, limit.Token);
        try
        {
            await _queue.Writer.WriteAsync(call, either.Token);
        }
        catch (OperationCanceledException) when (limit.IsCancellationRequested && !cancellation.IsCancellationRequested)
        {
            throw new JournalUnavailableException("the queue of the journal is full") { Overloaded = true };
        }
        catch (ChannelClosedException e)
        {
            throw new JournalUnavailableException("the journal is shutting down", e);
        }
    }

    private void Loop()
    {
        try
        {
            var batch = new List<BatchCall>();
            while (_queue.Reader.WaitToReadAsync().AsTask().GetAwaiter().GetResult())
            {
                var alone = Gather(batch);
                if (batch.Count > 0) Run(batch);
                if (alone is not null) _writer.Lend(alone);
                _writer.CheckpointWhenDue();
            }
            _finished.SetResult();
        }
        catch (Exception e)
        {
            // A bug: nothing may wait for ever on a thread that is gone.
            _queue.Writer.TryComplete(e);
            while (_queue.Reader.TryRead(out var call)) call.Fail(new JournalUnavailableException("the journal stopped", e));
            _finished.SetException(e);
        }
    }

    private ExclusiveCall? Gather(List<BatchCall> batch)
    {
        batch.Clear();
        var items = 0;
        var bytes = 0;
        while (items < _options.MaxBatchItems && bytes < _options.MaxBatchBytes && _queue.Reader.TryRead(out var call))
        {
            if (call is ExclusiveCall alone) return alone;
            var next = (BatchCall)call;
            batch.Add(next);
            items += next.Items.Count;
            foreach (var item in next.Items) bytes += item.Bytes;
        }
        return null;
    }

    private void Run(List<BatchCall> batch)
    {
        if (_writer.Execute(batch) is { } head) _feed.MoveTo(head);
        foreach (var call in batch) call.Complete();
    }

    /// <summary>Takes nothing more, answers what was taken, closes.</summary>
    public async ValueTask DisposeAsync()
    {
        _queue.Writer.TryComplete();
        await _finished.Task;
        _writer.Dispose();
    }
}
