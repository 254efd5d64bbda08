using ArtifactStore.Interfaces.Contents;
using ArtifactStore.Interfaces.Hashing;
using ArtifactStore.Interfaces.Ids;
using ArtifactStore.Interfaces.Journal;
using ArtifactStore.Interfaces.Packages;
using ArtifactStore.Interfaces.Retention;

namespace ArtifactStore.Interfaces.Collection;

/// <summary>
/// What keeps things, and what became of them. Whether something may go is answered by the code that decides appends, over facts that are
/// read the same way; nothing is written. Each question is a bounded number of indexed reads, whatever the size of the store.
/// </summary>
public interface IKeepingViews
{
    /// <summary>Which of these conditions an append would find to hold now, in the order given.</summary>
    Task<IReadOnlyList<bool>> Hold(IReadOnlyList<Condition> conditions, CancellationToken cancellation = default);

    /// <summary>What an append would find about contents in backends, in the order given; keepers are counted no further than asked.</summary>
    Task<IReadOnlyList<KeptSlot>> Slots(
        TenantId tenant, IReadOnlyList<(BackendId Backend, Digest256 Content)> slots, int countTo, CancellationToken cancellation = default);

    /// <summary>By either digest, whether or not anything refers to it; one that was deleted is still known. For the tenant's own eyes.</summary>
    Task<KnownContent?> Content(TenantId tenant, ContentAddress address, CancellationToken cancellation = default);

    /// <summary>The copies of a content: those that are live or failed first, then the latest that went.</summary>
    Task<IReadOnlyList<KnownLocation>> Locations(KnownContent content, int limit, CancellationToken cancellation = default);

    /// <summary>What keeps a content, in the order of the index that decides deletions, after the given one. Holds come first.</summary>
    Task<IReadOnlyList<KeepingReference>> Keepers(
        KnownContent content, ReferencePosition? after, int limit, CancellationToken cancellation = default);

    /// <summary>A released hold had kept it, and the collector has yet to look at it.</summary>
    Task<bool> IsQueued(TenantId tenant, Digest256 content, CancellationToken cancellation = default);

    /// <summary>A file of whatever package, one that is gone too.</summary>
    Task<FileView?> File(TenantId tenant, FileId id, CancellationToken cancellation = default);

    /// <summary>The last events of the package's retention, the latest first.</summary>
    Task<IReadOnlyList<EventRecord>> LastEvents(TenantId tenant, PackageId package, int limit, CancellationToken cancellation = default);
}

/// <param name="IsLive">A live location is there.</param>
/// <param name="Keepers">References that keep the content in this backend, those that keep it anywhere included.</param>
public readonly partial record struct KeptSlot(bool IsLive, long Keepers);

/// <param name="Key">Of its row.</param>
/// <param name="Tenant">Whose it is.</param>
/// <param name="Blake3">Its primary digest.</param>
/// <param name="Size">Null: it was reserved and never settled.</param>
public sealed partial record KnownContent(long Key, TenantId Tenant, Digest256 Blake3, long? Size);

/// <param name="Location">In any state.</param>
/// <param name="ChangedAt">When it came into this state.</param>
/// <param name="Reason">Why it failed or was condemned.</param>
/// <param name="Package">Whose release condemned it, if one did.</param>
/// <param name="File">The file that was released; null with a package: its manifest.</param>
/// <param name="Path">Of that file.</param>
public sealed partial record KnownLocation(
    LocationView Location, DateTimeOffset ChangedAt, string? Reason, PackageId? Package, FileId? File, string? Path);

/// <summary>Where a page of references ended.</summary>
public readonly partial record struct ReferencePosition(string Backend, long Edge, long FromKind, long FromKey);

/// <param name="Position">In the index.</param>
/// <param name="Backend">Where it needs the bytes; null: anywhere.</param>
/// <param name="Package">Whose file or manifest it is; null for a hold.</param>
/// <param name="File">Null for a manifest and for a hold.</param>
/// <param name="Path">Of the file.</param>
/// <param name="Hold">On the content itself.</param>
public sealed partial record KeepingReference(
    ReferencePosition Position, BackendId? Backend, KeepingPackage? Package, FileId? File, string? Path, HoldView? Hold);

/// <summary>As much of a package as it takes to say when its references go.</summary>
public sealed partial record KeepingPackage(
    PackageId Id, string Name, string Producer, string Subject, string RetentionClass, PackageStatus Status, DateTimeOffset? ExpiresAt, bool IsEligible);
