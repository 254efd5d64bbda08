using ArtifactStore.Interfaces.Journal;
using Npgsql;

namespace ArtifactStore.Storage.Journal.Postgres;

/// <summary>What a failure of the database means for whoever asked.</summary>
internal static class PostgresFailures
{
    private const string PoolExhausted = "The connection pool has been exhausted";

    /// <summary>The connection had ended before it was used, or a deadlock was broken: asking once more is the cure.</summary>
    public static bool IsPassing(NpgsqlException e) => e is PostgresException refusal
        ? refusal.SqlState is PostgresErrorCodes.AdminShutdown or PostgresErrorCodes.CrashShutdown or PostgresErrorCodes.DeadlockDetected
        : e.InnerException is IOException;

    public static JournalUnavailableException Unavailable(string what, Exception e)
    {
        var refusal = e as PostgresException;
        var overloaded = refusal?.SqlState == PostgresErrorCodes.TooManyConnections
            || e is NpgsqlException && e.Message.StartsWith(PoolExhausted, StringComparison.Ordinal);
        return new($"{what}: {refusal?.MessageText ?? e.Message}", e, refusal?.SqlState == PostgresErrorCodes.DiskFull)
        {
            Overloaded = overloaded,
        };
    }
}
