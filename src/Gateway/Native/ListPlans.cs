using ArtifactStore.Gateway.Shared.Http;
using ArtifactStore.Interfaces.Access;
using ArtifactStore.Interfaces.Collection;
using ArtifactStore.Interfaces.Errors;
using Microsoft.AspNetCore.Http;

namespace ArtifactStore.Gateway.Native;

public sealed class ListPlans(IPlanViews plans) : IOperation
{
    public static OperationDescription Description { get; } = new(
        "GET", "/retention/plans", "list_plans", "Lists plans, newest first", StoreAction.Read, PlanWords.Plan)
    {
        Parameters = [Words.Limit, Words.CursorParameter],
        Answers = [new(200, "A page", new OperationBody(Answer.Json, NativeJson.Default.PlanPage))],
        Refusals = [ErrorCatalogue.RequestMalformed, ErrorCatalogue.CursorInvalid],
    };

    public async Task<Error?> Handle(HttpContext http, Principal caller)
    {
        var query = new QueryFields(http.Request.Query);
        var limit = query.Number("limit", 1, Words.MaxPage, Words.DefaultPage);
        var cursor = query.Text("cursor");
        if (query.Fault() is { } fault) return fault;
        var question = Cursor.Question("plans", []);
        if (!PlanWords.TryKey(question, cursor, out var before, out var invalid)) return invalid;
        var found = await plans.Plans(caller.Tenant, before, limit + 1, http.RequestAborted);
        var items = found.Take(limit).ToList();
        var next = found.Count > limit ? PlanWords.CursorAt(question, items[^1].Key) : null;
        return await http.WriteJson(new PlanPage([.. items.Select(PlanBody.Of)], next), NativeJson.Default.PlanPage);
    }
}
