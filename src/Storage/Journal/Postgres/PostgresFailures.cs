using ArtifactStore.Interfaces.Journal;
using Npgsql;

namespace ArtifactStore.Storage.Journal.Postgres;

/// <summary>What a failure of the database means to us.</summary>
internal static class PostgresFailures
{
    /// <summary>The server refused a statement and is there for the next one.</summary>
    public static bool IsOfStatement(this Exception failure) =>
        failure is PostgresException { Severity: "ERROR" } e && !IsOfServer(e.SqlState);

    /// <summary>The connection ended, or an answer did not come.</summary>
    public static bool IsOfConnection(this Exception failure) => failure switch
    {
        PostgresException e => e.Severity is "FATAL" or "PANIC" || IsOfServer(e.SqlState),
        NpgsqlException or TimeoutException or IOException or System.Net.Sockets.SocketException or ObjectDisposedException => true,
        _ => false,
    };

    /// <summary>The row or the statement itself is what the server does not take; the same again would fail again.</summary>
    public static bool IsOfContent(this Exception failure) =>
        failure is PostgresException { SqlState: var state } && state[..2] is "21" or "22" or "23" or "42" or "54";

    public static JournalUnavailableException Unavailable(this Exception failure, string database, string what) =>
        failure as JournalUnavailableException ?? new(
            $"{database} {what}: {Reason(failure)}",
            failure,
            failure is PostgresException { SqlState: PostgresErrorCodes.DiskFull });

    private static string Reason(Exception failure) => failure switch
    {
        PostgresException { SqlState: PostgresErrorCodes.LockNotAvailable } =>
            "the journal's lock is held by another node, which may be at its maintenance",
        PostgresException e => e.MessageText,
        NpgsqlException { InnerException: { } inner } => inner.Message,
        _ => failure.Message,
    };

    // Class 57: shutdown, crash, cancelled by the operator or by a timeout; 25P03: idle too long in a transaction.
    private static bool IsOfServer(string state) => state is "57P01" or "57P02" or "57P03" or "57P05" or "25P03" or "25P04";
}
