using ArtifactStore.Gateway.Shared.Collection;
using ArtifactStore.Gateway.Shared.Http;
using ArtifactStore.Interfaces.Access;
using ArtifactStore.Interfaces.Errors;
using Microsoft.AspNetCore.Http;

namespace ArtifactStore.Gateway.Native;

public sealed class MakePlan(Planner planner) : IOperation
{
    public static OperationDescription Description { get; } = new(
        "POST", "/retention/plans", "make_plan", "Writes down what would be deleted, and changes nothing", StoreAction.Administer, PlanWords.Plan)
    {
        Details = "It lists the packages that are eligible for deletion and that no hold keeps, each with its version. `freed_bytes` is what "
            + "would come back: bytes that something outside the plan keeps as well do not count. Until `valid_until` it may be run, once, with "
            + "`POST /retention/collections?plan=`; what has changed since is then skipped.",
        Answers = [new(201, "The plan", new OperationBody(Answer.Json, NativeJson.Default.PlanBody))],
        Refusals = [ErrorCatalogue.DatabaseUnavailable],
    };

    public async Task<Error?> Handle(HttpContext http, Principal caller)
    {
        var plan = await planner.Make(caller, http.RequestAborted);
        return plan.Succeeded
            ? await http.WriteJson(PlanBody.Of(plan.Value), NativeJson.Default.PlanBody, StatusCodes.Status201Created)
            : plan.Error;
    }
}
