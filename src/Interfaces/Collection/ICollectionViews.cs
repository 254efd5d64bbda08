using ArtifactStore.Interfaces.Contents;
using ArtifactStore.Interfaces.Events;
using ArtifactStore.Interfaces.Hashing;
using ArtifactStore.Interfaces.Ids;

namespace ArtifactStore.Interfaces.Collection;

/// <summary>
/// The collector's work lists, of all tenants, in keyset pages. Each holds what is on its way out, so reading them follows the garbage and not
/// the store. For the store's own work, never for a caller.
/// </summary>
public interface ICollectionViews
{
    /// <summary>Packages that may be deleted and whose collection has not begun, those that wait longest first.</summary>
    Task<IReadOnlyList<EligiblePackage>> Eligible(EligiblePackage? after, int limit, CancellationToken cancellation = default);

    /// <summary>Packages whose collection has begun and not ended, after the given key.</summary>
    Task<IReadOnlyList<CollectingPackage>> Collecting(long after, int limit, CancellationToken cancellation = default);

    /// <summary>References of the package's files that stand, in the order of their paths, after the given one.</summary>
    Task<IReadOnlyList<StandingReference>> Files(CollectingPackage package, string after, int limit, CancellationToken cancellation = default);

    /// <summary>That of its manifest, if it stands.</summary>
    Task<StandingReference?> Manifest(CollectingPackage package, CancellationToken cancellation = default);

    /// <summary>Locations in this state (condemned or failed), in the order of their keys, after the given one.</summary>
    Task<IReadOnlyList<DoomedLocation>> Locations(LocationState state, long after, int limit, CancellationToken cancellation = default);

    /// <summary>Contents whose last keeper may have gone, in the order in which they were queued, after that of the given event.</summary>
    Task<IReadOnlyList<CollectionCandidate>> Candidates(long after, int limit, CancellationToken cancellation = default);

    /// <summary>A hold is on everything: nothing may be deleted.</summary>
    Task<bool> IsAllHeld(TenantId tenant, CancellationToken cancellation = default);

    /// <summary>The live and failed locations of a content, whoever may read it.</summary>
    Task<IReadOnlyList<LocationView>> LocationsOf(TenantId tenant, Digest256 content, CancellationToken cancellation = default);

    /// <summary>Every key that rows of these contents know in a backend, whatever became of it, as of one moment.</summary>
    Task<IReadOnlyList<KnownKey>> KnownKeys(
        BackendId backend, IReadOnlyCollection<StoredContent> contents, CancellationToken cancellation = default);
}

/// <summary>A content of a tenant, as the name of an object tells it: no row need know it.</summary>
public readonly partial record struct StoredContent(TenantId Tenant, Digest256 Blake3);

/// <param name="Content">Whose bytes lie there, or are to lie there.</param>
/// <param name="Generation">The number that the key was written, or condemned, under.</param>
/// <param name="PhysicalKey">Never changes.</param>
/// <param name="State">Null: it is reserved.</param>
public sealed partial record KnownKey(StoredContent Content, int Generation, string PhysicalKey, LocationState? State);

public sealed partial record EligiblePackage(TenantId Tenant, PackageId Package, DateTimeOffset Since, long Version, long Key);

/// <param name="Tenant">Whose it is.</param>
/// <param name="Package">Its id.</param>
/// <param name="Left">References that are not released for good.</param>
/// <param name="Key">Of its row.</param>
/// <param name="StartedBy">The plan whose run started it; null: none.</param>
public sealed partial record CollectingPackage(TenantId Tenant, PackageId Package, long Left, long Key, string? StartedBy);

/// <param name="Path">Of the file; null for a manifest.</param>
/// <param name="Keeper">The reference.</param>
/// <param name="Location">Where its bytes are, live before failed; null: nowhere, which is damage.</param>
public sealed partial record StandingReference(string? Path, Keeper Keeper, LocationView? Location);

/// <param name="Key">Of the location.</param>
/// <param name="Tenant">Whose content it is.</param>
/// <param name="Location">Condemned or failed.</param>
/// <param name="Size">Of the content; null: it was reserved and never settled.</param>
/// <param name="Released">Whose release condemned it; null: nobody's.</param>
/// <param name="StartedBy">The plan whose run started that package; null: none.</param>
public sealed partial record DoomedLocation(
    long Key, TenantId Tenant, LocationView Location, long? Size, Keeper? Released, string? StartedBy);

/// <param name="Tenant">Whose content it is.</param>
/// <param name="Content">Its BLAKE3.</param>
/// <param name="QueuedBy">The event that queued it last: a later one is not dropped by who looked before.</param>
public sealed partial record CollectionCandidate(TenantId Tenant, Digest256 Content, long QueuedBy);
