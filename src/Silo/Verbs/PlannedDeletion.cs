using System.Globalization;
using ArtifactStore.Cli;
using ArtifactStore.Client;
using ArtifactStore.Interfaces.Access;
using ArtifactStore.Interfaces.Errors;
using ArtifactStore.Interfaces.Ids;
using ArtifactStore.Silo.Configuration;
using ArtifactStore.Silo.Hosting;
using Microsoft.Extensions.Logging.Abstractions;
using Plan = ArtifactStore.Client.Plan;

namespace ArtifactStore.Silo.Verbs;

/// <summary>
/// Makes a plan, or runs one, in the server when one runs, else here. With <c>--json</c> a run writes one document for each answer, so that
/// what it skips is told as it comes, however much it is.
/// </summary>
internal sealed class PlannedDeletion(Session session, Func<StoreSettings> settings, PlanId plan)
{
    private static readonly Principal Operator = new(TenantId.Default, "operator", Anonymous: false);

    public static async Task<int> Make(Session session, Func<StoreSettings> settings, CancellationToken cancellation)
    {
        var plan = await session.ServerOrDatabase(
            store => store.MakePlanAsync(cancellation),
            () => StoreErrors.Told(() => MakeHere(settings(), cancellation)));
        session.Say(
            $"plan {plan.PlanId}: {Sentence.Count(plan.Packages, "package")} with {Sentence.Count(plan.Files, "file")} would go, "
            + $"{Sentence.Bytes(plan.FreedBytes)} of {Sentence.Bytes(plan.Bytes)} would come back");
        session.Say(
            $"valid until {Sentence.Time(plan.ValidUntil)}, made at event {plan.Position}; "
            + $"run it with: artifactstore retention gc --plan {plan.PlanId}");
        session.Document(plan, WireJson.Default.Plan);
        return ExitCode.Ok;
    }

    public async Task<int> Run(CancellationToken cancellation)
    {
        var (started, skipped, deleted, freed, failed) = (0L, 0L, 0L, 0L, 0L);
        string? next = null;
        for (var more = true; more;)
        {
            var run = await session.ServerOrDatabase(
                store => store.RunPlanAsync(plan.ToString(), next, RetentionVerb.RunTime, cancellation),
                () => StoreErrors.Told(() => RunHere(next, cancellation)));
            foreach (var package in run.Skipped ?? []) session.Say($"skipped {package.PackageId}: {package.Reason}");
            session.Document(run, WireJson.Default.Collected);
            started += run.Started;
            skipped += run.Skipped?.Count ?? 0;
            deleted += run.Deleted;
            freed += run.FreedBytes;
            failed = run.Failed;
            (more, next) = (run.More, run.Next);
        }
        session.Say(
            $"plan {plan}: {Sentence.Count(started, "package")} deleted, {skipped} skipped, {Sentence.Count(deleted, "copy", "copies")} deleted, "
            + $"{Sentence.Bytes(freed)} freed");
        return RetentionVerb.Verdict(session, failed);
    }

    private static async Task<Plan> MakeHere(StoreSettings settings, CancellationToken cancellation)
    {
        await using var store = await StoreComposition.Open(settings, NullLoggerFactory.Instance);
        var made = Told(await store.Planner.Make(Operator, cancellation));
        return new(
            made.Id.ToString(), "made", made.MadeAt, made.MadeBy, made.Made.Position, made.Made.ValidUntil, made.Made.Packages, made.Made.Files,
            made.Made.Bytes, made.Made.FreedBytes, null, null, null, null);
    }

    private async Task<Collected> RunHere(string? after, CancellationToken cancellation)
    {
        await using var store = await StoreComposition.Open(settings(), NullLoggerFactory.Instance);
        var from = after is null ? 0 : long.Parse(after, CultureInfo.InvariantCulture);
        var run = Told(await store.PlanRunner.Run(Operator, plan, from, atMost: null, cancellation));
        return RetentionVerb.OnWire(run.Collection) with
        {
            PlanId = plan.ToString(),
            Skipped = [.. run.Skipped.Select(package => new Skipped(package.Package, package.Reason))],
            Next = run.Collection.More ? run.Next.ToString(CultureInfo.InvariantCulture) : null,
        };
    }

    private static T Told<T>(Outcome<T> outcome) => outcome.Succeeded
        ? outcome.Value
        : throw new CliFailureException(
            outcome.Error.Code == ErrorCatalogue.PlanUnknown.Code ? ExitCode.NotFound : ExitCode.Failed, outcome.Error.Detail);
}
