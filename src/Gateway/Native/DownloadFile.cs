using ArtifactStore.Gateway.Shared;
using ArtifactStore.Gateway.Shared.Http;
using ArtifactStore.Interfaces.Access;
using ArtifactStore.Interfaces.Errors;
using ArtifactStore.Interfaces.Ids;
using ArtifactStore.Interfaces.Views;
using Microsoft.AspNetCore.Http;

namespace ArtifactStore.Gateway.Native;

public sealed class DownloadFile(IViews views, ContentReader reader, ContentDownload download) : IOperation
{
    public static OperationDescription Description { get; } = new(
        "GET", "/files/{id}/download", "download_file", "Reads the bytes of a file", StoreAction.Read, Words.File)
    {
        AlsoHead = true,
        Details = "The ETag is the content address. Content-Digest and Repr-Digest carry the SHA-256 (RFC 9530).",
        Parameters = [Words.FileIdParameter, .. Words.DownloadHeaders],
        Answers = Words.DownloadAnswers,
        Refusals =
        [
            ErrorCatalogue.FileUnknown, ErrorCatalogue.BytesMissing, ErrorCatalogue.PreconditionFailed, ErrorCatalogue.RangeUnsatisfiable,
        ],
    };

    public async Task<Error?> Handle(HttpContext http, Principal caller)
    {
        if (!Words.TryFileId(http, out var id, out var error)) return error;
        var file = await views.File(caller.Tenant, id, http.RequestAborted);
        if (file is null) return ErrorCatalogue.FileUnknown.With($"there is no file {id}");
        var content = await reader.Find(caller.Scope, ContentAddress.Blake3(file.Content.Blake3), http.RequestAborted);
        if (!content.Succeeded) return content.Error;
        return await download.Serve(http, caller.Scope, content.Value, new(file.MediaType.Value, NameOf(file.Path)));
    }

    private static string NameOf(RelativePath path) => path.Value[(path.Value.LastIndexOf('/') + 1)..];
}
