using ArtifactStore.Gateway.Shared.Collection;
using ArtifactStore.Gateway.Shared.Http;
using ArtifactStore.Interfaces.Access;
using ArtifactStore.Interfaces.Blobs;
using ArtifactStore.Interfaces.Errors;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace ArtifactStore.Gateway.Native;

/// <summary>
/// One page of <c>artifactstore storage scan</c>. The caller asks for the next one: so it can stop between two, and go on another day.
/// </summary>
public sealed class ScanObjects(OrphanScan scan, IBlobStores stores) : IOperation
{
    private const int MaxKeyLength = 1024;

    public static OperationDescription Description { get; } = new(
        "POST", "/storage/{id}/scans", "scan_objects", "Lists a page of a backend's objects and names those that the store does not know",
        StoreAction.Administer, Words.Store)
    {
        Details = "An orphan is an object whose upload was cut off before anything could refer to it, `left_behind` one that was written after it "
            + "was deleted. They are reported, and with `delete=true` deleted. What this store never wrote is `foreign` and never touched. Ask "
            + "again with `after` = `next` until `next` is null.",
        Parameters =
        [
            new("id", ParameterPlace.Path, "Id of the backend", Required: true),
            new("after", ParameterPlace.Query, "next of the page before; absent begins"),
            new("delete", ParameterPlace.Query, "true deletes what is found; false, or absent, only reports it", Type: "boolean"),
        ],
        Answers = [new(200, "What was found", new OperationBody(Answer.Json, NativeJson.Default.ScanPage))],
        Refusals =
        [
            ErrorCatalogue.BackendUnknown, ErrorCatalogue.DatabaseUnavailable, ErrorCatalogue.RequestMalformed, ErrorCatalogue.StorageUnavailable,
        ],
    };

    public async Task<Error?> Handle(HttpContext http, Principal caller)
    {
        var query = new QueryFields(http.Request.Query);
        var after = query.Text("after");
        var delete = query.Text("delete");
        if (after is not null && (after.Length > MaxKeyLength || after.AsSpan().ContainsAnyExceptInRange('!', '~')))
            query.Refuse("'after' must be the 'next' of a page");
        if (delete is not (null or "true" or "false")) query.Refuse("'delete' must be true or false");
        if (query.Fault() is { } fault) return fault;
        var id = http.GetRouteValue("id") as string;
        if (stores.All.FirstOrDefault(store => store.Id.Value == id) is not { } backend)
            return ErrorCatalogue.BackendUnknown.With($"there is no storage backend '{id}'");
        try
        {
            var what = delete == "true" ? ScanDeletion.All : ScanDeletion.Nothing;
            return await http.WriteJson(await scan.Page(backend.Id, after, what, http.RequestAborted), NativeJson.Default.ScanPage);
        }
        catch (BlobStoreException refused) when (refused.Failure is BlobFailure.Unavailable or BlobFailure.Foreign)
        {
            // Whoever may administer the store is told what /health tells them: which setting to look at.
            return ErrorCatalogue.StorageUnavailable.With(refused.Message);
        }
    }
}
