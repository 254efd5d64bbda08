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
        Parameters = [PageRequest.LimitParameter, PageRequest.CursorParameter],
        Answers = [new(200, "A page", new OperationBody(Answer.Json, NativeJson.Default.PlanPage))],
        Refusals = [ErrorCatalogue.RequestMalformed, ErrorCatalogue.CursorInvalid],
    };

    public async Task<Error?> Handle(HttpContext http, Principal caller)
    {
        var query = new QueryFields(http.Request.Query);
        var asked = PageRequest.ByNumber(query, Cursor.Question("plans"));
        if (!asked.Succeeded) return asked.Error;
        var page = asked.Value;
        var found = await plans.Plans(caller.Tenant, page.After, page.Rows, http.RequestAborted);
        var items = found.Take(page.Limit).Select(PlanBody.Of);
        return await http.WriteJson(new PlanPage([.. items], page.Next(found, plan => plan.Key)), NativeJson.Default.PlanPage);
    }
}
