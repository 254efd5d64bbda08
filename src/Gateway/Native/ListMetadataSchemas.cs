using ArtifactStore.Gateway.Shared.Http;
using ArtifactStore.Interfaces.Access;
using ArtifactStore.Interfaces.Errors;
using ArtifactStore.Interfaces.Views;
using Microsoft.AspNetCore.Http;

namespace ArtifactStore.Gateway.Native;

public sealed record SchemaPage(IReadOnlyList<SchemaBody> Items, string? NextCursor);

public sealed class ListMetadataSchemas(IViews views) : IOperation
{
    public static OperationDescription Description { get; } = new(
        "GET", "/metadata-schemas", "list_metadata_schemas", "Lists the schemas, by slug", StoreAction.Read, Words.Schema)
    {
        Parameters = [PageRequest.LimitParameter, PageRequest.CursorParameter],
        Answers = [new(200, "A page", new OperationBody(Answer.Json, NativeJson.Default.SchemaPage))],
        Refusals = [ErrorCatalogue.RequestMalformed, ErrorCatalogue.CursorInvalid],
    };

    public async Task<Error?> Handle(HttpContext http, Principal caller)
    {
        var query = new QueryFields(http.Request.Query);
        var asked = PageRequest.Read<string?>(query, Cursor.Question("metadata-schemas"), Slug);
        if (!asked.Succeeded) return asked.Error;
        var page = asked.Value;
        var schemas = await views.MetadataSchemas(caller.Tenant, page.After, page.Rows, http.RequestAborted);
        var items = schemas.Take(page.Limit).Select(SchemaBody.Of);
        var next = page.Next(schemas, schema => schema.Slug, schema => schema.Schema.Cbor.Length);
        return await http.WriteJson(new SchemaPage([.. items], next), NativeJson.Default.SchemaPage);
    }

    private static bool Slug(string text, out string? slug)
    {
        slug = text;
        return true;
    }
}
