using System.IO.Pipelines;
using ArtifactStore.Interfaces.Canonical;
using ArtifactStore.Interfaces.Contents;
using ArtifactStore.Interfaces.Errors;
using ArtifactStore.Interfaces.Ids;
using ArtifactStore.Interfaces.Packages;
using ArtifactStore.Interfaces.Views;

namespace ArtifactStore.Gateway.Shared;

/// <summary>Reads manifests of finalized packages. A manifest is a content like any other; its package says which.</summary>
public sealed class PackageManifests(ContentReader reader, IViews views)
{
    public async Task<Outcome<ContentView>> Find(ReadScope scope, PackageId id, CancellationToken cancellation)
    {
        var found = await views.RequirePackage(scope.Tenant, id, cancellation);
        if (!found.Succeeded) return found.Error;
        var package = found.Value;
        if (package.Status is PackageStatus.Collecting or PackageStatus.GarbageCollected)
            return ErrorCatalogue.PackageGone.With($"the package {id} was deleted, and its manifest with it");
        return package.Manifest is { } manifest
            ? await reader.Find(scope, ContentAddress.Blake3(manifest.Blake3), cancellation)
            : ErrorCatalogue.ManifestNotReady.With($"package {id} is not finalized");
    }

    /// <summary>
    /// Writes the JSON form while reading the stored one: memory does not depend on the number of files. Null when it is written.
    /// </summary>
    public async Task<Error?> Project(ReadScope scope, ContentView manifest, PipeWriter json, CancellationToken cancellation)
    {
        // Asked once before the first byte goes out: afterwards a refusal could only be a cut connection.
        var probe = await reader.Open(scope, manifest, 0, manifest.Digests.Size, cancellation);
        if (!probe.Succeeded) return probe.Error;
        await probe.Value.DisposeAsync();
        await JcsProjection.WriteAsync(Open, manifest.Digests.Size, json, cancellation);
        return null;

        async ValueTask<Stream> Open(long offset, long length, CancellationToken cancel)
        {
            var opened = await reader.Open(scope, manifest, offset, length, cancel);
            return opened.Succeeded ? opened.Value : throw new IOException(opened.Error.Detail);
        }
    }
}
