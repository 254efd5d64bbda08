using ArtifactStore.Gateway.Shared.Http;
using ArtifactStore.Interfaces.Access;
using ArtifactStore.Interfaces.Collection;
using ArtifactStore.Interfaces.Errors;
using Microsoft.AspNetCore.Http;

namespace ArtifactStore.Gateway.Native;

public sealed class GetPlan(IPlanViews plans) : IOperation
{
    public static OperationDescription Description { get; } = new(
        "GET", "/retention/plans/{id}", "get_plan", "Shows a plan and what became of it", StoreAction.Read, PlanWords.Plan)
    {
        Details = "`status` is made, running or ended. `started` and `skipped` are of its run, once that has ended.",
        Parameters = [PlanWords.IdParameter],
        Answers = [new(200, "The plan", new OperationBody(Answer.Json, NativeJson.Default.PlanBody))],
        Refusals = [ErrorCatalogue.PlanUnknown],
    };

    public async Task<Error?> Handle(HttpContext http, Principal caller)
    {
        if (!PlanWords.TryPlanId(http, out var id, out var unknown)) return unknown;
        return await plans.Plan(caller.Tenant, id, http.RequestAborted) is { } plan
            ? await http.WriteJson(PlanBody.Of(plan), NativeJson.Default.PlanBody)
            : ErrorCatalogue.PlanUnknown.With($"there is no plan {id}");
    }
}
