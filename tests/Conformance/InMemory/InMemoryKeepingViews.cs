using ArtifactStore.Interfaces.Collection;
using ArtifactStore.Interfaces.Contents;
using ArtifactStore.Interfaces.Events;
using ArtifactStore.Interfaces.Hashing;
using ArtifactStore.Interfaces.Ids;
using ArtifactStore.Interfaces.Journal;
using ArtifactStore.Interfaces.Packages;

namespace ArtifactStore.Conformance.InMemory;

/// <summary>What keeps things, filtered from everything. Conditions are those of the journal in memory.</summary>
public sealed class InMemoryKeepingViews(InMemoryStore store) : IKeepingViews
{
    public Task<IReadOnlyList<bool>> Hold(IReadOnlyList<Condition> conditions, CancellationToken cancellation = default) =>
        Ask(() => conditions.Select(store.Holds));

    public Task<IReadOnlyList<KeptSlot>> Slots(
        TenantId tenant, IReadOnlyList<(BackendId Backend, Digest256 Content)> slots, int countTo, CancellationToken cancellation = default) =>
        Ask(() => slots.Select(slot => new KeptSlot(
            store.Live(tenant, slot.Backend, slot.Content) is not null,
            store.Keepers(tenant, slot.Backend, slot.Content).Take(countTo).Count())));

    public Task<KnownContent?> Content(TenantId tenant, ContentAddress address, CancellationToken cancellation = default) => First(() =>
        store.Contents.Values
            .Where(row => (address.Algorithm == DigestAlgorithm.Blake3 ? row.Digests.Blake3 : row.Digests.Sha256) == address.Digest)
            .Select(row => new KnownContent(row.Key, tenant, row.Digests.Blake3, row.Digests.Size)));

    public Task<IReadOnlyList<KnownLocation>> Locations(KnownContent content, int limit, CancellationToken cancellation = default) => Ask(() =>
        store.LocationKeys.Values.Where(row => row.Tenant == content.Tenant && row.Content == content.Blake3)
            .Select(row => Known(row.Tenant, store.Of(row.Tenant, row.Backend, row.Content).Single(there => there.Generation == row.Generation)))
            .OrderBy(known => known.Location.State).Take(limit));

    public Task<IReadOnlyList<KeepingReference>> Keepers(
        KnownContent content, ReferencePosition? after, int limit, CancellationToken cancellation = default) => Ask(() =>
        store.References.Where(row => row.Tenant == content.Tenant && row.Content == content.Blake3)
            .Select(Reference)
            .OrderBy(row => row.Position.Backend, StringComparer.Ordinal).ThenBy(row => (row.Position.Edge, row.Position.FromKind, row.Position.FromKey))
            .SkipWhile(row => after is { } from && !IsAfter(row.Position, from)).Take(limit));

    public async Task<bool> IsQueued(TenantId tenant, Digest256 content, CancellationToken cancellation = default) =>
        (await Ask(() => store.Candidates.Keys.Where(key => key == (tenant, content)))).Count > 0;

    public Task<FileView?> File(TenantId tenant, FileId id, CancellationToken cancellation = default) =>
        First(() => store.FilesById.Values.Where(file => file.Id == id));

    public Task<IReadOnlyList<EventRecord>> LastEvents(TenantId tenant, PackageId package, int limit, CancellationToken cancellation = default) =>
        Ask(() => store.Log.Where(line => line.Event.Stream == StreamId.Of(tenant, package)
                && line.Event.Body is RetentionExtended or HoldApplied or HoldReleased or DeletionEligible or CollectionStarted or PackageCollected)
            .Reverse().Take(limit).Select(line =>
            {
                var payload = EventCodec.Encode(line.Event.Body);
                return new EventRecord(
                    0, line.Event.Time, EventCodec.NameOf(line.Event.Body), line.Event.Stream, line.Version, line.Actor, line.Append, payload,
                    LeafDigest.OfPayload(payload), default);
            }));

    private KnownLocation Known(TenantId tenant, LocationView location)
    {
        var keeper = store.ReleasedBy.GetValueOrDefault((tenant, location.Backend, location.Content, location.Generation));
        var path = keeper?.File is { } file ? store.FilesById[file].Path.Value : null;
        return new(location, DateTimeOffset.UnixEpoch, null, keeper?.Package, keeper?.File, path);
    }

    private KeepingReference Reference(MemoryReference row)
    {
        if (row.Hold is { } id)
        {
            var hold = store.Holding[(row.Tenant, id)];
            return new(new("", 1, 4, hold.Key), null, null, null, null, hold);
        }
        var (key, view) = store.Packages[row.Keeper!.Package];
        var package = new KeepingPackage(
            view.Id, view.Name, view.Producer, view.Subject, view.RetentionClass, view.Status, view.ExpiresAt, view.Eligible is not null);
        var position = new ReferencePosition(row.Backend!.Value.Value, row.Keeper.File is null ? 2 : 1, row.Keeper.File is null ? 2 : 1, row.Keeper.FileKey ?? key);
        return new(position, row.Backend, package, row.Keeper.File, row.Keeper.File is { } file ? store.FilesById[file].Path.Value : null, null);
    }

    private static bool IsAfter(ReferencePosition one, ReferencePosition other) =>
        string.CompareOrdinal(one.Backend, other.Backend) is var order && order != 0
            ? order > 0
            : (one.Edge, one.FromKind, one.FromKey).CompareTo((other.Edge, other.FromKind, other.FromKey)) > 0;

    private Task<T?> First<T>(Func<IEnumerable<T>> question) where T : class
    {
        lock (store.Gate) return Task.FromResult(question().FirstOrDefault());
    }

    private Task<IReadOnlyList<T>> Ask<T>(Func<IEnumerable<T>> question)
    {
        lock (store.Gate) return Task.FromResult<IReadOnlyList<T>>([.. question()]);
    }
}
