using System.Buffers;
using System.Runtime.CompilerServices;
using ArtifactStore.Interfaces.Ids;
using ArtifactStore.Interfaces.Manifests;
using ArtifactStore.Interfaces.Packages;
using ArtifactStore.Interfaces.Views;

namespace ArtifactStore.Gateway.Shared;

/// <summary>The package changed while its manifest was being read from the views: this manifest is worth nothing, build another.</summary>
internal sealed class PackageMovedException : IOException;

/// <summary>The manifest of a package as a stream, read from the views page by page while a backend stores it.</summary>
public sealed class ManifestBuilder(IViews views)
{
    private const int FilesPerPage = 1000;
    private const int FirstBufferBytes = 64 * 1024;

    public Stream Open(PackageView package, CancellationToken cancellation) => new ChunkedStream(Chunks(package, cancellation));

    private async IAsyncEnumerable<ReadOnlyMemory<byte>> Chunks(
        PackageView package, [EnumeratorCancellation] CancellationToken cancellation)
    {
        var buffer = new ArrayBufferWriter<byte>(FirstBufferBytes);
        var manifest = new ManifestWriter(buffer, package);
        var left = package.FileCount;
        RelativePath? after = null;
        while (left > 0)
        {
            var files = await views.Files(package.Tenant, package.Id, after, FilesPerPage, cancellation);
            // The array's length was written first: fewer or more files than that are another version of the package.
            if (files.Count == 0 || files.Count > left) throw new PackageMovedException();
            foreach (var file in files) manifest.File(file);
            left -= files.Count;
            after = files[^1].Path;
            yield return buffer.WrittenMemory;
            buffer.ResetWrittenCount();
        }
        manifest.Complete();
        yield return buffer.WrittenMemory;
    }
}
