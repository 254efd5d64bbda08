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
    private readonly Channel<WriterCall> queue;
    private readonly SqliteWriter writer;
    private readonly SqliteOptions options;
    private readonly TimeProvider time;
    private readonly JournalFeed feed;
    private readonly TaskCompletionSource finished = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public SqliteJournal(SqliteWriter writer, SqliteOptions options, TimeProvider time, long head)
    {
        this.writer = writer;
        this.options = options;
        this.time = time;
        feed = new(time);
        feed.MoveTo(head);
        queue = Channel.CreateBounded<WriterCall>(new BoundedChannelOptions(options.MaxQueuedCalls) { SingleReader = true });
        new Thread(Loop) { IsBackground = true, Name = "journal writer" }.Start();
    }

    public long Head => feed.Head;

    public Task<long> WaitForEvents(long after, TimeSpan atMost, CancellationToken cancellation = default) =>
        feed.Wait(after, atMost, cancellation);

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
        if (queue.Writer.TryWrite(call)) return;
        using var limit = new CancellationTokenSource(options.MaxQueueWait, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellation, limit.Token);
        try
        {
            await queue.Writer.WriteAsync(call, either.Token);
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
            while (queue.Reader.WaitToReadAsync().AsTask().GetAwaiter().GetResult())
            {
                var alone = Gather(batch);
                if (batch.Count > 0) Run(batch);
                if (alone is not null) writer.Lend(alone);
                writer.CheckpointWhenDue();
            }
            finished.SetResult();
        }
        catch (Exception e)
        {
            // A bug: nothing may wait for ever on a thread that is gone.
            queue.Writer.TryComplete(e);
            while (queue.Reader.TryRead(out var call)) call.Fail(new JournalUnavailableException("the journal stopped", e));
            finished.SetException(e);
        }
    }

    private ExclusiveCall? Gather(List<BatchCall> batch)
    {
        batch.Clear();
        var items = 0;
        var bytes = 0;
        while (items < options.MaxBatchItems && bytes < options.MaxBatchBytes && queue.Reader.TryRead(out var call))
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
        if (writer.Execute(batch) is { } head) feed.MoveTo(head);
        foreach (var call in batch) call.Complete();
    }

    /// <summary>Takes nothing more, answers what was taken, closes.</summary>
    public async ValueTask DisposeAsync()
    {
        queue.Writer.TryComplete();
        await finished.Task;
        writer.Dispose();
    }
}
