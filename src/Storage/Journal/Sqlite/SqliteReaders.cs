using System.Collections.Concurrent;
using ArtifactStore.Interfaces.Journal;
using ArtifactStore.Storage.Journal.Projections;
using ArtifactStore.Storage.Journal.Queries;
using ArtifactStore.Storage.Journal.Sqlite.Engine;

namespace ArtifactStore.Storage.Journal.Sqlite;

/// <summary>
/// A bounded pool of connections that only read. A question is one short transaction on a snapshot, so that an answer of several rows is of
/// one moment, and never older than the last answered append.
/// </summary>
internal sealed class SqliteReaders(string path, DatabaseFile file, int maximum) : IDisposable
{
    private const string Begin = "BEGIN";
    private const string End = "COMMIT";

    private readonly SemaphoreSlim _free = new(maximum);
    private readonly ConcurrentBag<SqliteConnection> _idle = [];
    private volatile bool _closed;

    public async Task<T> Read<T>(Func<SqliteConnection, T> question, CancellationToken cancellation)
    {
        await _free.WaitAsync(cancellation);
        try
        {
            if (_closed) throw new JournalUnavailableException("the store is closed");
            file.Require();
            var db = _idle.TryTake(out var known) ? known : SqliteConnection.OpenReader(path);
            var answer = Ask(db, question);
            if (_closed) db.Dispose();
            else _idle.Add(db);
            return answer;
        }
        catch (SqliteException e)
        {
            throw new JournalUnavailableException($"the database cannot be read: {e.Message}", e, e.IsDiskFull);
        }
        finally
        {
            _free.Release();
        }
    }

    /// <summary>The rows of one statement.</summary>
    public Task<IReadOnlyList<T>> All<T>(string sql, Func<IRow, T> read, CancellationToken cancellation, params SqlValue[] values) =>
        Read<IReadOnlyList<T>>(
            db =>
            {
                var all = new List<T>();
                using var rows = db.Query(sql, values);
                while (rows.Step()) all.Add(read(rows));
                return all;
            },
            cancellation);

    private static T Ask<T>(SqliteConnection db, Func<SqliteConnection, T> question)
    {
        try
        {
            db.Run(Begin);
            var answer = question(db);
            db.Run(End);
            return answer;
        }
        catch
        {
            // Whatever went wrong, this connection is not trusted with another question.
            db.Dispose();
            throw;
        }
    }

    public void Dispose()
    {
        _closed = true;
        while (_idle.TryTake(out var db)) db.Dispose();
    }
}
