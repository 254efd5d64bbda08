using System.Globalization;
using ArtifactStore.Gateway.Shared.Http;
using ArtifactStore.Interfaces.Access;
using ArtifactStore.Interfaces.Errors;
using ArtifactStore.Interfaces.Views;
using Microsoft.AspNetCore.Http;

namespace ArtifactStore.Gateway.Native;

public sealed record RetentionHistoryPage(IReadOnlyList<EventBody> Items, string? NextCursor);

public sealed class GetRetentionHistory(IViews views) : IOperation
{
    public static OperationDescription Description { get; } = new(
        "GET", "/packages/{id}/retention/history", "get_retention_history", "Lists the events of a package's retention",
        StoreAction.Read, Words.Package)
    {
        Details = "In the order of the log. Holds on more than this package stand in streams of their own.",
        Parameters = [Words.PackageIdParameter, Words.Limit, Words.CursorParameter],
        Answers = [new(200, "A page", new OperationBody(Answer.Json, NativeJson.Default.RetentionHistoryPage))],
        Refusals = [ErrorCatalogue.PackageUnknown, ErrorCatalogue.RequestMalformed, ErrorCatalogue.CursorInvalid],
    };

    public async Task<Error?> Handle(HttpContext http, Principal caller)
    {
        if (!Words.TryPackageId(http, out var id, out var error)) return error;
        var query = new QueryFields(http.Request.Query);
        var limit = query.Number("limit", 1, Words.MaxPage, Words.DefaultPage);
        var cursor = query.Text("cursor");
        if (query.Fault() is { } fault) return fault;
        var question = Cursor.Question("retention-history", [id.ToString()]);
        var after = 0L;
        if (cursor is not null
            && (!Cursor.TryDecode(question, cursor, out var position) || !long.TryParse(position, CultureInfo.InvariantCulture, out after)))
            return ErrorCatalogue.CursorInvalid.With("the cursor does not belong to this list");
        if (await views.Package(caller.Tenant, id, http.RequestAborted) is null)
            return ErrorCatalogue.PackageUnknown.With($"there is no package {id}");
        var records = await views.RetentionHistory(caller.Tenant, id, after, limit + 1, http.RequestAborted);
        var items = records.Take(limit).ToList();
        var next = records.Count > limit ? Cursor.Encode(question, items[^1].StreamVersion.ToString(CultureInfo.InvariantCulture)) : null;
        return await http.WriteJson(
            new RetentionHistoryPage([.. items.Select(EventBody.Of)], next), NativeJson.Default.RetentionHistoryPage);
    }
}
