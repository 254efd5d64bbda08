using ArtifactStore.Gateway.Shared;
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
        Parameters = [Words.PackageIdParameter, PageRequest.LimitParameter, PageRequest.CursorParameter],
        Answers = [new(200, "A page", new OperationBody(Answer.Json, NativeJson.Default.RetentionHistoryPage))],
        Refusals = [ErrorCatalogue.PackageUnknown, ErrorCatalogue.RequestMalformed, ErrorCatalogue.CursorInvalid],
    };

    public async Task<Error?> Handle(HttpContext http, Principal caller)
    {
        if (!Words.TryPackageId(http, out var id, out var error)) return error;
        var query = new QueryFields(http.Request.Query);
        var asked = PageRequest.ByNumber(query, Cursor.Question("retention-history", [id.ToString()]));
        if (!asked.Succeeded) return asked.Error;
        var page = asked.Value;
        var package = await views.RequirePackage(caller.Tenant, id, http.RequestAborted);
        if (!package.Succeeded) return package.Error;
        var records = await views.RetentionHistory(caller.Tenant, id, page.After ?? 0, page.Rows, http.RequestAborted);
        var items = records.Take(page.Limit).Select(EventBody.Of);
        return await http.WriteJson(
            new RetentionHistoryPage([.. items], page.Next(records, record => record.StreamVersion)), NativeJson.Default.RetentionHistoryPage);
    }
}
