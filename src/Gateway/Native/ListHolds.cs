using ArtifactStore.Gateway.Shared.Http;
using ArtifactStore.Interfaces.Access;
using ArtifactStore.Interfaces.Errors;
using ArtifactStore.Interfaces.Views;
using Microsoft.AspNetCore.Http;

namespace ArtifactStore.Gateway.Native;

public sealed class ListHolds(IViews views) : IOperation
{
    public static OperationDescription Description { get; } = new(
        "GET", "/holds", "list_holds", "Lists every hold that stands, oldest first", StoreAction.Read, RetentionWords.Hold)
    {
        Details = "Those on single packages too.",
        Parameters = [PageRequest.LimitParameter, PageRequest.CursorParameter],
        Answers = [new(200, "A page", new OperationBody(Answer.Json, NativeJson.Default.HoldPage))],
        Refusals = [ErrorCatalogue.RequestMalformed, ErrorCatalogue.CursorInvalid],
    };

    public async Task<Error?> Handle(HttpContext http, Principal caller)
    {
        var query = new QueryFields(http.Request.Query);
        var asked = PageRequest.ByNumber(query, Cursor.Question("holds"));
        if (!asked.Succeeded) return asked.Error;
        var page = asked.Value;
        var holds = await views.Holds(caller.Tenant, page.After ?? 0, page.Rows, http.RequestAborted);
        var items = holds.Take(page.Limit).Select(HoldBody.Of);
        return await http.WriteJson(new HoldPage([.. items], page.Next(holds, hold => hold.Key)), NativeJson.Default.HoldPage);
    }
}
