using ArtifactStore.Gateway.Shared;
using ArtifactStore.Gateway.Shared.Http;
using ArtifactStore.Interfaces.Access;
using ArtifactStore.Interfaces.Errors;
using ArtifactStore.Interfaces.Ids;
using Microsoft.AspNetCore.Http;

namespace ArtifactStore.Gateway.Native;

public sealed class GetManifestJson(PackageManifests manifests) : IOperation
{
    public static OperationDescription Description { get; } = new(
        "GET", "/packages/{id}/manifest.json", "get_manifest_json", "Reads the manifest as JSON (RFC 8785)",
        StoreAction.Read, Words.Package)
    {
        Details = "The same document as the CBOR one: the same keys and values, byte-stable, made while it is sent.",
        Parameters = [Words.PackageIdParameter],
        Answers = [new(200, "The manifest", new OperationBody(Answer.Json))],
        Refusals = [ErrorCatalogue.PackageUnknown, ErrorCatalogue.ManifestNotReady, ErrorCatalogue.PackageGone, ErrorCatalogue.BytesMissing],
    };

    public async Task<Error?> Handle(HttpContext http, Principal caller)
    {
        if (!Words.TryPackageId(http, out var id, out var error)) return error;
        var manifest = await manifests.Find(caller.Scope, id, http.RequestAborted);
        if (!manifest.Succeeded) return manifest.Error;
        http.Response.ContentType = Answer.Json;
        http.Response.Headers[DigestHeaders.ContentAddressHeader] = ContentAddress.Blake3(manifest.Value.Digests.Blake3).ToString();
        return await manifests.Project(caller.Scope, manifest.Value, http.Response.BodyWriter, http.RequestAborted);
    }
}
