using System.Threading.Channels;
using ArtifactStore.Interfaces.Journal;
using ArtifactStore.Storage.Journal.Core;

namespace ArtifactStore.Storage.Journal;

/// <summary>The bounds of the queue before a journal's writer, and of what it takes out at once.</summary>
internal sealed record JournalLimits(int MaxQueuedCalls, TimeSpan MaxQueueWait, int MaxBatchItems, int MaxBatchBytes);

/// <summary>
/// What waits for the one who writes, gathered into batches. It waits on no timer: while a batch is being synced the next one gathers by
/// itself. One reader at a time.
/// </summary>
internal sealed class JournalQueue(JournalLimits limits, TimeProvider time)
{
    private readonly Channel<JournalCall> _calls =
        Channel.CreateBounded<JournalCall>(new BoundedChannelOptions(limits.MaxQueuedCalls) { SingleReader = true });

    public async Task<IReadOnlyList<AppendResult>> Append(IReadOnlyList<Append> appends, CancellationToken cancellation)
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

    public async Task<ReserveResult> Reserve(ReserveContent request, CancellationToken cancellation)
    {
        var verdicts = await Execute([new ReserveItem(request)], cancellation);
        return verdicts[0].Reserve!;
    }

    public async Task Enqueue(JournalCall call, CancellationToken cancellation)
    {
        if (_calls.Writer.TryWrite(call)) return;
        using var limit = new CancellationTokenSource(limits.MaxQueueWait, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellation, limit.Token);
        try
        {
            await _calls.Writer.WriteAsync(call, either.Token);
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

    /// <summary>False: closed, and everything that was taken has been read.</summary>
    public ValueTask<bool> WaitToRead() => _calls.Reader.WaitToReadAsync();

    /// <summary>Moves what waits into the batch, up to its bounds. Returns a call that came next and is no part of any batch.</summary>
    public JournalCall? Gather(List<BatchCall> batch)
    {
        batch.Clear();
        var items = 0;
        var bytes = 0;
        while (items < limits.MaxBatchItems && bytes < limits.MaxBatchBytes && _calls.Reader.TryRead(out var call))
        {
            if (call is not BatchCall next) return call;
            batch.Add(next);
            items += next.Items.Count;
            foreach (var item in next.Items) bytes += item.Bytes;
        }
        return null;
    }

    /// <summary>Answers everything that waits, and everything that comes until it is told to stop, with this refusal.</summary>
    public async Task RefuseUntil(Func<Exception> refusal, CancellationToken stop)
    {
        try
        {
            while (await _calls.Reader.WaitToReadAsync(stop))
            {
                while (!stop.IsCancellationRequested && _calls.Reader.TryRead(out var call)) call.Fail(refusal());
            }
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
            // Told to stop.
        }
    }

    /// <summary>Takes nothing more.</summary>
    public void Close() => _calls.Writer.TryComplete();

    /// <summary>A bug ended the one who writes: nothing may wait for ever for somebody who is gone.</summary>
    public void Break(Exception bug)
    {
        _calls.Writer.TryComplete(bug);
        while (_calls.Reader.TryRead(out var call)) call.Fail(new JournalUnavailableException("the journal stopped", bug));
    }

    private async Task<IReadOnlyList<Verdict>> Execute(JournalItem[] items, CancellationToken cancellation)
    {
        var call = new BatchCall(items);
        await Enqueue(call, cancellation);
        return await call.Answer.WaitAsync(cancellation);
    }
}
