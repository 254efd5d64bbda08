using System.Collections.Concurrent;
using System.Runtime.InteropServices;
using ArtifactStore.Interfaces.Events;
using ArtifactStore.Interfaces.Journal;

namespace ArtifactStore.Storage.Journal.Replaying;

/// <summary>The log as it is stored, on a connection of its own.</summary>
internal interface ILogReader : IDisposable
{
    /// <summary>The lines after this one up to the head, in order and not proved; bounded by bytes as well as by <paramref name="limit"/>.</summary>
    IReadOnlyList<EventRecord> Next(long after, long head, int limit);
}

/// <summary>
/// The lines of the log up to a head, proved and decoded, ahead of the writer by a bounded number of batches: hashing and decoding take
/// as long as writing, and have a connection and a core of their own.
/// </summary>
internal sealed class ReplaySource : IDisposable
{
    private const int LinesPerBatch = 2_000;
    private const int MaxBatchesAhead = 8;

    private readonly BlockingCollection<List<ReplayLine>> _batches = new(MaxBatchesAhead);
    private readonly CancellationTokenSource _abandoned = new();
    private readonly Task _reading;

    public ReplaySource(Func<ILogReader> open, long after, long head) => _reading = OwnThread.Run(() => Read(open, after, head));

    /// <summary>Null at the end of the log.</summary>
    /// <exception cref="DamagedLogException">What was read so far is all that can be trusted.</exception>
    public List<ReplayLine>? Next()
    {
        if (_batches.TryTake(out var batch, Timeout.Infinite)) return batch;
        _reading.GetAwaiter().GetResult();
        return null;
    }

    private void Read(Func<ILogReader> open, long after, long head)
    {
        try
        {
            using var log = open();
            for (var last = after; last < head;)
            {
                var batch = Lines(log, last, head);
                last = batch[^1].Record.Sequence;
                _batches.Add(batch, _abandoned.Token);
            }
        }
        finally
        {
            _batches.CompleteAdding();
        }
    }

    /// <summary>At least one line. A short read each time: a long one would keep a database from tidying up.</summary>
    public static List<ReplayLine> Lines(ILogReader log, long after, long head)
    {
        var batch = new List<ReplayLine>(LinesPerBatch);
        foreach (var record in log.Next(after, head, LinesPerBatch))
        {
            LineProof.Prove(record, after + batch.Count);
            batch.Add(new(record, LineProof.Decode(record)));
        }
        return batch.Count > 0 ? batch : throw LineProof.OtherEnd(after, head);
    }

    public void Dispose()
    {
        _abandoned.Cancel();
        // Its connection must be closed before the tables are swapped or the store is closed; how it ended was told by Next.
        ((IAsyncResult)_reading).AsyncWaitHandle.WaitOne();
        _ = _reading.Exception;
        _batches.Dispose();
        _abandoned.Dispose();
    }
}

[StructLayout(LayoutKind.Auto)]
internal readonly record struct ReplayLine(EventRecord Record, StoreEvent? Body);
