using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using ArtifactStore.Gateway.Shared;
using ArtifactStore.Gateway.Shared.Http;
using ArtifactStore.Interfaces.Errors;
using ArtifactStore.Interfaces.Ids;
using ArtifactStore.Interfaces.Retention;
using Microsoft.AspNetCore.Http;

namespace ArtifactStore.Gateway.Native;

/// <summary>What the routes of retention have in common.</summary>
internal static class RetentionWords
{
    public const string Hold = "hold";

    public static readonly OperationParameter HoldIdParameter = new("hold_id", ParameterPlace.Path, "Id of the hold", Required: true);
    public static readonly OperationParameter Reason = new("reason", ParameterPlace.Query, "Why; it stands in the log", Required: true);

    public static bool TryHoldId(HttpContext http, out HoldId id, [NotNullWhen(false)] out Error? error)
    {
        var text = http.GetRouteValueText("hold_id");
        error = HoldId.TryParse(text, null, out id) ? null : ErrorCatalogue.HoldUnknown.With($"there is no hold '{text}'");
        return error is null;
    }

    /// <summary>The fields of a hold except for what it covers.</summary>
    public static Outcome<NewHold> Parse(ref JsonFields fields, HoldCover cover)
    {
        var (reason, owner) = (fields.RequiredText("reason"), fields.OptionalText("owner"));
        var (until, id) = (fields.OptionalText("until"), fields.OptionalText("hold_id"));
        if (fields.Fault() is { } fault) return fault;
        DateTimeOffset? end = null;
        if (until is not null)
        {
            if (!TryTime(until, out var time)) return NoTime("until");
            end = time;
        }
        HoldId? given = null;
        if (id is not null)
        {
            if (!HoldId.TryParse(id, null, out var parsed)) return ErrorCatalogue.RequestMalformed.With("'hold_id' must be a UUID with hyphens");
            given = parsed;
        }
        return new NewHold(cover, reason, owner, end, given);
    }

    public static Error NoTime(string field) =>
        ErrorCatalogue.RequestMalformed.With($"'{field}' must be a time with its offset, such as 2030-01-31T12:00:00Z");

    /// <summary>RFC 3339. A time without an offset is nobody's time.</summary>
    public static bool TryTime(string text, out DateTimeOffset time) => DateTimeOffset.TryParseExact(
        text, ["yyyy-MM-dd'T'HH:mm:ssK", "yyyy-MM-dd'T'HH:mm:ss.FFFFFFFK"], CultureInfo.InvariantCulture, DateTimeStyles.AdjustToUniversal, out time)
        && (text.EndsWith('Z') || text.Length > 6 && text[^6] is '+' or '-' && text[^3] == ':');

    private static string? GetRouteValueText(this HttpContext http, string name) => http.Request.RouteValues[name] as string;
}
