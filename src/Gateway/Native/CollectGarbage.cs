using ArtifactStore.Gateway.Shared.Collection;
using ArtifactStore.Gateway.Shared.Http;
using ArtifactStore.Interfaces.Access;
using ArtifactStore.Interfaces.Errors;
using ArtifactStore.Interfaces.Ids;
using Microsoft.AspNetCore.Http;

namespace ArtifactStore.Gateway.Native;

public sealed record SkippedPackageBody(string PackageId, string Reason);

public sealed record CollectionBody(
    long Started, long Held, long Released, long Deleted, long FreedBytes, long Collected, long Failed, bool More, string? PlanId,
    IReadOnlyList<SkippedPackageBody> Skipped, string? Next)
{
    public static CollectionBody Of(CollectionReport report) => Of(report, null, [], null);

    public static CollectionBody Of(
        CollectionReport report, string? plan, IReadOnlyList<SkippedPackage> skipped, string? next) => new(
        report.Started, report.Held, report.Released, report.Deleted, report.FreedBytes, report.Collected, report.Failed, report.More, plan,
        [.. skipped.Select(package => new SkippedPackageBody(package.Package.ToString(), package.Reason))], next);
}

public sealed class CollectGarbage(Collector collector, PlanRunner runner) : IOperation
{
    private const int DefaultSeconds = 30;
    private const int MaxSeconds = 600;

    public static OperationDescription Description { get; } = new(
        "POST", "/retention/collections", "collect_garbage", "Deletes what may be deleted and nothing keeps", StoreAction.Administer, Words.Store)
    {
        Details = "The store does so by itself too. A run ends when nothing is left to do, or after `seconds`: then `more` is true, and the "
            + "next one goes on where it stopped. `held` are packages that a hold keeps, `failed` locations whose backend did not "
            + "acknowledge the deletion: they stay condemned, and the next run tries again. With `plan` it deletes what that plan lists and "
            + $"nothing else; `skipped` names what has changed since, at most {PlanRunner.MaxSkipped} in one answer. While `more` is true, ask "
            + "again with `after` = `next`.",
        Parameters =
        [
            new("seconds", ParameterPlace.Query, $"How long this run may take, 1 to {MaxSeconds}; {DefaultSeconds} if absent", Type: "integer"),
            new("plan", ParameterPlace.Query, "Id of the plan to run; absent: everything that may be deleted"),
            new("after", ParameterPlace.Query, "next of the answer before, for the same plan; absent begins"),
        ],
        Answers = [new(200, "What was done", new OperationBody(Answer.Json, NativeJson.Default.CollectionBody))],
        Refusals =
        [
            ErrorCatalogue.PlanUnknown, ErrorCatalogue.PlanExpired, ErrorCatalogue.PlanAlreadyRun, ErrorCatalogue.CursorInvalid,
            ErrorCatalogue.DatabaseUnavailable, ErrorCatalogue.RequestMalformed,
        ],
    };

    public async Task<Error?> Handle(HttpContext http, Principal caller)
    {
        var query = new QueryFields(http.Request.Query);
        var atMost = TimeSpan.FromSeconds(query.Number("seconds", 1, MaxSeconds, DefaultSeconds));
        var (plan, after) = (query.Text("plan"), query.Text("after"));
        if (plan is null && (http.Request.Query.ContainsKey("plan") || after is not null)) query.Refuse("'plan' must name a plan");
        if (query.Fault() is { } fault) return fault;
        if (plan is null)
            return await http.WriteJson(CollectionBody.Of(await collector.Run(atMost, http.RequestAborted)), NativeJson.Default.CollectionBody);
        if (!PlanWords.TryPlanId(plan, out var id, out var unknown)) return unknown;
        return await Run(http, caller, id, after, atMost);
    }

    private async Task<Error?> Run(HttpContext http, Principal caller, PlanId plan, string? after, TimeSpan atMost)
    {
        var question = Cursor.Question("plan-run", plan.ToString());
        var key = 0L;
        if (after is not null && !Cursor.TryDecodeNumber(question, after, out key))
            return ErrorCatalogue.CursorInvalid.With("'after' is not next of a run of this plan");
        var run = await runner.Run(caller, plan, key, atMost, http.RequestAborted);
        if (!run.Succeeded) return run.Error;
        var next = run.Value.Collection.More ? Cursor.Encode(question, run.Value.Next) : null;
        return await http.WriteJson(
            CollectionBody.Of(run.Value.Collection, plan.ToString(), run.Value.Skipped, next), NativeJson.Default.CollectionBody);
    }
}
