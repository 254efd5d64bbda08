using System.Text;
using ArtifactStore.Interfaces.Journal;
using ArtifactStore.Storage.Journal.Core;
using ArtifactStore.Storage.Journal.Queries;
using Npgsql;

namespace ArtifactStore.Storage.Journal.Postgres;

/// <summary>
/// Questions on pooled connections. A question is one statement, so that an answer of several rows is of one moment; not a transaction of
/// several, because a snapshot from before a replay sees nothing in the tables that the replay brings. Nobody waits long: for a place
/// among those who ask, for a connection, or for an answer.
/// </summary>
internal sealed class PostgresReaders(NpgsqlDataSource source, int maximum) : IDisposable
{
    public static readonly TimeSpan Patience = TimeSpan.FromSeconds(3);
    private static readonly TimeSpan AnswerTime = TimeSpan.FromSeconds(15);
    private const string PoolExhausted = "The connection pool has been exhausted";

    private readonly SemaphoreSlim _free = new(maximum);
    private volatile bool _closed;

    /// <summary>Null when there is no row.</summary>
    public async Task<T?> First<T>(string sql, Func<IRow, T> read, object[] values, CancellationToken cancellation)
        where T : class =>
        await Ask(
            sql, values, null, async rows => await rows.ReadAsync(cancellation) ? read(new PostgresRow(rows)) : null, AnswerTime, cancellation);

    /// <param name="atMost">For the few questions that are a long walk; null: what every question may take.</param>
    public Task<IReadOnlyList<T>> All<T>(
        string sql, Func<IRow, T> read, object[] values, CancellationToken cancellation, TimeSpan? atMost = null) =>
        Ask<IReadOnlyList<T>>(
            sql, values, [],
            async rows =>
            {
                var row = new PostgresRow(rows);
                var all = new List<T>();
                while (await rows.ReadAsync(cancellation)) all.Add(read(row));
                return all;
            },
            atMost ?? AnswerTime, cancellation);

    /// <summary>Facts as an append would find them now, one statement for each kind: those of one kind are of one moment.</summary>
    public Task<BatchState> Facts(BatchQuestions questions, CancellationToken cancellation) => Ask(
        async () =>
        {
            var facts = new PostgresFacts(questions, knownHead: 0);
            await using var connection = await Connect(cancellation);
            await using var batch = new NpgsqlBatch(connection) { Timeout = (int)AnswerTime.TotalSeconds };
            foreach (var command in facts.Commands) batch.BatchCommands.Add(command);
            await using var rows = await batch.ExecuteReaderAsync(cancellation);
            return (await facts.Read(rows)).State;
        },
        cancellation);

    private async Task<T> Ask<T>(
        string sql, object[] values, T nothing, Func<NpgsqlDataReader, Task<T>> read, TimeSpan atMost, CancellationToken cancellation) =>
        values.All(CanBeStored) ? await Ask(() => AskOnce(sql, values, read, atMost, cancellation), cancellation) : nothing;

    private async Task<T> Ask<T>(Func<Task<T>> askOnce, CancellationToken cancellation)
    {
        if (_closed) throw new JournalUnavailableException("the store is closed");
        if (!await _free.WaitAsync(Patience, cancellation))
            throw new JournalUnavailableException($"{maximum} questions are being answered already, try again") { Overloaded = true };
        try
        {
            try
            {
                return await askOnce();
            }
            catch (NpgsqlException e) when (IsPassing(e) && !_closed)
            {
                // The others in the pool are as old: they would fail one question each.
                if (e is not PostgresException { SqlState: PostgresErrorCodes.DeadlockDetected }) source.Clear();
                return await askOnce();
            }
        }
        catch (Exception e) when (e is NpgsqlException or TimeoutException)
        {
            throw Unavailable(e);
        }
        catch (ObjectDisposedException e) when (_closed)
        {
            throw new JournalUnavailableException("the store is closed", e);
        }
        finally
        {
            _free.Release();
        }
    }

    private async Task<T> AskOnce<T>(
        string sql, object[] values, Func<NpgsqlDataReader, Task<T>> read, TimeSpan atMost, CancellationToken cancellation)
    {
        await using var connection = await Connect(cancellation);
        await using var command = new NpgsqlCommand(sql, connection) { CommandTimeout = (int)atMost.TotalSeconds };
        foreach (var value in values) command.Parameters.Add(new() { Value = value });
        await command.PrepareAsync(cancellation);
        await using var rows = await command.ExecuteReaderAsync(cancellation);
        return await read(rows);
    }

    private async Task<NpgsqlConnection> Connect(CancellationToken cancellation)
    {
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        patience.CancelAfter(Patience);
        try
        {
            return await source.OpenConnectionAsync(patience.Token);
        }
        catch (OperationCanceledException e) when (!cancellation.IsCancellationRequested)
        {
            throw new JournalUnavailableException($"there was no connection to the database within {Patience.TotalSeconds:0} seconds", e);
        }
    }

    /// <summary>The connection had ended before it was used, or a deadlock was broken: asking once more is the cure.</summary>
    private static bool IsPassing(NpgsqlException e) => e is PostgresException refusal
        ? refusal.SqlState is PostgresErrorCodes.AdminShutdown or PostgresErrorCodes.CrashShutdown or PostgresErrorCodes.DeadlockDetected
        : e.InnerException is IOException;

    private static JournalUnavailableException Unavailable(Exception e)
    {
        var refusal = e as PostgresException;
        var overloaded = refusal?.SqlState == PostgresErrorCodes.TooManyConnections
            || e.Message.StartsWith(PoolExhausted, StringComparison.Ordinal);
        return new($"the database cannot be read: {refusal?.MessageText ?? e.Message}", e, refusal?.SqlState == PostgresErrorCodes.DiskFull)
        {
            Overloaded = overloaded,
        };
    }

    /// <summary>No text of the database has a NUL or half a character in it: nothing equals what has, and asking would be an error.</summary>
    private static bool CanBeStored(object value) => value is not string text
        || !text.Contains('\0') && (text.AsSpan().IndexOfAnyInRange('\uD800', '\uDFFF') < 0 || IsWellFormed(text));

    private static bool IsWellFormed(string text)
    {
        for (var rest = text.AsSpan(); !rest.IsEmpty;)
        {
            if (Rune.DecodeFromUtf16(rest, out _, out var used) != System.Buffers.OperationStatus.Done) return false;
            rest = rest[used..];
        }
        return true;
    }

    /// <summary>The pool is its owner's to close.</summary>
    public void Dispose() => _closed = true;
}
