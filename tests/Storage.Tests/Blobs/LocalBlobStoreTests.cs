using ArtifactStore.Conformance.Blobs;
using ArtifactStore.Interfaces.Blobs;
using ArtifactStore.Interfaces.Ids;
using ArtifactStore.Storage.Blobs.Local;

namespace ArtifactStore.Storage.Tests.Blobs;

public class LocalBlobStoreTests : BlobStoreSuite
{
    private protected readonly TemporaryRoot temporary = new();

    internal static readonly NodeId Here = new(new Guid("0198c0de-0000-7000-8000-00000000000a"));

    protected override IBlobStore OpenStore(NodeId node) => new LocalBlobStore(BackendId.Local, temporary.Root, node);

    protected override Task<int> LeftInStaging() =>
        Task.FromResult(Directory.EnumerateFiles($"{temporary.Root}/staging", "*", SearchOption.AllDirectories).Count());

    public override ValueTask DisposeAsync()
    {
        temporary.Dispose();
        GC.SuppressFinalize(this);
        return ValueTask.CompletedTask;
    }
}

/// <summary>File systems without nameless files (NFS, older overlays) take the other way into a key; it keeps the same page.</summary>
public sealed class LocalBlobStoreWithoutUnnamedFilesTests : LocalBlobStoreTests
{
    protected override IBlobStore OpenStore(NodeId node) =>
        new LocalBlobStore(BackendId.Local, temporary.Root, node, allowUnnamedFiles: false);
}
