using ArtifactStore.Gateway.Shared;
using ArtifactStore.Gateway.Shared.Http;
using ArtifactStore.Interfaces.Access;
using ArtifactStore.Interfaces.Errors;
using Microsoft.AspNetCore.Http;

namespace ArtifactStore.Gateway.Native;

public sealed class GetManifest(PackageManifests manifests, ContentDownload download) : IOperation
{
    private static readonly Presentation Cbor = new(Answer.Cbor, FileName: null);

    public static OperationDescription Description { get; } = new(
        "GET", "/packages/{id}/manifest", "get_manifest", "Reads the manifest: the bytes whose BLAKE3 is the package's digest",
        StoreAction.Read, Words.Package)
    {
        AlsoHead = true,
        Parameters = [Words.PackageIdParameter, .. Words.DownloadHeaders],
        Answers = [new(200, "Canonical CBOR (docs/formats/manifest.md)", new OperationBody(Answer.Cbor))],
        Refusals = [ErrorCatalogue.PackageUnknown, ErrorCatalogue.ManifestNotReady, ErrorCatalogue.PackageGone, ErrorCatalogue.BytesMissing],
    };

    public async Task<Error?> Handle(HttpContext http, Principal caller)
    {
        if (!Words.TryPackageId(http, out var id, out var error)) return error;
        var manifest = await manifests.Find(caller.Scope, id, http.RequestAborted);
        return manifest.Succeeded ? await download.Serve(http, caller.Scope, manifest.Value, Cbor) : manifest.Error;
    }
}
