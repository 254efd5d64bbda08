using ArtifactStore.Cli;
using ArtifactStore.Client;
using ArtifactStore.Silo.Configuration;
using ArtifactStore.Silo.Hosting;
using Microsoft.Extensions.Logging.Abstractions;

namespace ArtifactStore.Silo.Verbs;

/// <summary>Asks the server when one runs, because it owns the database; works on the database when none does.</summary>
internal static class ReplayVerb
{
    public static async Task<int> Run(Session session, Func<StoreSettings> settings, CancellationToken cancellation)
    {
        var answer = await session.ServerOrDatabase(
            store => store.ReplayAsync(cancellation),
            () => Here(session, settings(), cancellation));
        session.Say(answer.Identical
            ? $"replayed to sequence {answer.HighestSequence} in {answer.ElapsedSeconds:0.0} s; the views were byte for byte what the log says"
            : $"replayed to sequence {answer.HighestSequence} in {answer.ElapsedSeconds:0.0} s; the views DIFFERED from the log and have been made anew");
        session.Document(answer, WireJson.Default.Replayed);
        return ExitCode.Ok;
    }

    private static async Task<Replayed> Here(Session session, StoreSettings settings, CancellationToken cancellation)
    {
        await using var store = await StoreComposition.Open(settings, NullLoggerFactory.Instance);
        var progress = new ReplayProgress(session);
        var report = await store.Maintenance.Replay(progress, cancellation);
        return new(report.HighestSequence, report.Identical, report.Elapsed.TotalSeconds);
    }

    /// <summary>A line every 100,000 events, straight from the thread that replays: order matters more than a free thread.</summary>
    private sealed class ReplayProgress(Session session) : IProgress<long>
    {
        private const long Step = 100_000;
        private long _next = Step;

        public void Report(long value)
        {
            if (value < _next || session.Json) return;
            _next = value - value % Step + Step;
            session.Host.Error.WriteLine($"{value} events");
        }
    }
}
