using ArtifactStore.Conformance.Blobs;
using ArtifactStore.Conformance.InMemory;
using ArtifactStore.Interfaces.Blobs;
using ArtifactStore.Interfaces.Ids;

namespace ArtifactStore.Simulation.Tests.Stores;

/// <summary>The backend that the simulation runs on is one.</summary>
public sealed class InMemoryBlobStoreTests : BlobStoreSuite
{
    private readonly InMemoryBlobRoot _root = new();

    protected override IBlobStore OpenStore(NodeId node) => new InMemoryBlobStore(BackendId.Local, _root, node);

    protected override Task<int> LeftInStaging() => Task.FromResult(_root.StageCount);

    public override ValueTask DisposeAsync() => ValueTask.CompletedTask;
}
