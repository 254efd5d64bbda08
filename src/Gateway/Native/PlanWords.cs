using System.Diagnostics.CodeAnalysis;
using ArtifactStore.Gateway.Shared.Http;
using ArtifactStore.Interfaces.Errors;
using ArtifactStore.Interfaces.Ids;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace ArtifactStore.Gateway.Native;

/// <summary>What the routes of plans have in common.</summary>
internal static class PlanWords
{
    public const string Plan = "plan";

    public static readonly OperationParameter IdParameter = new("id", ParameterPlace.Path, "Id of the plan", Required: true);

    public static bool TryPlanId(HttpContext http, out PlanId id, [NotNullWhen(false)] out Error? error) =>
        TryPlanId(http.GetRouteValue("id") as string, out id, out error);

    public static bool TryPlanId(string? text, out PlanId id, [NotNullWhen(false)] out Error? error)
    {
        error = PlanId.TryParse(text, null, out id) ? null : ErrorCatalogue.PlanUnknown.With($"there is no plan '{text}'");
        return error is null;
    }
}
