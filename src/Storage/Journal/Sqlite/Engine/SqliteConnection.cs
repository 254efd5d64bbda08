using System.Runtime.CompilerServices;
using ArtifactStore.Storage.Journal.Projections;
using SQLitePCL;

namespace ArtifactStore.Storage.Journal.Sqlite.Engine;

/// <summary>
/// One connection and its prepared statements. Used by one thread at a time. Statements are found by their string object, so every SQL text
/// is a constant or is made once.
/// </summary>
internal sealed class SqliteConnection : IStatements, IDisposable
{
    public static readonly TimeSpan DefaultPatience = TimeSpan.FromSeconds(5);

    private readonly sqlite3 _db;
    private readonly Dictionary<string, SqliteStatement> _statements = new(ByReference.Instance);
    private bool _disposed;

    private SqliteConnection(sqlite3 db, string path)
    {
        _db = db;
        Path = path;
    }

    public string Path { get; }

    public static SqliteConnection OpenWriter(string path) =>
        Open(path, raw.SQLITE_OPEN_READWRITE | raw.SQLITE_OPEN_CREATE | raw.SQLITE_OPEN_NOMUTEX);

    /// <summary>Cannot write, and so cannot checkpoint either.</summary>
    public static SqliteConnection OpenReader(string path)
    {
        var connection = Open(path, raw.SQLITE_OPEN_READONLY | raw.SQLITE_OPEN_NOMUTEX);
        connection.Execute("PRAGMA query_only = 1");
        return connection;
    }

    private static SqliteConnection Open(string path, int flags)
    {
        SqliteLibrary.EnsureLoaded();
        var code = raw.sqlite3_open_v2(path, out var db, flags, null);
        if (code != raw.SQLITE_OK)
        {
            var message = raw.sqlite3_errstr(code).utf8_to_string();
            db?.Dispose();
            throw new SqliteException(code, $"{message}: {path}");
        }
        raw.sqlite3_extended_result_codes(db, 1);
        var connection = new SqliteConnection(db, path);
        connection.SetPatience(DefaultPatience);
        return connection;
    }

    /// <summary>How long a statement waits for other connections.</summary>
    public void SetPatience(TimeSpan patience) => raw.sqlite3_busy_timeout(_db, (int)patience.TotalMilliseconds);

    public bool InTransaction => raw.sqlite3_get_autocommit(_db) == 0;

    public int Changes => raw.sqlite3_changes(_db);

    /// <summary>Pages this connection wrote since the last call with a reset: in WAL mode, the frames it added to the log.</summary>
    public int PagesWritten(bool reset)
    {
        const int cacheWrite = 9;
        raw.sqlite3_db_status(_db, cacheWrite, out var pages, out _, reset ? 1 : 0);
        return pages;
    }

    /// <summary>Any number of statements without parameters or rows. Not prepared for reuse.</summary>
    public void Execute(string sql) => Check(raw.sqlite3_exec(_db, sql));

    public SqliteStatement Prepare(string sql)
    {
        if (_statements.TryGetValue(sql, out var known)) return known;
        const uint persistent = 1;
        Check(raw.sqlite3_prepare_v3(_db, sql, persistent, out var handle));
        var statement = new SqliteStatement(this, handle);
        _statements.Add(sql, statement);
        return statement;
    }

    /// <summary>Prepares, binds; the caller steps, and resets by disposing.</summary>
    public SqliteStatement Query(string sql, params ReadOnlySpan<SqlValue> values)
    {
        var statement = Prepare(sql);
        statement.Bind(values);
        return statement;
    }

    public void Run(string sql, params ReadOnlySpan<SqlValue> values)
    {
        using var statement = Query(sql, values);
        while (statement.Step())
        {
        }
    }

    /// <summary>Rolls back when there is something to; an error may have done it already.</summary>
    public void RollbackIfOpen()
    {
        if (InTransaction) Execute("ROLLBACK");
    }

    /// <summary>Forgets prepared statements, whose SQL will not come again.</summary>
    public void ForgetStatements()
    {
        foreach (var statement in _statements.Values) statement.Close();
        _statements.Clear();
    }

    internal void Check(int code)
    {
        if (code is not (raw.SQLITE_OK or raw.SQLITE_DONE or raw.SQLITE_ROW))
            throw new SqliteException(raw.sqlite3_extended_errcode(_db), raw.sqlite3_errmsg(_db).utf8_to_string());
    }

    public void Dispose()
    {
        if (_disposed) return;
        _disposed = true;
        ForgetStatements();
        _db.Dispose();
    }

    private sealed class ByReference : IEqualityComparer<string>
    {
        public static readonly ByReference Instance = new();

        public bool Equals(string? x, string? y) => ReferenceEquals(x, y);

        public int GetHashCode(string text) => RuntimeHelpers.GetHashCode(text);
    }
}
