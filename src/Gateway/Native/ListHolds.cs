using System.Globalization;
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
        Parameters = [Words.Limit, Words.CursorParameter],
        Answers = [new(200, "A page", new OperationBody(Answer.Json, NativeJson.Default.HoldPage))],
        Refusals = [ErrorCatalogue.RequestMalformed, ErrorCatalogue.CursorInvalid],
    };

    public async Task<Error?> Handle(HttpContext http, Principal caller)
    {
        var query = new QueryFields(http.Request.Query);
        var limit = query.Number("limit", 1, Words.MaxPage, Words.DefaultPage);
        var cursor = query.Text("cursor");
        if (query.Fault() is { } fault) return fault;
        var question = Cursor.Question("holds", []);
        var after = 0L;
        if (cursor is not null
            && (!Cursor.TryDecode(question, cursor, out var position) || !long.TryParse(position, CultureInfo.InvariantCulture, out after)))
            return ErrorCatalogue.CursorInvalid.With("the cursor does not belong to this list");
        var holds = await views.Holds(caller.Tenant, after, limit + 1, http.RequestAborted);
        var items = holds.Take(limit).ToList();
        var next = holds.Count > limit ? Cursor.Encode(question, items[^1].Key.ToString(CultureInfo.InvariantCulture)) : null;
        return await http.WriteJson(new HoldPage([.. items.Select(HoldBody.Of)], next), NativeJson.Default.HoldPage);
    }
}
