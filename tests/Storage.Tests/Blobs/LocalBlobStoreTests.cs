using ArtifactStore.Conformance.Blobs;
using ArtifactStore.Interfaces.Blobs;
using ArtifactStore.Interfaces.Ids;
using ArtifactStore.Storage.Blobs.Local;

namespace ArtifactStore.Storage.Tests.Blobs;

public class LocalBlobStoreTests : BlobStoreSuite
{
    private protected readonly TemporaryRoot temporary = new();

    protected override IBlobStore OpenStore() => new LocalBlobStore(BackendId.Local, temporary.Root);

    protected override Task<int> LeftInStaging() =>
        Task.FromResult(Directory.EnumerateFileSystemEntries($"{temporary.Root}/staging").Count());

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
    protected override IBlobStore OpenStore() => new LocalBlobStore(BackendId.Local, temporary.Root, allowUnnamedFiles: false);
}
