using ArtifactStore.Interfaces.Contents;
using ArtifactStore.Interfaces.Events;
using ArtifactStore.Interfaces.Hashing;
using ArtifactStore.Interfaces.Ids;
using ArtifactStore.Interfaces.Journal;
using ArtifactStore.Interfaces.MetadataSchemas;
using ArtifactStore.Interfaces.Packages;
using ArtifactStore.Interfaces.Retention;
using ArtifactStore.Interfaces.Views;
using ArtifactStore.Storage.Journal.Queries;

namespace ArtifactStore.Storage.Journal.Postgres;

/// <summary>Questions to the views of a PostgreSQL store: one statement and one round trip each.</summary>
internal sealed class PostgresViews(PostgresReaders readers) : IViews
{
    public async Task<PackageView?> Package(TenantId tenant, PackageId id, CancellationToken cancellation = default) =>
        (await readers.First(ViewSql.PackageById, ViewRows.Package, [tenant.Value, id.Value], cancellation))?.Package;

    public Task<IReadOnlyList<PackageRow>> Packages(
        TenantId tenant, PackageFilter filter, long? before, int limit, CancellationToken cancellation = default)
    {
        var (sql, values) = PostgresIntersection.Find(tenant, filter, before, limit);
        return readers.All(sql, ViewRows.Package, values, cancellation);
    }

    public Task<IReadOnlyList<FileView>> Files(
        TenantId tenant, PackageId package, RelativePath? after, int limit, CancellationToken cancellation = default) =>
        readers.All(
            PostgresViewSql.FilesAfter, ViewRows.File, [tenant.Value, package.Value, after?.Value ?? "", (long)limit], cancellation);

    public Task<FileView?> File(TenantId tenant, FileId id, CancellationToken cancellation = default) =>
        readers.First(ViewSql.FileById, ViewRows.File, [id.Value, tenant.Value], cancellation);

    public Task<FileView?> FileAt(TenantId tenant, PackageId package, RelativePath path, CancellationToken cancellation = default) =>
        readers.First(PostgresViewSql.FileByPath, ViewRows.File, [tenant.Value, package.Value, path.Value], cancellation);

    public async Task<ContentView?> Content(ReadScope scope, ContentAddress address, CancellationToken cancellation = default)
    {
        var sql = address.Algorithm == DigestAlgorithm.Blake3 ? PostgresViewSql.ContentByBlake3 : PostgresViewSql.ContentByDigest;
        var rows = await readers.All(
            sql,
            row =>
            {
                var digests = new ContentDigests(row.Digest(5), row.Digest(6), row.Int64(7));
                return (Key: row.Int64(8), Digests: digests, Location: row.IsNull(0) ? null : ViewRows.Location(row, digests.Blake3));
            },
            [scope.Tenant.Value, address.AlgorithmName, address.Digest.ToArray()],
            cancellation);
        return rows.Count == 0 ? null : new(rows[0].Key, rows[0].Digests, [.. rows.Select(row => row.Location).OfType<LocationView>()]);
    }

    public Task<LocationView?> LiveLocation(
        TenantId tenant, BackendId backend, ContentAddress address, CancellationToken cancellation = default) =>
        readers.First(
            PostgresViewSql.LiveLocation,
            row => ViewRows.Location(row, row.Digest(5)),
            [tenant.Value, address.AlgorithmName, address.Digest.ToArray(), backend.Value],
            cancellation);

    public async Task<LocationPage> Locations(BackendId backend, long after, int limit, CancellationToken cancellation = default) =>
        ViewRows.LocationPage(
            await readers.All(ViewSql.LocationsAfter, row => ViewRows.StoredLocation(row, backend), [after, (long)limit], cancellation), limit);

    public Task<IReadOnlyList<long>> LocationsUsedBy(
        BackendId backend, string retentionClass, long after, long last, CancellationToken cancellation = default) =>
        readers.All(ViewSql.LocationsUsedBy, row => row.Int64(0), [backend.Value, retentionClass, after, last], cancellation);

    public async Task<IReadOnlyList<ContentAddress>> Missing(
        ReadScope scope, IReadOnlyList<ContentAddress> addresses, CancellationToken cancellation = default)
    {
        if (addresses.Count == 0) return [];
        string[] algorithms = [.. addresses.Select(address => address.AlgorithmName)];
        byte[][] digests = [.. addresses.Select(address => address.Digest.ToArray())];
        var places = await readers.All(
            PostgresViewSql.Missing, row => row.Int64(0), [scope.Tenant.Value, algorithms, digests], cancellation);
        return [.. places.Select(place => addresses[(int)place - 1])];
    }

    public Task<RetentionClassView?> RetentionClass(TenantId tenant, string slug, CancellationToken cancellation = default) =>
        readers.First(ViewSql.ClassBySlug, ViewRows.RetentionClass, [tenant.Value, slug], cancellation);

    public Task<IReadOnlyList<RetentionClassView>> RetentionClasses(TenantId tenant, CancellationToken cancellation = default) =>
        readers.All(ViewSql.ClassesOf, ViewRows.RetentionClass, [tenant.Value], cancellation);

    public Task<IReadOnlyList<HoldView>> HoldsOn(PackageView package, int limit, CancellationToken cancellation = default)
    {
        var covers = HoldCover.Of(package.Id, package.Producer, package.Subject);
        string[] kinds = [.. covers.Select(cover => RetentionNames.Of(cover.Kind))];
        string[] names = [.. covers.Select(cover => cover.Covers)];
        return readers.All(PostgresViewSql.HoldsOn, ViewRows.Hold, [package.Tenant.Value, kinds, names, (long)limit], cancellation);
    }

    public Task<HoldView?> Hold(TenantId tenant, HoldId id, CancellationToken cancellation = default) =>
        readers.First(ViewSql.HoldById, ViewRows.Hold, [tenant.Value, id.Value], cancellation);

    public Task<IReadOnlyList<HoldView>> Holds(TenantId tenant, long after, int limit, CancellationToken cancellation = default) =>
        readers.All(ViewSql.HoldsAfter, ViewRows.Hold, [tenant.Value, after, (long)limit], cancellation);

    public Task<IReadOnlyList<HoldView>> EndedHolds(
        DateTimeOffset now, HoldView? after, int limit, CancellationToken cancellation = default) =>
        readers.All(
            ViewSql.EndedHolds, ViewRows.Hold, [Micros(now), Micros(after?.Until ?? DateTimeOffset.MinValue), after?.Key ?? 0, (long)limit],
            cancellation);

    public Task<IReadOnlyList<DuePackage>> DuePackages(
        DateTimeOffset now, DuePackage? after, int limit, CancellationToken cancellation = default) =>
        readers.All(
            ViewSql.DueAfter, ViewRows.Due, [Micros(now), Micros(after?.ExpiresAt ?? DateTimeOffset.MinValue), after?.Key ?? 0, (long)limit],
            cancellation);

    public Task<IReadOnlyList<EventRecord>> RetentionHistory(
        TenantId tenant, PackageId package, long afterVersion, int limit, CancellationToken cancellation = default) =>
        readers.All(ViewSql.RetentionHistory, ViewRows.Event, [tenant.Value, package.ToString(), afterVersion, (long)limit], cancellation);

    public Task<MetadataSchemaView?> MetadataSchema(TenantId tenant, string slug, CancellationToken cancellation = default) =>
        readers.First(ViewSql.SchemaBySlug, ViewRows.MetadataSchema, [tenant.Value, slug], cancellation);

    public Task<IReadOnlyList<MetadataSchemaView>> MetadataSchemas(
        TenantId tenant, string? afterSlug, int limit, CancellationToken cancellation = default) =>
        readers.All(
            PostgresViewSql.SchemasAfter, ViewRows.MetadataSchema, [tenant.Value, afterSlug ?? "", (long)limit], cancellation);

    public Task<IdempotencyEntry?> IdempotencyKey(TenantId tenant, string actor, string key, CancellationToken cancellation = default) =>
        readers.First(
            ViewSql.IdempotencyEntryOf,
            row => new IdempotencyEntry(tenant, actor, key, row.Digest(0), row.Text(1), row.Time(2)),
            [tenant.Value, actor, key],
            cancellation);

    public async Task<IReadOnlyList<EventRecord>> Events(
        long after, int limit, IReadOnlyList<string> types, CancellationToken cancellation = default)
    {
        // A NUL is in no text of the database, and asking with one would be an error.
        string[] wanted = [.. types.Where(type => !type.Contains('\0')).Distinct()];
        if (types.Count > 0)
            return await readers.All(PostgresViewSql.EventsOfTypes, ViewRows.Event, [after, (long)limit, wanted], cancellation);
        var page = new EventPage(after, everyLine: true);
        foreach (var record in await readers.All(PostgresViewSql.EventsAfter, ViewRows.Event, [after, (long)limit], cancellation))
            page.Add(record);
        return page.Events;
    }

    private static long Micros(DateTimeOffset time) => EventTime.ToMicroseconds(time);

    public async Task<StoreStatus> Status(CancellationToken cancellation = default)
    {
        var failed = new Dictionary<BackendId, long>();
        var rows = await readers.All(
            PostgresViewSql.Status,
            row =>
            {
                if (!row.IsNull(4)) failed[new(row.Text(4))] = row.Int64(5);
                return new StoreStatus(row.Uuid(0), row.Int32(1), row.Int32(2), row.Int64(3), failed);
            },
            [],
            cancellation);
        return rows.Count > 0 ? rows[0] : throw new InvalidDataException("the table store has no row");
    }
}
