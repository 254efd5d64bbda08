using System.Diagnostics.CodeAnalysis;
using System.Globalization;
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

    /// <summary>The key that a cursor of this question names. Null without a cursor.</summary>
    public static bool TryKey(string question, string? cursor, out long? key, [NotNullWhen(false)] out Error? error)
    {
        (key, error) = (null, null);
        if (cursor is null) return true;
        if (Cursor.TryDecode(question, cursor, out var position) && long.TryParse(position, CultureInfo.InvariantCulture, out var found)) key = found;
        else error = ErrorCatalogue.CursorInvalid.With("the cursor does not belong to this list");
        return error is null;
    }

    public static string CursorAt(string question, long key) => Cursor.Encode(question, key.ToString(CultureInfo.InvariantCulture));
}
