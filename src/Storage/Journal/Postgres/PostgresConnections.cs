using System.Globalization;
using Npgsql;

namespace ArtifactStore.Storage.Journal.Postgres;

/// <summary>
/// How this node talks to its database. Three kinds of connections: a pool that answers questions, the one that appends, the one that
/// listens. Their settings travel in the start of the session, so that none is ever without them.
/// </summary>
/// <remarks>
/// Plans are generic and made once, often while the tables are still empty, and the tables grow: every query of ours has its index, so
/// neither the scan of a table nor a join that reads a table whole is ever what we want, whatever it seems to cost on that day.
/// </remarks>
internal sealed class PostgresConnections : IAsyncDisposable
{
    private const string Planning =
        "-c jit=off -c plan_cache_mode=force_generic_plan -c enable_seqscan=off -c enable_hashjoin=off -c enable_mergejoin=off";

    // A backend whose client's machine is gone ends within seconds, and lets go of what it holds.
    private const string Alive = "-c tcp_keepalives_idle=5 -c tcp_keepalives_interval=2 -c tcp_keepalives_count=3";

    // So that pg_stat_activity tells who is who.
    private const string Appending = " (append)";
    private const string Listening = " (listen)";
    private const int KeepAliveSeconds = 5;
    private const int Preparations = 200;

    private readonly NpgsqlDataSource _appending;
    private readonly NpgsqlDataSource _listening;
    private readonly NpgsqlDataSource _migrating;

    public PostgresConnections(PostgresOptions options)
    {
        var url = PostgresUrl.Parse(options.Url);
        Database = PostgresUrl.Describe(url);
        var common = $"{Planning} {Alive} -c synchronous_commit=on";
        var patience = $"-c lock_timeout={Milliseconds(options.MaxLockWait)}";
        var statement = $"-c statement_timeout={Milliseconds(options.MaxStatement)}";
        var appending = $"{common} {patience} {statement} -c idle_in_transaction_session_timeout=1000";
        // One more client-side second or two: the server's own refusal is the better one.
        var command = (int)Math.Ceiling(options.MaxLockWait.TotalSeconds + options.MaxStatement.TotalSeconds);
        Questions = NpgsqlDataSource.Create(With(url, $"{common} {patience}", pooling: true, builder =>
        {
            builder.MaxPoolSize = options.MaxReaders;
            builder.MaxAutoPrepare = Preparations;
            builder.AutoPrepareMinUsages = 2;
        }));
        _appending = NpgsqlDataSource.Create(With(url, appending, pooling: false, builder =>
        {
            builder.ApplicationName += Appending;
            builder.CommandTimeout = command;
            builder.MaxAutoPrepare = Preparations;
            builder.AutoPrepareMinUsages = 2;
        }));
        _listening = NpgsqlDataSource.Create(With(url, common, pooling: false, builder =>
        {
            builder.ApplicationName += Listening;
            builder.KeepAlive = KeepAliveSeconds;
        }));
        _migrating = NpgsqlDataSource.Create(With(url, "-c lock_timeout=60000", pooling: false, builder => builder.CommandTimeout = 0));
    }

    /// <summary>For messages; no secrets.</summary>
    public string Database { get; }

    public NpgsqlDataSource Questions { get; }

    /// <summary>Connections for work that may take its time, each opened for it.</summary>
    public NpgsqlDataSource Maintenance => _migrating;

    public ValueTask<NpgsqlConnection> OpenAppending(CancellationToken cancellation = default) => _appending.OpenConnectionAsync(cancellation);

    public ValueTask<NpgsqlConnection> OpenListening(CancellationToken cancellation) => _listening.OpenConnectionAsync(cancellation);

    public ValueTask<NpgsqlConnection> OpenMigrating() => _migrating.OpenConnectionAsync();

    public async ValueTask DisposeAsync()
    {
        await Questions.DisposeAsync();
        await _appending.DisposeAsync();
        await _listening.DisposeAsync();
        await _migrating.DisposeAsync();
    }

    private static string With(
        NpgsqlConnectionStringBuilder url, string settings, bool pooling, Action<NpgsqlConnectionStringBuilder> change)
    {
        var builder = new NpgsqlConnectionStringBuilder(url.ConnectionString)
        {
            Options = settings,
            Pooling = pooling,
            Enlist = false,
            TcpKeepAlive = true,
            TcpKeepAliveTime = KeepAliveSeconds,
            TcpKeepAliveInterval = 1,
            CancellationTimeout = 2_000,
        };
        change(builder);
        return builder.ConnectionString;
    }

    private static string Milliseconds(TimeSpan time) => ((long)time.TotalMilliseconds).ToString(CultureInfo.InvariantCulture);
}
