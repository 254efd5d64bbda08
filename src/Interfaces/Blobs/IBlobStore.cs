using System.IO.Pipelines;
using ArtifactStore.Interfaces.Hashing;
using ArtifactStore.Interfaces.Ids;

namespace ArtifactStore.Interfaces.Blobs;

/// <summary>
/// One backend: where bytes lie. Knows keys, never what they mean. One suite (<c>tests/Conformance</c>) holds every implementation to this
/// page.
/// </summary>
/// <remarks>
/// Failures: <see cref="BlobStoreException"/> with a kind. Keys are the relative ones of <c>PhysicalKey</c>; an implementation refuses a
/// key that would leave its root.
/// </remarks>
public interface IBlobStore
{
    BackendId Id { get; }

    /// <summary>
    /// Reads <paramref name="source"/> to its end, once, hashing and staging as it goes, in constant memory. Nothing under any key changes.
    /// A source that ends early (its <see cref="Stream.ReadAsync(Memory{byte}, CancellationToken)"/> throws) leaves nothing behind.
    /// A small body may be kept in memory until it is promoted.
    /// </summary>
    Task<IStagedBlob> Stage(AttemptId attempt, Stream source, long? sizeHint, CancellationToken cancellation = default);

    /// <summary>
    /// Makes the staged bytes the object at <paramref name="key"/>. When this returns they are durable, key and all. The stage stays
    /// usable. An ambiguous failure is resolved by looking, never by deleting. When the key already holds the same bytes this succeeds;
    /// when it holds others, it fails with <see cref="BlobFailure.KeyOccupied"/> and changes nothing.
    /// </summary>
    Task Promote(IStagedBlob staged, string key, CancellationToken cancellation = default);

    /// <summary>The bytes from <paramref name="offset"/> (to the end when length is null); null when there is no such object.</summary>
    Task<Stream?> Open(string key, long offset = 0, long? length = null, CancellationToken cancellation = default);

    /// <summary>Size of the object; null when there is none.</summary>
    Task<long?> Size(string key, CancellationToken cancellation = default);

    /// <summary>True when something was deleted, false when there was nothing. Only the collector calls this.</summary>
    Task<bool> Delete(string key, CancellationToken cancellation = default);

    /// <summary>All keys after the given one in byte order of keys; for the scans that look for orphans.</summary>
    IAsyncEnumerable<BlobListing> List(string? after, CancellationToken cancellation = default);

    Task<BackendHealth> Health(CancellationToken cancellation = default);

    /// <summary>
    /// Binds this root to a store: writes the identity when the root has none and is otherwise empty, else compares. A mismatch is
    /// refused, so that a wrong database URL cannot empty a bucket (design §6, step 9).
    /// </summary>
    /// <param name="holdsBytes">The log says that bytes lie here: a root without an identity is then a disk that is not mounted, never a
    /// new root.</param>
    Task<BackendIdentity> Claim(BackendIdentity identity, bool holdsBytes = false, CancellationToken cancellation = default);

    /// <summary>
    /// Removes what nodes left staged that live no more, and of this node what no attempt uses; nothing of another living node. Returns how
    /// many stages it removed. A node that was only frozen finds its stage gone: promoting it fails with
    /// <see cref="BlobFailure.Unavailable"/> and makes no key.
    /// </summary>
    /// <param name="living">The nodes that live. Asked after the stages were looked up: a node says that it lives before it stages, so one
    /// that begins meanwhile is not taken for dead.</param>
    Task<int> SweepStages(Func<CancellationToken, Task<IReadOnlySet<NodeId>>> living, CancellationToken cancellation = default);
}

/// <summary>
/// Bytes that are in the backend's reach but under no key yet. Disposing it drops them; a key they were promoted to stays.
/// </summary>
public interface IStagedBlob : IAsyncDisposable
{
    AttemptId Attempt { get; }

    ContentDigests Digests { get; }
}

public sealed record BlobListing(string Key, long Size);

/// <summary>What a backend root says about whom it belongs to.</summary>
public sealed record BackendIdentity(Guid StoreId, int Incarnation);

public sealed record BackendHealth(bool Healthy, string? Reason, long? FreeBytes, long? TotalBytes);

public enum BlobFailure
{
    /// <summary>No room: nothing was kept.</summary>
    Full = 1,

    /// <summary>The root, the bucket or the server cannot be reached, or refuses us.</summary>
    Unavailable = 2,

    /// <summary>The key holds other bytes than the staged ones.</summary>
    KeyOccupied = 3,

    /// <summary>The root belongs to another store.</summary>
    Foreign = 4,
}

public sealed class BlobStoreException(BlobFailure failure, string message, Exception? inner = null) : Exception(message, inner)
{
    public BlobFailure Failure { get; } = failure;
}

/// <summary>The configured backends by id, and which one new packages go to.</summary>
public interface IBlobStores
{
    IReadOnlyCollection<IBlobStore> All { get; }

    IBlobStore Get(BackendId id);

    BackendId Route(string producer, string retentionClass);
}
