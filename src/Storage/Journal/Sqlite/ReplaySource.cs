using System.Collections.Concurrent;
using System.Runtime.InteropServices;
using ArtifactStore.Interfaces.Events;
using ArtifactStore.Interfaces.Journal;
using ArtifactStore.Storage.Journal.Queries;
using ArtifactStore.Storage.Journal.Sqlite.Engine;

namespace ArtifactStore.Storage.Journal.Sqlite;

/// <summary>
/// The lines of the log up to a head, proved and decoded, ahead of the writer by a bounded number of batches: hashing and decoding take
/// as long as writing, and have a connection and a core of their own.
/// </summary>
internal sealed class ReplaySource : IDisposable
{
    private const int LinesPerBatch = 2_000;
    private const int MaxBatchesAhead = 8;
    private const string NextEvents = ViewRows.EventSelect + " WHERE sequence > $1 AND sequence <= $2 ORDER BY sequence LIMIT $3";

    private readonly BlockingCollection<List<ReplayLine>> _batches = new(MaxBatchesAhead);
    private readonly CancellationTokenSource _abandoned = new();
    private readonly Task _reading;

    public ReplaySource(string path, long head) => _reading = Task.Run(() => Read(path, head));

    /// <summary>Null at the end of the log.</summary>
    /// <exception cref="DamagedLogException">What was read so far is all that can be trusted.</exception>
    public List<ReplayLine>? Next()
    {
        if (_batches.TryTake(out var batch, Timeout.Infinite)) return batch;
        _reading.GetAwaiter().GetResult();
        return null;
    }

    private void Read(string path, long head)
    {
        try
        {
            using var db = SqliteConnection.OpenReader(path);
            for (var last = 0L; last < head;)
            {
                var batch = ReadBatch(db, last, head);
                if (batch.Count == 0)
                    throw new DamagedLogException($"the log ends at event {last}, but the store remembers another end ({head})");
                last = batch[^1].Record.Sequence;
                _batches.Add(batch, _abandoned.Token);
            }
        }
        finally
        {
            _batches.CompleteAdding();
        }
    }

    /// <summary>A short read each time: a long one would keep the writer's log from being moved into the database.</summary>
    private static List<ReplayLine> ReadBatch(SqliteConnection db, long after, long head)
    {
        var batch = new List<ReplayLine>(LinesPerBatch);
        using var rows = db.Query(NextEvents, after, head, (long)LinesPerBatch);
        while (rows.Step())
        {
            var record = ViewRows.Event(rows);
            Prove(record, after + batch.Count);
            batch.Add(new(record, Decode(record)));
        }
        return batch;
    }

    private static void Prove(EventRecord record, long last)
    {
        if (record.Sequence != last + 1)
            throw new DamagedLogException($"the log has a hole: after event {last} comes event {record.Sequence}");
        if (LeafDigest.OfPayload(record.Payload.Span) != record.PayloadDigest)
            throw new DamagedLogException($"event {record.Sequence} is damaged: its payload does not have the digest that was recorded");
        if (LeafDigest.Of(record) != record.LeafDigest)
            throw new DamagedLogException($"event {record.Sequence} is damaged: its fields do not have the digest that was recorded");
    }

    private static StoreEvent? Decode(EventRecord record)
    {
        try
        {
            return EventCodec.Decode(record.Type, record.Payload);
        }
        catch (FormatException e)
        {
            throw new DamagedLogException($"event {record.Sequence} cannot be read as {record.Type}: {e.Message}", e);
        }
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
