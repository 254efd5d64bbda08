using ArtifactStore.Interfaces.Contents;
using ArtifactStore.Interfaces.Events;
using ArtifactStore.Interfaces.Hashing;
using ArtifactStore.Interfaces.Ids;
using ArtifactStore.Interfaces.Journal;
using ArtifactStore.Interfaces.MetadataSchemas;
using ArtifactStore.Interfaces.Packages;
using ArtifactStore.Interfaces.Retention;
using ArtifactStore.Interfaces.Views;

namespace ArtifactStore.Conformance.InMemory;

/// <summary>Questions to the dictionaries. Correct, not fast: pages are filtered from everything.</summary>
public sealed class InMemoryViews(InMemoryStore store) : IViews
{
    public Task<PackageView?> Package(TenantId tenant, PackageId id, CancellationToken cancellation = default) =>
        Ask(() => store.Package(tenant, id));

    public Task<IReadOnlyList<PackageRow>> Packages(
        TenantId tenant, PackageFilter filter, long? before, int limit, CancellationToken cancellation = default) =>
        Ask<IReadOnlyList<PackageRow>>(() =>
        [
            .. store.Packages.Values
                .Where(row => row.View.Tenant == tenant && (before is null || row.Key < before) && Fits(row.View, filter))
                .OrderByDescending(row => row.Key).Take(limit).Select(row => new PackageRow(row.Key, row.View)),
        ]);

    public Task<IReadOnlyList<FileView>> Files(
        TenantId tenant, PackageId package, RelativePath? after, int limit, CancellationToken cancellation = default) =>
        Ask<IReadOnlyList<FileView>>(() =>
        {
            if (store.Package(tenant, package) is null) return [];
            var files = store.Files[package];
            return [.. files.Where(pair =>
                after is null || files.Comparer.Compare(pair.Key, after.Value) > 0).Take(limit).Select(pair => pair.Value)];
        });

    public Task<FileView?> File(TenantId tenant, FileId id, CancellationToken cancellation = default) =>
        Ask(() => store.FilesById.TryGetValue(id, out var file) && store.Package(tenant, file.Package) is not null ? file : null);

    public Task<FileView?> FileAt(TenantId tenant, PackageId package, RelativePath path, CancellationToken cancellation = default) =>
        Ask(() => store.Package(tenant, package) is null ? null : store.Files[package].GetValueOrDefault(path.Value));

    public Task<ContentView?> Content(ReadScope scope, ContentAddress address, CancellationToken cancellation = default) =>
        Ask(() => Readable(scope, address) is var (key, digests) ? new ContentView(key, digests, Locations(scope.Tenant, digests)) : null);

    public Task<LocationView?> LiveLocation(
        TenantId tenant, BackendId backend, ContentAddress address, CancellationToken cancellation = default) =>
        Ask(() => Find(address) is var (_, digests) ? store.Live(tenant, backend, digests.Blake3) : null);

    public Task<LocationPage> Locations(BackendId backend, long after, int limit, CancellationToken cancellation = default) => Ask(() =>
    {
        var rows = store.LocationKeys.Where(pair => pair.Key > after).Take(limit).ToList();
        var items = new List<StoredLocation>();
        foreach (var (key, (tenant, where, content, generation)) in rows)
        {
            var location = store.Of(tenant, where, content).Single(row => row.Generation == generation);
            if (where != backend || location.State is not (LocationState.Live or LocationState.Failed)) continue;
            items.Add(new(key, tenant, location, store.Contents[content].Digests, store.CheckedAt[(tenant, where, content, generation)]));
        }
        return new LocationPage(items, rows.Count < limit ? null : rows[^1].Key);
    });

    public Task<IReadOnlyList<long>> LocationsUsedBy(
        BackendId backend, string retentionClass, long after, long last, CancellationToken cancellation = default) =>
        Ask<IReadOnlyList<long>>(() =>
        [
            .. store.LocationKeys
                .Where(pair => pair.Key > after && pair.Key <= last && pair.Value.Backend == backend
                    && store.Of(pair.Value.Tenant, backend, pair.Value.Content).Single(row => row.Generation == pair.Value.Generation).State
                        is LocationState.Live or LocationState.Failed
                    && store.References.Exists(row => row.Tenant == pair.Value.Tenant && row.Content == pair.Value.Content && row.Backend == backend
                        && row.Keeper is { } keeper && store.Packages[keeper.Package].View.RetentionClass == retentionClass))
                .Select(pair => pair.Key),
        ]);

    public Task<IReadOnlyList<ContentAddress>> Missing(
        ReadScope scope, IReadOnlyList<ContentAddress> addresses, CancellationToken cancellation = default) =>
        Ask<IReadOnlyList<ContentAddress>>(() => [.. addresses.Where(address => !IsHere(scope, address))]);

    public Task<RetentionClassView?> RetentionClass(TenantId tenant, string slug, CancellationToken cancellation = default) =>
        Ask(() => store.Classes.GetValueOrDefault((tenant, slug)));

    public Task<IReadOnlyList<RetentionClassView>> RetentionClasses(TenantId tenant, CancellationToken cancellation = default) =>
        Ask<IReadOnlyList<RetentionClassView>>(() =>
            [.. store.Classes.Where(pair => pair.Key.Item1 == tenant).Select(pair => pair.Value)]);

    public Task<IReadOnlyList<HoldView>> HoldsOn(PackageView package, int limit, CancellationToken cancellation = default) =>
        Ask<IReadOnlyList<HoldView>>(() =>
            [.. store.HoldsOn(package.Tenant, package.Id, package.Producer, package.Subject).OrderBy(hold => hold.Key).Take(limit)]);

    public Task<HoldView?> Hold(TenantId tenant, HoldId id, CancellationToken cancellation = default) =>
        Ask(() => store.Holding.GetValueOrDefault((tenant, id)));

    public Task<IReadOnlyList<HoldView>> Holds(TenantId tenant, long after, int limit, CancellationToken cancellation = default) =>
        Ask<IReadOnlyList<HoldView>>(() =>
            [.. store.Holding.Values.Where(hold => hold.Tenant == tenant && hold.Key > after).OrderBy(hold => hold.Key).Take(limit)]);

    public Task<IReadOnlyList<HoldView>> EndedHolds(
        DateTimeOffset now, HoldView? after, int limit, CancellationToken cancellation = default) =>
        Ask<IReadOnlyList<HoldView>>(() =>
        [
            .. store.Holding.Values.Where(hold => hold.Until <= now).OrderBy(hold => (hold.Until, hold.Key))
                .Where(hold => after is null || (hold.Until, hold.Key).CompareTo((after.Until, after.Key)) > 0).Take(limit),
        ]);

    public Task<IReadOnlyList<DuePackage>> DuePackages(
        DateTimeOffset now, DuePackage? after, int limit, CancellationToken cancellation = default) =>
        Ask<IReadOnlyList<DuePackage>>(() =>
        [
            .. store.Packages.Values.Where(row => row.View.ExpiresAt <= now && row.View.Eligible is null)
                .Select(row => new DuePackage(row.View.Tenant, row.View.Id, row.View.ExpiresAt!.Value, row.Key))
                .OrderBy(due => (due.ExpiresAt, due.Key))
                .Where(due => after is null || (due.ExpiresAt, due.Key).CompareTo((after.ExpiresAt, after.Key)) > 0).Take(limit),
        ]);

    public Task<IReadOnlyList<EventRecord>> RetentionHistory(
        TenantId tenant, PackageId package, long afterVersion, int limit, CancellationToken cancellation = default) =>
        Ask<IReadOnlyList<EventRecord>>(() =>
        [
            .. store.Log.Select(Record).Where(record => record.Stream == StreamId.Of(tenant, package)
                && record.Type.StartsWith("v1.retention.", StringComparison.Ordinal) && record.StreamVersion > afterVersion).Take(limit),
        ]);

    public Task<MetadataSchemaView?> MetadataSchema(TenantId tenant, string slug, CancellationToken cancellation = default) =>
        Ask(() => store.Schemas.GetValueOrDefault((tenant, slug)));

    public Task<IReadOnlyList<MetadataSchemaView>> MetadataSchemas(
        TenantId tenant, string? afterSlug, int limit, CancellationToken cancellation = default) =>
        Ask<IReadOnlyList<MetadataSchemaView>>(() =>
        [
            .. store.Schemas.Where(pair => pair.Key.Item1 == tenant && string.CompareOrdinal(pair.Key.Item2, afterSlug) > 0)
                .Select(pair => pair.Value).OrderBy(view => view.Slug, StringComparer.Ordinal).Take(limit),
        ]);

    public Task<IdempotencyEntry?> IdempotencyKey(TenantId tenant, string actor, string key, CancellationToken cancellation = default) =>
        Ask(() => store.IdempotencyKeys.GetValueOrDefault((tenant, actor, key)));

    public Task<IReadOnlyList<EventRecord>> Events(
        long after, int limit, IReadOnlyList<string> types, CancellationToken cancellation = default) =>
        Ask<IReadOnlyList<EventRecord>>(() =>
        [
            .. store.Log.Select(Record).Skip((int)after).Where(record => types.Count == 0 || types.Contains(record.Type)).Take(limit),
        ]);

    public Task<StoreStatus> Status(CancellationToken cancellation = default) => Ask(() =>
    {
        var failed = store.Locations.Values.SelectMany(rows => rows).GroupBy(row => row.Backend)
            .ToDictionary(group => group.Key, group => group.LongCount(row => row.State == LocationState.Failed));
        return new StoreStatus(InMemoryStore.Id, Incarnation: 1, SchemaVersion: 1, store.Log.Count, failed);
    });

    private Task<T> Ask<T>(Func<T> question)
    {
        lock (store.Gate) return Task.FromResult(question());
    }

    private (long Key, ContentDigests Digests)? Find(ContentAddress address)
    {
        if (address.Algorithm == DigestAlgorithm.Blake3) return store.Contents.TryGetValue(address.Digest, out var row) ? row : null;
        foreach (var known in store.Contents.Values)
        {
            if (known.Digests.Sha256 == address.Digest) return known;
        }
        return null;
    }

    private (long Key, ContentDigests Digests)? Readable(ReadScope scope, ContentAddress address)
    {
        if (Find(address) is not { } found) return null;
        var isHeld = store.Holding.Values.Any(hold =>
            hold.Tenant == scope.Tenant && hold.Kind == HoldKind.Content && hold.Covers == found.Digests.Blake3.ToHex());
        var isReferred = isHeld || store.Packages.Values.Any(row => row.View.Tenant == scope.Tenant
            && (row.View.Manifest == found.Digests || store.Files[row.View.Id].Values.Any(file => file.Content == found.Digests)));
        return isReferred ? found : null;
    }

    /// <summary>Bytes that only a failed location should have are missing: pushing them again heals it.</summary>
    private bool IsHere(ReadScope scope, ContentAddress address) =>
        Readable(scope, address) is var (_, digests) && Locations(scope.Tenant, digests).Any(row => row.State == LocationState.Live);

    private IReadOnlyList<LocationView> Locations(TenantId tenant, ContentDigests digests) =>
    [
        .. store.Locations.Where(pair => pair.Key.Item1 == tenant && pair.Key.Item3 == digests.Blake3).SelectMany(pair => pair.Value)
            .Where(row => row.State is LocationState.Live or LocationState.Failed).OrderBy(row => row.State),
    ];

    private static bool Fits(PackageView view, PackageFilter filter) =>
        (filter.Producer is null || view.Producer == filter.Producer)
        && (filter.Subject is null || view.Subject == filter.Subject)
        && (filter.RetentionClass is null || view.RetentionClass == filter.RetentionClass)
        && (filter.Status is null || view.Status == filter.Status)
        && filter.Metadata.All(wanted => view.Metadata.EnumerateTopLevel().Contains(wanted));

    private EventRecord Record((StreamEvent Event, string Actor, AppendId Append, long Version) line, int index)
    {
        var payload = EventCodec.Encode(line.Event.Body);
        var record = new EventRecord(
            index + 1, line.Event.Time, EventCodec.NameOf(line.Event.Body), line.Event.Stream, line.Version, line.Actor, line.Append,
            payload, LeafDigest.OfPayload(payload), default)
        {
            AppendSize = index > 0 && store.Log[index - 1].Append == line.Append ? 0 : store.Log.Skip(index).TakeWhile(next => next.Append == line.Append).Count(),
        };
        return record with { LeafDigest = LeafDigest.Of(record) };
    }
}
