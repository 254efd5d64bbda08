using ArtifactStore.Interfaces.Blobs;
using ArtifactStore.Interfaces.Collection;
using ArtifactStore.Interfaces.Contents;
using ArtifactStore.Interfaces.Hosting;
using ArtifactStore.Interfaces.Ids;
using ArtifactStore.Interfaces.Journal;
using ArtifactStore.Interfaces.MetadataSchemas;
using ArtifactStore.Interfaces.Packages;
using ArtifactStore.Interfaces.Retention;
using ArtifactStore.Interfaces.Views;

namespace ArtifactStore.Gateway.Tests.Fixtures;

/// <summary>A store whose database is gone: every question fails the way the journal says it may.</summary>
public sealed class AbsentStore : IJournal, IViews, IGrains, IMaintenance, INodes, ICollectionViews, IPlanViews, IKeepingViews
{
    public long Head => throw Gone();

    public Task<IReadOnlyList<AppendResult>> Append(IReadOnlyList<Append> appends, CancellationToken cancellation = default) =>
        throw Gone();
    public Task<ReserveResult> Reserve(ReserveContent request, CancellationToken cancellation = default) => throw Gone();
    public Task<long> WaitForEvents(long after, TimeSpan atMost, CancellationToken cancellation = default) => throw Gone();
    public Task<PackageView?> Package(TenantId tenant, PackageId id, CancellationToken cancellation = default) => throw Gone();

    public Task<IReadOnlyList<PackageRow>> Packages(
        TenantId tenant, PackageFilter filter, long? before, int limit, CancellationToken cancellation = default) => throw Gone();

    public Task<IReadOnlyList<FileView>> Files(
        TenantId tenant, PackageId package, RelativePath? after, int limit, CancellationToken cancellation = default) => throw Gone();

    public Task<FileView?> File(TenantId tenant, FileId id, CancellationToken cancellation = default) => throw Gone();
    public Task<FileView?> FileAt(TenantId tenant, PackageId package, RelativePath path, CancellationToken cancellation = default) =>
        throw Gone();
    public Task<ContentView?> Content(ReadScope scope, ContentAddress address, CancellationToken cancellation = default) => throw Gone();

    public Task<LocationView?> LiveLocation(
        TenantId tenant, BackendId backend, ContentAddress address, CancellationToken cancellation = default) => throw Gone();

    public Task<LocationPage> Locations(BackendId backend, long after, int limit, CancellationToken cancellation = default) => throw Gone();

    public Task<IReadOnlyList<long>> LocationsUsedBy(
        BackendId backend, string retentionClass, long after, long last, CancellationToken cancellation = default) => throw Gone();

    public Task<IReadOnlyList<ContentAddress>> Missing(
        ReadScope scope, IReadOnlyList<ContentAddress> addresses, CancellationToken cancellation = default) => throw Gone();

    public Task<RetentionClassView?> RetentionClass(TenantId tenant, string slug, CancellationToken cancellation = default) => throw Gone();
    public Task<IReadOnlyList<RetentionClassView>> RetentionClasses(TenantId tenant, CancellationToken cancellation = default) =>
        throw Gone();
    public Task<IReadOnlyList<HoldView>> HoldsOn(PackageView package, int limit, CancellationToken cancellation = default) => throw Gone();
    public Task<HoldView?> Hold(TenantId tenant, HoldId id, CancellationToken cancellation = default) => throw Gone();
    public Task<IReadOnlyList<HoldView>> Holds(TenantId tenant, long after, int limit, CancellationToken cancellation = default) =>
        throw Gone();

    public Task<IReadOnlyList<HoldView>> EndedHolds(
        DateTimeOffset now, HoldView? after, int limit, CancellationToken cancellation = default) => throw Gone();

    public Task<IReadOnlyList<DuePackage>> DuePackages(
        DateTimeOffset now, DuePackage? after, int limit, CancellationToken cancellation = default) => throw Gone();

    public Task<IReadOnlyList<EventRecord>> RetentionHistory(
        TenantId tenant, PackageId package, long afterVersion, int limit, CancellationToken cancellation = default) => throw Gone();

    public Task<MetadataSchemaView?> MetadataSchema(TenantId tenant, string slug, CancellationToken cancellation = default) => throw Gone();

    public Task<IReadOnlyList<MetadataSchemaView>> MetadataSchemas(
        TenantId tenant, string? afterSlug, int limit, CancellationToken cancellation = default) => throw Gone();

    public Task<IdempotencyEntry?> IdempotencyKey(TenantId tenant, string actor, string key, CancellationToken cancellation = default) =>
        throw Gone();

    public Task<IReadOnlyList<EventRecord>> Events(
        long after, int limit, IReadOnlyList<string> types, CancellationToken cancellation = default) => throw Gone();

    public Task<StoreStatus> Status(CancellationToken cancellation = default) => throw Gone();
    public Task<TResult> Call<TGrain, TResult>(string key, Func<TGrain, Task<TResult>> call) where TGrain : class, IGrain => throw Gone();
    public Task Call<TGrain>(string key, Func<TGrain, Task> call) where TGrain : class, IGrain => throw Gone();

    public Task<ReplayReport> Replay(IProgress<long>? progress, CancellationToken cancellation = default) => throw Gone();

    public Task<int> CondemnAbandoned(IReadOnlyCollection<NodeId> living, CancellationToken cancellation = default) => throw Gone();
    public Task<IReadOnlyList<EligiblePackage>> Eligible(EligiblePackage? after, int limit, CancellationToken cancellation = default) => throw Gone();
    public Task<IReadOnlyList<CollectingPackage>> Collecting(long after, int limit, CancellationToken cancellation = default) => throw Gone();

    public Task<IReadOnlyList<StandingReference>> Files(
        CollectingPackage package, string after, int limit, CancellationToken cancellation = default) => throw Gone();

    public Task<StandingReference?> Manifest(CollectingPackage package, CancellationToken cancellation = default) => throw Gone();

    public Task<IReadOnlyList<DoomedLocation>> Locations(LocationState state, long after, int limit, CancellationToken cancellation = default) =>
        throw Gone();

    public Task<IReadOnlyList<CollectionCandidate>> Candidates(long after, int limit, CancellationToken cancellation = default) => throw Gone();
    public Task<RecountPage> Recount(RecountPlace? after, CancellationToken cancellation = default) => throw Gone();

    public Task<IReadOnlyList<KnownKey>> KnownKeys(
        BackendId backend, IReadOnlyCollection<StoredContent> contents, CancellationToken cancellation = default) => throw Gone();

    public Task<bool> IsAllHeld(TenantId tenant, CancellationToken cancellation = default) => throw Gone();

    public Task<IReadOnlyList<LocationView>> LocationsOf(
        TenantId tenant, Interfaces.Hashing.Digest256 content, CancellationToken cancellation = default) => throw Gone();

    public Task<PlanView?> Plan(TenantId tenant, PlanId id, CancellationToken cancellation = default) => throw Gone();
    public Task<IReadOnlyList<PlanView>> Plans(TenantId tenant, long? before, int limit, CancellationToken cancellation = default) => throw Gone();

    public Task<IReadOnlyList<PlanItem>> Items(TenantId tenant, PlanId plan, long after, int limit, CancellationToken cancellation = default) =>
        throw Gone();

    public Task<IReadOnlyList<PlanCandidate>> PlanCandidates(TenantId tenant, long after, int limit, CancellationToken cancellation = default) =>
        throw Gone();

    public Task<IReadOnlySet<HoldCover>> Held(
        TenantId tenant, IReadOnlyCollection<HoldCover> covers, CancellationToken cancellation = default) => throw Gone();

    public Task<PlanTotals> Totals(TenantId tenant, PlanId plan, CancellationToken cancellation = default) => throw Gone();
    public Task<PlanProgress> Progress(TenantId tenant, PlanId plan, CancellationToken cancellation = default) => throw Gone();

    public Task<IReadOnlyList<bool>> Hold(IReadOnlyList<Condition> conditions, CancellationToken cancellation = default) => throw Gone();

    public Task<IReadOnlyList<KeptSlot>> Slots(
        TenantId tenant, IReadOnlyList<(BackendId Backend, Interfaces.Hashing.Digest256 Content)> slots, int countTo,
        CancellationToken cancellation = default) => throw Gone();

    Task<KnownContent?> IKeepingViews.Content(TenantId tenant, ContentAddress address, CancellationToken cancellation) => throw Gone();
    public Task<IReadOnlyList<KnownLocation>> Locations(KnownContent content, int limit, CancellationToken cancellation = default) => throw Gone();

    public Task<IReadOnlyList<KeepingReference>> Keepers(
        KnownContent content, ReferencePosition? after, int limit, CancellationToken cancellation = default) => throw Gone();

    public Task<bool> IsQueued(TenantId tenant, Interfaces.Hashing.Digest256 content, CancellationToken cancellation = default) => throw Gone();

    public Task<IReadOnlyList<EventRecord>> LastEvents(TenantId tenant, PackageId package, int limit, CancellationToken cancellation = default) =>
        throw Gone();

    public NodeId Self => default;
    public Task Beat(string name, CancellationToken cancellation = default) => throw Gone();
    public Task<IReadOnlyList<NodeView>> Living(CancellationToken cancellation = default) => throw Gone();
    public Task Leave(CancellationToken cancellation = default) => throw Gone();
    public Task<Lease?> Take(string name, TimeSpan duration, CancellationToken cancellation = default) => throw Gone();
    public Task LetGo(Lease lease, CancellationToken cancellation = default) => throw Gone();

    private static JournalUnavailableException Gone() => new("the database is gone");
}

/// <summary>A list of backends by id; what is routed goes to the first.</summary>
public sealed class Backends(params IBlobStore[] stores) : IBlobStores
{
    public IReadOnlyCollection<IBlobStore> All => stores;

    public IBlobStore Get(BackendId id) => stores.Single(store => store.Id == id);

    public BackendId Route(string producer, string retentionClass) => stores[0].Id;
}

public sealed class RandomIds : IIds
{
    public Guid Next() => Guid.CreateVersion7();
}
