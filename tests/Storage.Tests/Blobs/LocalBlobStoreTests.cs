using ArtifactStore.Conformance.Blobs;
using ArtifactStore.Interfaces.Blobs;
using ArtifactStore.Interfaces.Ids;
using ArtifactStore.Storage.Blobs.Local;

namespace ArtifactStore.Storage.Tests.Blobs;

public sealed class LocalBlobStoreTests : BlobStoreSuite
{
    private readonly TemporaryRoot temporary = new();

    protected override IBlobStore OpenStore() => new LocalBlobStore(BackendId.Local, temporary.Root);

    protected override Task<int> LeftInStaging() =>
        Task.FromResult(Directory.EnumerateFileSystemEntries($"{temporary.Root}/staging").Count());

    public override ValueTask DisposeAsync()
    {
        temporary.Dispose();
        return ValueTask.CompletedTask;
    }
}
