using System.CommandLine;
using ArtifactStore.Cli;
using ArtifactStore.Client;
using ArtifactStore.Gateway.Shared;
using ArtifactStore.Silo.Configuration;
using ArtifactStore.Silo.Hosting;
using Microsoft.Extensions.Logging.Abstractions;

namespace ArtifactStore.Silo.Verbs;

/// <summary>Asks the server when one runs, because it owns the database; works on the database when none does.</summary>
internal static class RetentionVerb
{
    public static Command Command(CliHost host, CommonOptions common, Func<StoreSettings> settings)
    {
        var sweep = new Command("sweep", "Mark the packages that have expired and that no hold keeps; nothing is deleted");
        sweep.SetVerb(host, common, (session, cancellation) => Sweep(session, settings, cancellation));
        return new Command("retention", "What is kept, and what no longer is") { sweep };
    }

    private static async Task<int> Sweep(Session session, Func<StoreSettings> settings, CancellationToken cancellation)
    {
        var answer = await session.ServerOrDatabase(
            store => store.SweepRetentionAsync(cancellation),
            () => StoreErrors.Told(() => Here(settings(), cancellation)));
        session.Say(
            $"{answer.Eligible} packages became eligible for deletion, holds keep {answer.Held} that have expired, "
            + $"{answer.HoldsReleased} holds came to their end");
        session.Document(answer, WireJson.Default.Swept);
        return ExitCode.Ok;
    }

    private static async Task<Swept> Here(StoreSettings settings, CancellationToken cancellation)
    {
        await using var store = await StoreComposition.Open(settings, NullLoggerFactory.Instance);
        var report = await new RetentionSweep(store.Grains, store.Views, store.Ids, store.Time).Run(cancellation);
        return new(report.Eligible, report.Held, report.HoldsReleased);
    }
}
