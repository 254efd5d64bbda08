using ArtifactStore.Gateway.Shared.Http;
using ArtifactStore.Interfaces.Access;
using ArtifactStore.Interfaces.Errors;
using ArtifactStore.Interfaces.Views;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace ArtifactStore.Gateway.Native;

public sealed class GetMetadataSchema(IViews views) : IOperation
{
    public static OperationDescription Description { get; } = new(
        "GET", "/metadata-schemas/{slug}", "get_metadata_schema", "Shows one schema", StoreAction.Read, Words.Schema)
    {
        Parameters = [new("slug", ParameterPlace.Path, "Slug of the schema", Required: true)],
        Answers = [new(200, "The schema", new OperationBody(Answer.Json, NativeJson.Default.SchemaBody))],
        Refusals = [ErrorCatalogue.SchemaUnknown],
    };

    public async Task<Error?> Handle(HttpContext http, Principal caller)
    {
        var slug = (string)http.GetRouteValue("slug")!;
        var schema = await views.MetadataSchema(caller.Tenant, slug, http.RequestAborted);
        return schema is null
            ? ErrorCatalogue.SchemaUnknown.With($"there is no metadata schema '{slug}'")
            : await http.WriteJson(SchemaBody.Of(schema), NativeJson.Default.SchemaBody);
    }
}
