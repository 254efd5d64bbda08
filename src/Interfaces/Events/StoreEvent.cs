using ArtifactStore.Interfaces.Canonical;
using ArtifactStore.Interfaces.Contents;
using ArtifactStore.Interfaces.Hashing;
using ArtifactStore.Interfaces.Ids;
using ArtifactStore.Interfaces.Retention;

namespace ArtifactStore.Interfaces.Events;

/// <summary>
/// One fact. The closed list of everything that can happen to the store; each has a name that is frozen for ever (see <see
/// cref="EventCodec"/> and its golden files). A change of shape is a new name with a new version; old ones are read for ever. Every time
/// and id that applying the fact needs is in the fact.
/// </summary>
public abstract partial record StoreEvent;

/// <summary>v1.package.created, on the package's stream.</summary>
public sealed partial record PackageCreated(
    string Name,
    string Producer,
    string Subject,
    string RetentionClass,
    BackendId Backend,
    CanonicalDocument Metadata,
    string? MetadataSchema) : StoreEvent;

/// <summary>v1.retention.default_applied: the expiry that follows from the class, fixed at creation. Null never expires.</summary>
public sealed partial record RetentionDefaultApplied(string RetentionClass, DateTimeOffset? ExpiresAt) : StoreEvent;

/// <summary>v1.retention.extended, on the package's stream: it is kept longer. A package that was eligible for deletion no longer is.</summary>
public sealed partial record RetentionExtended(DateTimeOffset ExpiresAt, string Reason) : StoreEvent;

/// <summary>
/// v1.retention.hold_applied, on the package's stream when that is what it covers, else on a stream of the hold's own. A hold ends by its
/// release alone: <paramref name="Until"/> says when somebody is to release it, no condition looks at it.
/// </summary>
public sealed partial record HoldApplied(
    HoldId Hold, HoldKind Kind, string Covers, string Reason, string Owner, DateTimeOffset? Until) : StoreEvent;

/// <summary>v1.retention.hold_released, on the stream that the hold was applied on.</summary>
public sealed partial record HoldReleased(HoldId Hold, string Reason) : StoreEvent;

/// <summary>v1.retention.deletion_eligible, on the package's stream: nothing keeps it but holds. Nothing is deleted by it.</summary>
public sealed partial record DeletionEligible(EligibilityCause Cause, string? Reason) : StoreEvent;

/// <summary>v1.file.ingested, on the package's stream: the package refers to a content under a path.</summary>
public sealed partial record FileIngested(
    FileId FileId,
    RelativePath Path,
    MediaType MediaType,
    BackendId Backend,
    ContentDigests Content) : StoreEvent;

/// <summary>v1.package.finalized: carries the manifest's address, not its bytes (ADR 2): a package may have 100,000 files.</summary>
public sealed partial record PackageFinalized(
    ContentDigests Manifest,
    BackendId Backend,
    long FileCount,
    long TotalBytes) : StoreEvent;

/// <summary>v1.storage.location_settled, on the content's stream: the bytes are at this key and may be referred to.</summary>
public sealed partial record LocationSettled(
    BackendId Backend,
    ContentDigests Content,
    int Generation,
    string PhysicalKey,
    string Encoding) : StoreEvent;

/// <summary>v1.storage.location_condemned: this generation is never to be used again; the collector will delete the key.</summary>
public sealed partial record LocationCondemned(
    BackendId Backend,
    Digest256 Content,
    int Generation,
    string PhysicalKey,
    string Reason) : StoreEvent
{
    /// <summary>The reference that was the last one to keep it, and that goes with it.</summary>
    public Keeper? Releases { get; init; }
}

/// <summary>
/// What refers to a content: a file of a package, or, without a file, the package by its manifest. A file is named twice: by its id, and by
/// the sequence of the event that brought it, which is what rows are found by.
/// </summary>
public sealed partial record Keeper(PackageId Package, FileId? File = null, long? FileKey = null);

/// <summary>
/// v1.storage.location_deleted. On a package's stream: one of its references is released for good, and the bytes went with it (they are gone
/// from the backend) or stay because something else keeps them. On a content's stream: bytes that nothing had released are gone.
/// </summary>
public sealed partial record LocationDeleted(BackendId Backend, Digest256 Content, bool BytesDeleted) : StoreEvent
{
    /// <summary>Of the location whose bytes are gone.</summary>
    public int? Generation { get; init; }

    /// <summary>Null: the manifest, or nobody.</summary>
    public FileId? File { get; init; }

    public long? FileKey { get; init; }
}

/// <summary>v1.storage.content_moved: every reference that needed these bytes in one backend needs them in another from now on.</summary>
public sealed partial record ContentMoved(Digest256 Content, BackendId From, BackendId To) : StoreEvent;

/// <summary>v1.package.collection_started: the point of no return. The package takes nothing any more, and nothing holds it back.</summary>
public sealed partial record CollectionStarted(string? Plan) : StoreEvent;

/// <summary>v1.package.garbage_collected: all its references are released, and the bytes that only it kept are gone.</summary>
public sealed partial record PackageCollected : StoreEvent;

/// <summary>v1.storage.location_failed: the location should have good bytes and has not.</summary>
public sealed partial record LocationFailed(
    BackendId Backend,
    Digest256 Content,
    int Generation,
    string Reason) : StoreEvent;

/// <summary>v1.storage.location_verified: every byte was read again and is what both digests say.</summary>
public sealed partial record LocationVerified(BackendId Backend, Digest256 Content, int Generation) : StoreEvent;

/// <summary>v1.storage.location_repaired: a generation that had failed was replaced by one that is live, in the same append in which the
/// failed one is condemned.</summary>
public sealed partial record LocationRepaired(BackendId Backend, Digest256 Content, int Generation, int FailedGeneration) : StoreEvent;

/// <summary>v1.retention.class_defined. A null lifetime never expires.</summary>
public sealed partial record RetentionClassDefined(string Slug, long? DefaultDurationSeconds, string Description) : StoreEvent;

/// <summary>v1.metadata_schema.registered.</summary>
public sealed partial record MetadataSchemaRegistered(string Slug, CanonicalDocument Schema) : StoreEvent;
