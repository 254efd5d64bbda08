using ArtifactStore.Gateway.Shared;
using ArtifactStore.Gateway.Shared.Http;
using ArtifactStore.Interfaces.Access;
using ArtifactStore.Interfaces.Errors;
using ArtifactStore.Interfaces.Ids;
using ArtifactStore.Interfaces.Views;
using Microsoft.AspNetCore.Http;

namespace ArtifactStore.Gateway.Native;

public sealed record FilePage(IReadOnlyList<FileBody> Items, string? NextCursor);

public sealed class ListFiles(IViews views) : IOperation
{
    public static OperationDescription Description { get; } = new(
        "GET", "/packages/{id}/files", "list_files", "Lists the files of a package, in byte order of their paths",
        StoreAction.Read, Words.Package)
    {
        Parameters = [Words.PackageIdParameter, PageRequest.LimitParameter, PageRequest.CursorParameter],
        Answers = [new(200, "A page", new OperationBody(Answer.Json, NativeJson.Default.FilePage))],
        Refusals = [ErrorCatalogue.PackageUnknown, ErrorCatalogue.RequestMalformed, ErrorCatalogue.CursorInvalid],
    };

    public async Task<Error?> Handle(HttpContext http, Principal caller)
    {
        if (!Words.TryPackageId(http, out var id, out var error)) return error;
        var query = new QueryFields(http.Request.Query);
        var asked = PageRequest.Read<RelativePath?>(
            query, Cursor.Question("files", id.ToString()), (string text, out RelativePath? path) => RelativePath.TryCreate(text, out path) is null);
        if (!asked.Succeeded) return asked.Error;
        var page = asked.Value;
        var package = await views.RequirePackage(caller.Tenant, id, http.RequestAborted);
        if (!package.Succeeded) return package.Error;
        var files = await views.Files(caller.Tenant, id, page.After, page.Rows, http.RequestAborted);
        var items = files.Take(page.Limit).Select(FileBody.Of);
        return await http.WriteJson(new FilePage([.. items], page.Next(files, file => file.Path)), NativeJson.Default.FilePage);
    }
}
