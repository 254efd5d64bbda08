using ArtifactStore.Gateway.Shared;
using ArtifactStore.Gateway.Shared.Http;
using ArtifactStore.Interfaces.Access;
using ArtifactStore.Interfaces.Errors;
using ArtifactStore.Interfaces.Ids;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace ArtifactStore.Gateway.Native;

public sealed class GetContent(ContentReader reader, ContentDownload download) : IOperation
{
    private static readonly Presentation Bytes = new(MediaType.OctetStream.Value, FileName: null);

    public static OperationDescription Description { get; } = new(
        "GET", "/contents/{address}", "get_content", "Reads a content by its address", StoreAction.Read, Words.Content)
    {
        AlsoHead = true,
        Parameters = [new("address", ParameterPlace.Path, "blake3:<64 hex> or sha256:<64 hex>", Required: true), .. Words.DownloadHeaders],
        Answers = Words.DownloadAnswers,
        Refusals =
        [
            ErrorCatalogue.AddressInvalid, ErrorCatalogue.ContentUnknown, ErrorCatalogue.BytesMissing, ErrorCatalogue.PreconditionFailed,
            ErrorCatalogue.RangeUnsatisfiable,
        ],
    };

    public async Task<Error?> Handle(HttpContext http, Principal caller)
    {
        if (!ContentAddress.TryParse(http.GetRouteValue("address") as string, out var address))
            return ErrorCatalogue.AddressInvalid.With($"'{http.GetRouteValue("address")}' is not a content address");
        var content = await reader.Find(caller.Scope, address, http.RequestAborted);
        return content.Succeeded ? await download.Serve(http, caller.Scope, content.Value, Bytes) : content.Error;
    }
}
