using ArtifactStore.Interfaces.Journal;
using Npgsql;

namespace ArtifactStore.Storage.Journal.Postgres;

/// <summary>What is done when a transaction fails: which batch is tried again, which is taken apart, who is told what.</summary>
internal sealed partial class PostgresWriter
{
    private const int MaxLosses = 3;
    private static readonly TimeSpan FirstPause = TimeSpan.FromMilliseconds(50);
    private static readonly TimeSpan LongestPause = TimeSpan.FromSeconds(1);

    private bool _away;
    private Task _refusing = Task.CompletedTask;
    private CancellationTokenSource? _stopRefusing;

    /// <summary>Executes the calls as one transaction, or one by one. Afterwards each has its verdicts or its failure; it throws nothing.</summary>
    public async Task Execute(IReadOnlyList<BatchCall> calls)
    {
        if (_stopped is { } reason)
        {
            FailAll(calls, new JournalUnavailableException(reason));
            return;
        }
        var attempts = new Attempts(calls);
        try
        {
            while (true)
            {
                try
                {
                    await Transact(attempts);
                    return;
                }
                catch (Exception e)
                {
                    await LetGo(e);
                    attempts.Note(e);
                    if (attempts.Unknown is not null)
                    {
                        if (_stopped is not null || attempts.DoubtLasted(_time) > _options.MaxDoubt)
                        {
                            FailAll(calls, FateUnknown(e));
                            return;
                        }
                        if (attempts.NextPause() is var pause && pause > TimeSpan.Zero) await Task.Delay(pause, _time);
                        continue;
                    }
                    // Nothing was sent: a connection that had died while nobody looked is no reason to refuse.
                    if (e.IsOfConnection() && !_away && attempts.Losses < MaxLosses) continue;
                    if (calls.Count > 1 && TakesApart(e)) break;
                    FailAll(calls, Told(e));
                    return;
                }
            }
        }
        finally
        {
            await StopRefusing();
        }
        // The neighbours of what cannot be written are not harmed by it.
        foreach (var call in calls) await Execute([call]);
    }

    private static bool TakesApart(Exception failure) =>
        failure.IsOfContent() || failure is RepeatedLossException || !(failure is JournalUnavailableException or PostgresException || failure.IsOfConnection());

    private Exception Told(Exception failure) => failure switch
    {
        RepeatedLossException e => e.InnerException!.Unavailable(_connections.Database, "ended the connection each time this was written"),
        JournalUnavailableException => failure,
        _ when failure.IsOfContent() => new InvalidOperationException($"the views refuse this append: {failure.Message}", failure),
        _ when failure is PostgresException || failure.IsOfConnection() => failure.Unavailable(_connections.Database, "cannot be written"),
        _ => failure,
    };

    private JournalUnavailableException FateUnknown(Exception failure) => new(
        $"{_connections.Database} went away while this was being committed, and whether it was written is unknown: "
        + "look for it, or repeat it with the same id", failure);

    private async Task<NpgsqlConnection> Connect()
    {
        if (_db is { State: System.Data.ConnectionState.Open } known) return known;
        await Disconnect();
        // Once the database is known to be away, nobody waits for our next try to reach it.
        if (_away) Refuse();
        try
        {
            _db = await _connections.OpenAppending();
        }
        catch (Exception e)
        {
            _away = true;
            Refuse();
            throw e.Unavailable(_connections.Database, "cannot be reached");
        }
        _away = false;
        await StopRefusing();
        return _db;
    }

    /// <summary>After a refused statement the connection is good for another transaction. After anything else it is not trusted.</summary>
    private Task LetGo(Exception failure) => _db switch
    {
        null => Task.CompletedTask,
        { State: System.Data.ConnectionState.Open } db when failure.IsOfStatement() => End(db),
        _ => Disconnect(),
    };

    /// <summary>Ends a transaction that wrote nothing. Whether the connection lives to hear of it changes no answer.</summary>
    private async Task End(NpgsqlConnection db)
    {
        try
        {
            await Run(db, Rollback);
        }
        catch (Exception e) when (e is NpgsqlException or InvalidOperationException || e.IsOfConnection())
        {
            await Disconnect();
        }
    }

    private async Task Disconnect()
    {
        if (_db is not { } db) return;
        _db = null;
        try
        {
            await db.DisposeAsync();
        }
        catch (Exception e) when (e.IsOfConnection())
        {
            // It was broken, which is why it is let go.
        }
    }

    private void Refuse()
    {
        if (_stopRefusing is not null) return;
        _stopRefusing = new();
        _refusing = _queue.RefuseUntil(
            () => new JournalUnavailableException($"{_connections.Database} cannot be reached; nothing was written"), _stopRefusing.Token);
    }

    private async Task StopRefusing()
    {
        if (_stopRefusing is not { } stop) return;
        _stopRefusing = null;
        using (stop)
        {
            await stop.CancelAsync();
            await _refusing;
        }
    }

    private static void FailAll(IReadOnlyList<BatchCall> calls, Exception failure)
    {
        foreach (var call in calls) call.Failure = failure;
    }

    /// <summary>The server or the way to it ended several times just when the same batch was written.</summary>
    private sealed class RepeatedLossException(Exception last) : Exception(last.Message, last);

    /// <summary>What was tried with one batch, and what is not known about it.</summary>
    private sealed class Attempts(IReadOnlyList<BatchCall> calls)
    {
        private Exception? _cause;
        private long _began;
        private TimeSpan _pause = TimeSpan.Zero;

        public IReadOnlyList<BatchCall> Calls { get; } = calls;

        /// <summary>Set when the writes were sent and not answered.</summary>
        public UnknownCommit? Unknown { get; private set; }

        public int Losses { get; private set; }

        public void Note(Exception failure)
        {
            if (failure.IsOfConnection()) Losses++;
        }

        public void Doubt(UnknownCommit unknown, Exception cause, TimeProvider time)
        {
            Unknown = unknown;
            _cause = cause;
            if (_began == 0) _began = time.GetTimestamp();
        }

        public TimeSpan DoubtLasted(TimeProvider time) => time.GetElapsedTime(_began);

        public TimeSpan NextPause()
        {
            var pause = _pause;
            _pause = pause == TimeSpan.Zero ? FirstPause : pause * 2 < LongestPause ? pause * 2 : LongestPause;
            return pause;
        }

        /// <summary>The fate is learned. True: it was committed. False: it never will be, and may be decided again.</summary>
        public bool Learn(bool committed, TimeProvider time, PostgresOptions options)
        {
            Unknown = null;
            if (committed) return true;
            // Not the connection but what was to be sent: the same again would fail again.
            if (!_cause!.IsOfConnection()) System.Runtime.ExceptionServices.ExceptionDispatchInfo.Throw(_cause!);
            if (Losses >= MaxLosses) throw new RepeatedLossException(_cause!);
            if (DoubtLasted(time) > options.MaxTransparent)
                throw new JournalUnavailableException("the database went away while this was being written; it was not written");
            return false;
        }
    }
}
