using ArtifactStore.Gateway.Shared;
using ArtifactStore.Gateway.Shared.Http;
using ArtifactStore.Interfaces.Access;
using ArtifactStore.Interfaces.Blobs;
using ArtifactStore.Interfaces.Errors;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace ArtifactStore.Gateway.Native;

/// <summary>
/// One page of <c>artifactstore storage verify</c>. The caller asks for the next one: so it can stop between two, and go on another day.
/// </summary>
public sealed class VerifyLocations(LocationVerifier verifier, IBlobStores stores) : IOperation
{
    public static OperationDescription Description { get; } = new(
        "POST", "/storage/{id}/verifications", "verify_locations", "Reads a page of a backend's objects again and compares both digests",
        StoreAction.Administer, Words.Store)
    {
        Details = "What is missing or wrong becomes failed, and is replaced where another backend has a good copy. Ask again with `after` = "
            + "`next` until `next` is null.",
        Parameters =
        [
            new("id", ParameterPlace.Path, "Id of the backend", Required: true),
            LocationPages.After, LocationPages.Jobs,
        ],
        Answers = [new(200, "What was found", new OperationBody(Answer.Json, NativeJson.Default.VerificationPage))],
        Refusals = [ErrorCatalogue.BackendUnknown, ErrorCatalogue.RequestMalformed],
    };

    public async Task<Error?> Handle(HttpContext http, Principal caller)
    {
        var query = new QueryFields(http.Request.Query);
        var (after, jobs) = LocationPages.Of(query);
        if (query.Fault() is { } fault) return fault;
        var id = http.GetRouteValue("id") as string;
        if (stores.All.FirstOrDefault(store => store.Id.Value == id) is not { } backend)
            return ErrorCatalogue.BackendUnknown.With($"there is no storage backend '{id}'");
        try
        {
            var page = await verifier.Page(backend.Id, after, jobs, http.RequestAborted);
            return await http.WriteJson(page, NativeJson.Default.VerificationPage);
        }
        catch (BlobStoreException away) when (away.Failure == BlobFailure.Unavailable)
        {
            // Whoever may administer the store is told what /health tells them: which setting to look at.
            return ErrorCatalogue.StorageUnavailable.With(away.Message);
        }
    }
}
