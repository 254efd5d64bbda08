using System.CommandLine;
using ArtifactStore.Cli;
using ArtifactStore.Client;
using ArtifactStore.Gateway.Shared;
using ArtifactStore.Gateway.Shared.Collection;
using ArtifactStore.Interfaces.Ids;
using ArtifactStore.Silo.Configuration;
using ArtifactStore.Silo.Hosting;
using Microsoft.Extensions.Logging.Abstractions;

namespace ArtifactStore.Silo.Verbs;

/// <summary>Asks the server when one runs, because it owns the database; works on the database when none does.</summary>
internal static class RetentionVerb
{
    internal static readonly TimeSpan RunTime = TimeSpan.FromSeconds(5);

    public static Command Command(CliHost host, CommonOptions common, Func<StoreSettings> settings)
    {
        var sweep = new Command("sweep", "Mark the packages that have expired and that no hold keeps; nothing is deleted");
        sweep.SetVerb(host, common, (session, cancellation) => Sweep(session, settings, cancellation));
        var gc = new Command("gc", "Delete what may be deleted and nothing keeps: packages that are eligible, and bytes that only they referred to");
        var plan = new Option<string?>("--plan") { Description = "Delete what this plan lists and nothing else", HelpName = "id" };
        plan.Validators.Add(result =>
        {
            if (!PlanId.TryParse(result.GetValueOrDefault<string>(), null, out _)) result.AddError("--plan is the id of a plan, which 'retention plan' prints");
        });
        gc.Options.Add(plan);
        gc.SetVerb(host, common, (session, cancellation) => session.Parsed.GetValue(plan) is { } id
            ? new PlannedDeletion(session, settings, PlanId.Parse(id, null)).Run(cancellation)
            : Collect(session, settings, cancellation));
        var make = new Command("plan", "Write down what 'retention gc' would delete and how many bytes come back; nothing is deleted");
        make.SetVerb(host, common, (session, cancellation) => PlannedDeletion.Make(session, settings, cancellation));
        return new Command("retention", "What is kept, and what no longer is") { sweep, make, gc };
    }

    /// <summary>In runs of bounded time, so that it tells how far it is and can be stopped; whoever asks next goes on.</summary>
    private static async Task<int> Collect(Session session, Func<StoreSettings> settings, CancellationToken cancellation)
    {
        var all = new Collected(0, 0, 0, 0, 0, 0, 0, More: true);
        while (all.More)
        {
            var run = await session.ServerOrDatabase(
                store => store.CollectGarbageAsync(RunTime, cancellation),
                () => StoreErrors.Told(() => CollectHere(settings(), cancellation)));
            all = new(
                all.Started + run.Started, run.Held, all.Released + run.Released, all.Deleted + run.Deleted, all.FreedBytes + run.FreedBytes,
                all.CollectedPackages + run.CollectedPackages, run.Failed, run.More);
            if (run.More) session.Host.Error.WriteLine($"{all.Released} references released, {Sentence.Bytes(all.FreedBytes)} freed; going on");
        }
        session.Say(
            $"{Sentence.Count(all.CollectedPackages, "package")} collected, {Sentence.Count(all.Deleted, "copy", "copies")} deleted, "
            + $"{Sentence.Bytes(all.FreedBytes)} freed; holds keep {Sentence.Count(all.Held, "package")}");
        session.Document(all, WireJson.Default.Collected);
        return Verdict(session, all.Failed);
    }

    internal static int Verdict(Session session, long failed)
    {
        if (failed == 0) return ExitCode.Ok;
        session.Host.Error.WriteLine(
            $"{Sentence.Count(failed, "copy", "copies")} could not be deleted, the server's log says why; the next run tries again");
        return ExitCode.Failed;
    }

    private static async Task<Collected> CollectHere(StoreSettings settings, CancellationToken cancellation)
    {
        await using var store = await StoreComposition.Open(settings, NullLoggerFactory.Instance);
        var report = await store.Collector.Run(atMost: null, cancellation);
        return OnWire(report);
    }

    internal static Collected OnWire(CollectionReport report) => new(
        report.Started, report.Held, report.Released, report.Deleted, report.FreedBytes, report.Collected, report.Failed, report.More);

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
