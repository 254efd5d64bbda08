using ArtifactStore.Interfaces.Blobs;
using ArtifactStore.Interfaces.Ids;

namespace ArtifactStore.Gateway.Tests.Fixtures;

/// <summary>A backend that does what another one does: a test overrides what is to go wrong.</summary>
public class ForwardingBackend(IBlobStore real) : IBlobStore
{
    public BackendId Id => real.Id;

    public virtual Task<IStagedBlob> Stage(AttemptId attempt, Stream source, long? sizeHint, CancellationToken cancellation = default) =>
        real.Stage(attempt, source, sizeHint, cancellation);

    public virtual Task Promote(IStagedBlob staged, string key, CancellationToken cancellation = default) => real.Promote(staged, key, cancellation);

    public virtual Task<Stream?> Open(string key, long offset = 0, long? length = null, CancellationToken cancellation = default) =>
        real.Open(key, offset, length, cancellation);

    public virtual Task<long?> Size(string key, CancellationToken cancellation = default) => real.Size(key, cancellation);

    public virtual Task<bool> Delete(string key, CancellationToken cancellation = default) => real.Delete(key, cancellation);

    public virtual IAsyncEnumerable<BlobListing> List(string? after, CancellationToken cancellation = default) => real.List(after, cancellation);

    public virtual Task<BackendHealth> Health(CancellationToken cancellation = default) => real.Health(cancellation);

    public virtual Task<BackendIdentity> Claim(BackendIdentity identity, bool holdsBytes = false, CancellationToken cancellation = default) =>
        real.Claim(identity, holdsBytes, cancellation);

    public virtual Task<int> SweepStages(Func<CancellationToken, Task<IReadOnlySet<NodeId>>> living, CancellationToken cancellation = default) =>
        real.SweepStages(living, cancellation);
}
