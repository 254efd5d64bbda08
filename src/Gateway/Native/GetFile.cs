using ArtifactStore.Gateway.Shared.Http;
using ArtifactStore.Interfaces.Access;
using ArtifactStore.Interfaces.Errors;
using ArtifactStore.Interfaces.Views;
using Microsoft.AspNetCore.Http;

namespace ArtifactStore.Gateway.Native;

public sealed class GetFile(IViews views) : IOperation
{
    public static OperationDescription Description { get; } = new(
        "GET", "/files/{id}", "get_file", "Shows one file", StoreAction.Read, Words.File)
    {
        Parameters = [Words.FileIdParameter],
        Answers = [new(200, "The file", new OperationBody(Answer.Json, NativeJson.Default.FileBody))],
        Refusals = [ErrorCatalogue.FileUnknown],
    };

    public async Task<Error?> Handle(HttpContext http, Principal caller)
    {
        if (!Words.TryFileId(http, out var id, out var error)) return error;
        var file = await views.File(caller.Tenant, id, http.RequestAborted);
        return file is null
            ? ErrorCatalogue.FileUnknown.With($"there is no file {id}")
            : await http.WriteJson(FileBody.Of(file), NativeJson.Default.FileBody);
    }
}
