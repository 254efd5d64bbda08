using System.Globalization;
using ArtifactStore.Gateway.Shared.Collection;
using ArtifactStore.Gateway.Shared.Http;
using ArtifactStore.Interfaces.Access;
using ArtifactStore.Interfaces.Collection;
using ArtifactStore.Interfaces.Errors;
using ArtifactStore.Interfaces.Ids;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace ArtifactStore.Gateway.Native;

public sealed class Explain(Explainer explainer) : IOperation
{
    private const int DefaultKeepers = 100;

    public static OperationDescription Description { get; } = new(
        "GET", "/explain/{address}", "explain", "Says what keeps a package, a file or a content, and when it goes", StoreAction.Read, Words.Store)
    {
        Details = "`nothing_keeps_it` is true exactly when the next collection removes it: the collector asks the same. `steps` are what would have "
            + "to happen first, times are not before. Something that is gone is explained too: `departure` says when its package went, by "
            + "which plan, under which rule. The references to a content come in pages; of the holds on a package the first hundred are shown.",
        Parameters =
        [
            new("address", ParameterPlace.Path, "blake3:<64 hex>, sha256:<64 hex>, or the id of a package or a file", Required: true),
            PageRequest.LimitParameter, PageRequest.CursorParameter,
        ],
        Answers = [new(200, "Why it is here, or how it went", new OperationBody(Answer.Json, NativeJson.Default.ExplanationBody))],
        Refusals =
        [
            ErrorCatalogue.AddressInvalid, ErrorCatalogue.ContentUnknown, ErrorCatalogue.CursorInvalid, ErrorCatalogue.PackageUnknown,
            ErrorCatalogue.RequestMalformed,
        ],
    };

    public async Task<Error?> Handle(HttpContext http, Principal caller)
    {
        var subject = http.GetRouteValue("address") as string ?? "";
        var query = new QueryFields(http.Request.Query);
        var asked = PageRequest.Read<ReferencePosition?>(query, Cursor.Question("explain", [subject]), TryParse);
        if (!asked.Succeeded) return asked.Error;
        var page = asked.Value;
        Outcome<Explanation> answer;
        if (Guid.TryParseExact(subject, "D", out var id)) answer = await explainer.Explain(caller.Tenant, id, http.RequestAborted);
        else if (ContentAddress.TryParse(subject, out var address))
            answer = await explainer.Explain(caller.Tenant, address, page.After, page.Limit, http.RequestAborted);
        else return ErrorCatalogue.AddressInvalid.With($"'{subject}' is neither a content address nor the id of a package or a file");
        if (!answer.Succeeded) return answer.Error;
        var next = answer.Value.Next is { } place ? Cursor.Encode(page.Question, Text(place)) : null;
        return await http.WriteJson(ExplanationBody.Of(answer.Value, next), NativeJson.Default.ExplanationBody);
    }

    /// <summary>The name of the backend is last, so that nothing in it ends a field.</summary>
    private static string Text(ReferencePosition place) =>
        string.Create(CultureInfo.InvariantCulture, $"{place.Edge}:{place.FromKind}:{place.FromKey}:{place.Backend}");

    private static bool TryParse(string text, out ReferencePosition? place)
    {
        place = text.Split(':', 4) is [var edge, var kind, var key, var backend]
            && long.TryParse(edge, CultureInfo.InvariantCulture, out var edgeKind)
            && long.TryParse(kind, CultureInfo.InvariantCulture, out var fromKind)
            && long.TryParse(key, CultureInfo.InvariantCulture, out var fromKey)
                ? new(backend, edgeKind, fromKind, fromKey)
                : null;
        return place is not null;
    }
}
