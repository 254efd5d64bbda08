using ArtifactStore.Interfaces.Access;
using ArtifactStore.Interfaces.Collection;
using ArtifactStore.Interfaces.Errors;
using ArtifactStore.Interfaces.Hosting;
using ArtifactStore.Interfaces.Ids;
using ArtifactStore.Interfaces.Journal;
using ArtifactStore.Interfaces.Packages;

namespace ArtifactStore.Gateway.Shared.Collection;

/// <summary>A package of a plan that is not as the plan saw it.</summary>
public sealed record SkippedPackage(PackageId Package, string Reason);

/// <param name="Collection">What was done; <see cref="CollectionReport.More"/>: go on with <paramref name="Next"/>.</param>
/// <param name="Skipped">What was not touched, and why.</param>
/// <param name="Next">The last package that was looked at.</param>
public sealed record PlanReport(CollectionReport Collection, IReadOnlyList<SkippedPackage> Skipped, long Next);

/// <summary>
/// Runs a plan, and nothing else (ADR 10): each package goes only if it is as the plan saw it, which its append proves. A run may be stopped
/// anywhere and asked for again; it ends when every package was started or skipped, and what these kept is gone.
/// </summary>
public sealed class PlanRunner(IPlanViews plans, IGrains grains, Collector collector, IIds ids, TimeProvider time)
{
    /// <summary>Of one answer: with more, the run leaves off and is asked to go on.</summary>
    public const int MaxSkipped = 1000;

    /// <param name="caller">Who wants it; the plan is one of their tenant's.</param>
    /// <param name="plan">Which.</param>
    /// <param name="after">Where an earlier run left off; 0 begins.</param>
    /// <param name="atMost">It leaves off then, wherever it is. Null: to the end.</param>
    /// <param name="cancellation">Stops it; what was done is done.</param>
    /// <exception cref="JournalUnavailableException">The database does not answer; what was done is done, the next run goes on.</exception>
    public async Task<Outcome<PlanReport>> Run(
        Principal caller, PlanId plan, long after, TimeSpan? atMost, CancellationToken cancellation = default)
    {
        var (tenant, key) = (caller.Tenant, PlanKey.Of(caller.Tenant, plan));
        var start = new StartPlan(new(ids.Next()), tenant, plan, caller.Actor, time.GetUtcNow());
        var started = await grains.Call<IPlanGrain, Outcome<PlanView>>(key, grain => grain.Start(start));
        if (!started.Succeeded) return started.Error;
        var run = new PlanRun(tenant, plan, caller.Actor) { Next = after };
        var more = await CollectionRun.IsCutShort(atMost, time, token => Run(run, token), cancellation);
        run.Collection.Report = run.Collection.Report with { More = more || run.LeftOff };
        if (run.Collection.Report.More) return new PlanReport(run.Collection.Report, run.Skipped, run.Next);
        var progress = await plans.Progress(tenant, plan, cancellation);
        var end = new EndPlan(new(ids.Next()), tenant, plan, caller.Actor, time.GetUtcNow(), progress.Started, progress.Listed - progress.Started);
        var ended = await grains.Call<IPlanGrain, Outcome<PlanView>>(key, grain => grain.End(end));
        return ended.Succeeded ? new PlanReport(run.Collection.Report, run.Skipped, run.Next) : ended.Error;
    }

    private async Task Run(PlanRun run, CancellationToken cancellation)
    {
        while (await plans.Items(run.Tenant, run.Plan, run.Next, Collector.PageSize, cancellation) is { Count: > 0 } page)
        {
            // Those that an earlier run of this plan has started are on their way already.
            var name = run.Plan.ToString();
            await Task.WhenAll(page.Where(item => item.StartedBy != name).Select(item => Start(run, item)));
            run.Next = page[^1].Key;
            cancellation.ThrowIfCancellationRequested();
            run.LeftOff = run.Skipped.Count > MaxSkipped - Collector.PageSize;
            if (run.LeftOff) return;
        }
        await collector.Finish(run.Collection, run.Plan, cancellation);
    }

    private async Task Start(PlanRun run, PlanItem item)
    {
        var package = item.Package.Package;
        var command = new StartCollection(
            new(ids.Next()), run.Tenant, package, run.Actor, time.GetUtcNow(), run.Plan.ToString(), item.Package.Version);
        var answer = await grains.Call<IPackageGrain, Outcome<StartAnswer>>(PackageKey.Of(run.Tenant, package), grain => grain.Start(command));
        if (!answer.Succeeded) throw LocationDeletion.Stopped(answer.Error);
        run.Count(package, answer.Value);
    }

    /// <summary>One run of one plan, as far as it is. Packages are started side by side.</summary>
    private sealed class PlanRun(TenantId tenant, PlanId plan, string actor)
    {
        private readonly Lock _gate = new();

        public TenantId Tenant => tenant;

        public PlanId Plan => plan;

        public string Actor => actor;

        public CollectionRun Collection { get; } = new();

        public List<SkippedPackage> Skipped { get; } = [];

        public long Next { get; set; }

        public bool LeftOff { get; set; }

        public void Count(PackageId package, StartAnswer answer)
        {
            lock (_gate)
            {
                var report = Collection.Report;
                if (answer == StartAnswer.Started)
                {
                    Collection.Report = report with { Started = report.Started + 1 };
                    return;
                }
                if (answer == StartAnswer.Held) Collection.Report = report with { Held = report.Held + 1 };
                Skipped.Add(new(package, ReasonOf(answer)));
            }
        }

        private static string ReasonOf(StartAnswer answer) => answer switch
        {
            StartAnswer.Held => "a hold keeps it",
            StartAnswer.NotDue => "it is kept longer now",
            StartAnswer.Changed => "it has changed since the plan",
            StartAnswer.Gone => "it is gone already, or another run deletes it",
            _ => throw new ArgumentOutOfRangeException(nameof(answer)),
        };
    }
}
