using ArtifactStore.Interfaces.Contents;
using ArtifactStore.Interfaces.Ids;
using ArtifactStore.Interfaces.Journal;
using ArtifactStore.Interfaces.MetadataSchemas;
using ArtifactStore.Interfaces.Packages;
using ArtifactStore.Interfaces.Retention;

namespace ArtifactStore.Interfaces.Views;

/// <summary>What the caller may see. Every question about contents takes one: knowing an address grants nothing.</summary>
public sealed partial record ReadScope(TenantId Tenant);

/// <summary>
/// Questions to the views. Each is a bounded number of indexed reads, whatever the size of the store; pages are keyset pages. Pages of
/// packages, schemas and events are bounded by bytes too (<see cref="PageLimit"/>): fewer rows than asked for need not be the end.
/// An answer reflects every commit that was answered before the question was asked.
/// </summary>
public interface IViews
{
    Task<PackageView?> Package(TenantId tenant, PackageId id, CancellationToken cancellation = default);

    /// <summary>Newest first. A filter that matches nothing is still one indexed read.</summary>
    Task<IReadOnlyList<PackageRow>> Packages(TenantId tenant, PackageFilter filter, long? before, int limit, CancellationToken cancellation = default);

    /// <summary>Files in byte order of their paths, after the given one.</summary>
    Task<IReadOnlyList<FileView>> Files(TenantId tenant, PackageId package, RelativePath? after, int limit, CancellationToken cancellation = default);

    /// <summary>Null too when its package is going or gone.</summary>
    Task<FileView?> File(TenantId tenant, FileId id, CancellationToken cancellation = default);

    Task<FileView?> FileAt(TenantId tenant, PackageId package, RelativePath path, CancellationToken cancellation = default);

    /// <summary>A content that something the scope may read refers to, with its live and failed locations; null otherwise.</summary>
    Task<ContentView?> Content(ReadScope scope, ContentAddress address, CancellationToken cancellation = default);

    /// <summary>Regardless of references: for the owner of a claim, never for a caller's address.</summary>
    Task<LocationView?> LiveLocation(TenantId tenant, BackendId backend, ContentAddress address, CancellationToken cancellation = default);

    /// <summary>
    /// The live and failed locations of a backend, of all tenants, in the order in which they were settled. For the store's own work, never
    /// for a caller.
    /// </summary>
    /// <param name="backend">Locations of others are passed over.</param>
    /// <param name="after">The key of the last one seen; 0 begins.</param>
    /// <param name="limit">How many locations are looked at, whatever their backend and state: a page may be empty and not the last.</param>
    /// <param name="cancellation">Stops the waiting.</param>
    Task<LocationPage> Locations(BackendId backend, long after, int limit, CancellationToken cancellation = default);

    /// <summary>
    /// Which of the locations that <see cref="Locations"/> gives are used by packages of a retention class: by a file or by a manifest that
    /// needs the bytes in this backend. In order.
    /// </summary>
    /// <param name="backend">Locations of others are passed over.</param>
    /// <param name="retentionClass">Its slug.</param>
    /// <param name="after">The key of the last one seen; 0 begins.</param>
    /// <param name="last">The last key that is asked about.</param>
    /// <param name="cancellation">Stops the waiting.</param>
    Task<IReadOnlyList<long>> LocationsUsedBy(
        BackendId backend, string retentionClass, long after, long last, CancellationToken cancellation = default);

    /// <summary>Which of these the scope cannot read here, in the order given.</summary>
    Task<IReadOnlyList<ContentAddress>> Missing(ReadScope scope, IReadOnlyList<ContentAddress> addresses, CancellationToken cancellation = default);

    Task<RetentionClassView?> RetentionClass(TenantId tenant, string slug, CancellationToken cancellation = default);

    Task<IReadOnlyList<RetentionClassView>> RetentionClasses(TenantId tenant, CancellationToken cancellation = default);

    /// <summary>Those that keep this package, by whatever they cover it; empty: the gate is open. Oldest first.</summary>
    Task<IReadOnlyList<HoldView>> HoldsOn(PackageView package, int limit, CancellationToken cancellation = default);

    Task<HoldView?> Hold(TenantId tenant, HoldId id, CancellationToken cancellation = default);

    /// <summary>All that stand, oldest first, after the given key.</summary>
    Task<IReadOnlyList<HoldView>> Holds(TenantId tenant, long after, int limit, CancellationToken cancellation = default);

    /// <summary>Of all tenants: holds whose end has come, the earliest first, after the given one.</summary>
    Task<IReadOnlyList<HoldView>> EndedHolds(DateTimeOffset now, HoldView? after, int limit, CancellationToken cancellation = default);

    /// <summary>
    /// Of all tenants: packages whose time is over and that are not marked, the earliest first, after the given one. The work follows their
    /// number, not that of the packages.
    /// </summary>
    Task<IReadOnlyList<DuePackage>> DuePackages(DateTimeOffset now, DuePackage? after, int limit, CancellationToken cancellation = default);

    /// <summary>The events of retention on the package's own stream after a version, in order. Files between them cost nothing.</summary>
    Task<IReadOnlyList<EventRecord>> RetentionHistory(
        TenantId tenant, PackageId package, long afterVersion, int limit, CancellationToken cancellation = default);

    Task<MetadataSchemaView?> MetadataSchema(TenantId tenant, string slug, CancellationToken cancellation = default);

    Task<IReadOnlyList<MetadataSchemaView>> MetadataSchemas(TenantId tenant, string? afterSlug, int limit, CancellationToken cancellation = default);

    Task<IdempotencyEntry?> IdempotencyKey(TenantId tenant, string actor, string key, CancellationToken cancellation = default);

    /// <summary>Events with a sequence greater than <paramref name="after"/>, in order, without holes. Empty types: all.</summary>
    Task<IReadOnlyList<EventRecord>> Events(long after, int limit, IReadOnlyList<string> types, CancellationToken cancellation = default);

    /// <summary>Identity, incarnation, schema version, counts that are kept (never counted): for health and metrics.</summary>
    Task<StoreStatus> Status(CancellationToken cancellation = default);
}

public sealed partial record StoreStatus(
    Guid StoreId,
    int Incarnation,
    int SchemaVersion,
    long Head,
    IReadOnlyDictionary<BackendId, long> FailedLocations);

public sealed partial record PackageFilter(
    string? Producer,
    string? Subject,
    string? RetentionClass,
    PackageStatus? Status,
    IReadOnlyList<KeyValuePair<string, string>> Metadata);

/// <summary>A package in a list, with the key that the next page continues before.</summary>
public sealed partial record PackageRow(long Key, PackageView Package);
