using ArtifactStore.Gateway.Shared.Http;
using ArtifactStore.Interfaces.Access;
using ArtifactStore.Interfaces.Errors;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace ArtifactStore.Gateway.Native;

public sealed class GetOpenApi(EndpointDataSource endpoints) : IOperation
{
    private readonly Lazy<byte[]> _document = new(() => OpenApiDocument.Write(Descriptions(endpoints), GetBanner.Version));

    public static OperationDescription Description { get; } = new(
        "GET", "/openapi.json", "get_openapi", "This description", Needs: null, Words.Store)
    {
        Answers = [new(200, "OpenAPI 3.1", new OperationBody(Answer.Json))],
    };

    public async Task<Error?> Handle(HttpContext http, Principal caller)
    {
        await http.WriteBytes(_document.Value, Answer.Json);
        return null;
    }

    private static IEnumerable<OperationDescription> Descriptions(EndpointDataSource endpoints) =>
        endpoints.Endpoints.Select(endpoint => endpoint.Metadata.GetMetadata<OperationDescription>()).OfType<OperationDescription>();
}
