using ArtifactStore.Gateway.Shared.Http;
using ArtifactStore.Interfaces.Access;
using ArtifactStore.Interfaces.Errors;
using ArtifactStore.Interfaces.Views;
using Microsoft.AspNetCore.Http;

namespace ArtifactStore.Gateway.Native;

public sealed record SchemaPage(IReadOnlyList<SchemaBody> Items, string? NextCursor);

public sealed class ListMetadataSchemas(IViews views) : IOperation
{
    private const string Question = "metadata-schemas";

    public static OperationDescription Description { get; } = new(
        "GET", "/metadata-schemas", "list_metadata_schemas", "Lists the schemas, by slug", StoreAction.Read, Words.Schema)
    {
        Parameters = [Words.Limit, Words.CursorParameter],
        Answers = [new(200, "A page", new OperationBody(Answer.Json, NativeJson.Default.SchemaPage))],
        Refusals = [ErrorCatalogue.RequestMalformed, ErrorCatalogue.CursorInvalid],
    };

    public async Task<Error?> Handle(HttpContext http, Principal caller)
    {
        var query = new QueryFields(http.Request.Query);
        var limit = query.Number("limit", 1, Words.MaxPage, Words.DefaultPage);
        var cursor = query.Text("cursor");
        if (query.Fault() is { } fault) return fault;
        string? after = null;
        if (cursor is not null)
        {
            if (!Cursor.TryDecode(Question, cursor, out var position))
                return ErrorCatalogue.CursorInvalid.With("the cursor does not belong to this list");
            after = position;
        }
        var schemas = await views.MetadataSchemas(caller.Tenant, after, limit + 1, http.RequestAborted);
        var items = schemas.Take(limit).Select(SchemaBody.Of).ToList();
        var more = items.Count > 0 && PageLimit.MayContinue(schemas, limit + 1, schema => schema.Schema.Cbor.Length);
        var next = more ? Cursor.Encode(Question, schemas[items.Count - 1].Slug) : null;
        return await http.WriteJson(new SchemaPage(items, next), NativeJson.Default.SchemaPage);
    }
}
