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
        Parameters = [Words.PackageIdParameter, Words.Limit, Words.CursorParameter],
        Answers = [new(200, "A page", new OperationBody(Answer.Json, NativeJson.Default.FilePage))],
        Refusals = [ErrorCatalogue.PackageUnknown, ErrorCatalogue.RequestMalformed, ErrorCatalogue.CursorInvalid],
    };

    public async Task<Error?> Handle(HttpContext http, Principal caller)
    {
        if (!Words.TryPackageId(http, out var id, out var error)) return error;
        var query = new QueryFields(http.Request.Query);
        var limit = query.Number("limit", 1, Words.MaxPage, Words.DefaultPage);
        var cursor = query.Text("cursor");
        if (query.Fault() is { } fault) return fault;
        var question = Cursor.Question("files", id.ToString());
        RelativePath? after = null;
        if (cursor is not null
            && (!Cursor.TryDecode(question, cursor, out var position) || RelativePath.TryCreate(position, out after) is not null))
            return ErrorCatalogue.CursorInvalid.With("the cursor does not belong to the files of this package");

        if (await views.Package(caller.Tenant, id, http.RequestAborted) is null)
            return ErrorCatalogue.PackageUnknown.With($"there is no package {id}");
        var files = await views.Files(caller.Tenant, id, after, limit + 1, http.RequestAborted);
        var next = files.Count > limit ? Cursor.Encode(question, files[limit - 1].Path.Value) : null;
        return await http.WriteJson(new FilePage([.. files.Take(limit).Select(FileBody.Of)], next), NativeJson.Default.FilePage);
    }
}
