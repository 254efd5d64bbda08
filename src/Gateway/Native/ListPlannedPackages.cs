using ArtifactStore.Gateway.Shared.Http;
using ArtifactStore.Interfaces.Access;
using ArtifactStore.Interfaces.Collection;
using ArtifactStore.Interfaces.Errors;
using Microsoft.AspNetCore.Http;

namespace ArtifactStore.Gateway.Native;

public sealed class ListPlannedPackages(IPlanViews plans) : IOperation
{
    public static OperationDescription Description { get; } = new(
        "GET", "/retention/plans/{id}/packages", "list_planned_packages", "Lists the packages of a plan, as it saw them", StoreAction.Read,
        PlanWords.Plan)
    {
        Details = "In the order in which the packages were created.",
        Parameters = [PlanWords.IdParameter, PageRequest.LimitParameter, PageRequest.CursorParameter],
        Answers = [new(200, "A page", new OperationBody(Answer.Json, NativeJson.Default.PlannedPackagePage))],
        Refusals = [ErrorCatalogue.PlanUnknown, ErrorCatalogue.RequestMalformed, ErrorCatalogue.CursorInvalid],
    };

    public async Task<Error?> Handle(HttpContext http, Principal caller)
    {
        if (!PlanWords.TryPlanId(http, out var id, out var unknown)) return unknown;
        var query = new QueryFields(http.Request.Query);
        var asked = PageRequest.ByNumber(query, Cursor.Question("planned-packages", id.ToString()));
        if (!asked.Succeeded) return asked.Error;
        var page = asked.Value;
        if (await plans.Plan(caller.Tenant, id, http.RequestAborted) is null) return ErrorCatalogue.PlanUnknown.With($"there is no plan {id}");
        var found = await plans.Items(caller.Tenant, id, page.After ?? 0, page.Rows, http.RequestAborted);
        var items = found.Take(page.Limit).Select(PlannedPackageBody.Of);
        return await http.WriteJson(
            new PlannedPackagePage([.. items], page.Next(found, item => item.Key)), NativeJson.Default.PlannedPackagePage);
    }
}
