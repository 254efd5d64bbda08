using ArtifactStore.Interfaces.Contents;
using ArtifactStore.Interfaces.Ids;
using ArtifactStore.Interfaces.Journal;
using ArtifactStore.Interfaces.MetadataSchemas;
using ArtifactStore.Interfaces.Packages;
using ArtifactStore.Interfaces.Retention;
using ArtifactStore.Interfaces.Views;
using ArtifactStore.Storage.Journal.Projections;
using ArtifactStore.Storage.Journal.Queries;
using ArtifactStore.Storage.Journal.Sqlite.Engine;

namespace ArtifactStore.Storage.Journal.Sqlite;

/// <summary>Questions to the views of a SQLite store.</summary>
internal sealed class SqliteViews(SqliteReaders readers) : IViews
{
    public Task<PackageView?> Package(TenantId tenant, PackageId id, CancellationToken cancellation = default) =>
        readers.Read(db => First(db, ViewSql.PackageById, ViewRows.Package, tenant.Value, id.Value)?.Package, cancellation);

    public Task<IReadOnlyList<PackageRow>> Packages(
        TenantId tenant, PackageFilter filter, long? before, int limit, CancellationToken cancellation = default) =>
        readers.Read<IReadOnlyList<PackageRow>>(
            db => UntilFull(
                KeyIntersection.Find(db, tenant, filter, before, limit).Select(key => First(db, ViewSql.PackageByKey, ViewRows.Package, key)!),
                row => row.Package.Metadata.Cbor.Length),
            cancellation);

    public Task<IReadOnlyList<FileView>> Files(
        TenantId tenant, PackageId package, RelativePath? after, int limit, CancellationToken cancellation = default) =>
        readers.Read<IReadOnlyList<FileView>>(
            db => FindPackage(db, tenant, package) is { } key
                ? All(db, ViewSql.FilesAfter, ViewRows.File, key, after?.Value ?? "", (long)limit)
                : [],
            cancellation);

    public Task<FileView?> File(TenantId tenant, FileId id, CancellationToken cancellation = default) =>
        readers.Read(db => First(db, ViewSql.FileById, ViewRows.File, id.Value, tenant.Value), cancellation);

    public Task<FileView?> FileAt(TenantId tenant, PackageId package, RelativePath path, CancellationToken cancellation = default) =>
        readers.Read(
            db => FindPackage(db, tenant, package) is { } key ? First(db, ViewSql.FileByPath, ViewRows.File, key, path.Value) : null, cancellation);

    public Task<ContentView?> Content(ReadScope scope, ContentAddress address, CancellationToken cancellation = default) =>
        readers.Read(db => ContentQueries.Readable(db, scope.Tenant, address), cancellation);

    public Task<LocationView?> LiveLocation(
        TenantId tenant, BackendId backend, ContentAddress address, CancellationToken cancellation = default) =>
        readers.Read(db => ContentQueries.LiveLocation(db, tenant, backend, address), cancellation);

    public Task<LocationPage> Locations(BackendId backend, long after, int limit, CancellationToken cancellation = default) =>
        readers.Read(
            db => ViewRows.LocationPage(
                All(db, ViewSql.LocationsAfter, row => ViewRows.StoredLocation(row, backend), after, (long)limit), limit),
            cancellation);

    public Task<IReadOnlyList<long>> LocationsUsedBy(
        BackendId backend, string retentionClass, long after, long last, CancellationToken cancellation = default) =>
        readers.Read<IReadOnlyList<long>>(
            db => All(db, ViewSql.LocationsUsedBy, row => row.Int64(0), backend.Value, retentionClass, after, last), cancellation);

    public Task<IReadOnlyList<ContentAddress>> Missing(
        ReadScope scope, IReadOnlyList<ContentAddress> addresses, CancellationToken cancellation = default) =>
        readers.Read<IReadOnlyList<ContentAddress>>(
            db => [.. addresses.Where(address => !ContentQueries.IsHere(db, scope.Tenant, address))], cancellation);

    public Task<RetentionClassView?> RetentionClass(TenantId tenant, string slug, CancellationToken cancellation = default) =>
        readers.Read(db => First(db, ViewSql.ClassBySlug, ViewRows.RetentionClass, tenant.Value, slug), cancellation);

    public Task<IReadOnlyList<RetentionClassView>> RetentionClasses(TenantId tenant, CancellationToken cancellation = default) =>
        readers.Read<IReadOnlyList<RetentionClassView>>(db => All(db, ViewSql.ClassesOf, ViewRows.RetentionClass, tenant.Value), cancellation);

    public Task<IReadOnlyList<HoldView>> HoldsOn(PackageView package, int limit, CancellationToken cancellation = default) =>
        readers.Read<IReadOnlyList<HoldView>>(
            db =>
            [
                .. HoldCover.Of(package.Id, package.Producer, package.Subject)
                    .SelectMany(cover => All(
                        db, ViewSql.HoldsOnCover, ViewRows.Hold, package.Tenant.Value, RetentionNames.Of(cover.Kind), cover.Covers, (long)limit))
                    .OrderBy(hold => hold.Key).Take(limit),
            ],
            cancellation);

    public Task<HoldView?> Hold(TenantId tenant, HoldId id, CancellationToken cancellation = default) =>
        readers.Read(db => First(db, ViewSql.HoldById, ViewRows.Hold, tenant.Value, id.Value), cancellation);

    public Task<IReadOnlyList<HoldView>> Holds(TenantId tenant, long after, int limit, CancellationToken cancellation = default) =>
        readers.Read<IReadOnlyList<HoldView>>(
            db => All(db, ViewSql.HoldsAfter, ViewRows.Hold, tenant.Value, after, (long)limit), cancellation);

    public Task<IReadOnlyList<HoldView>> EndedHolds(
        DateTimeOffset now, HoldView? after, int limit, CancellationToken cancellation = default) =>
        readers.Read<IReadOnlyList<HoldView>>(
            db => All(
                db, ViewSql.EndedHolds, ViewRows.Hold, SqlValue.Time(now), SqlValue.Time(after?.Until ?? DateTimeOffset.MinValue),
                after?.Key ?? 0, (long)limit),
            cancellation);

    public Task<IReadOnlyList<DuePackage>> DuePackages(
        DateTimeOffset now, DuePackage? after, int limit, CancellationToken cancellation = default) =>
        readers.Read<IReadOnlyList<DuePackage>>(
            db => All(
                db, ViewSql.DueAfter, ViewRows.Due, SqlValue.Time(now), SqlValue.Time(after?.ExpiresAt ?? DateTimeOffset.MinValue),
                after?.Key ?? 0, (long)limit),
            cancellation);

    public Task<IReadOnlyList<EventRecord>> RetentionHistory(
        TenantId tenant, PackageId package, long afterVersion, int limit, CancellationToken cancellation = default) =>
        readers.Read<IReadOnlyList<EventRecord>>(
            db => All(db, ViewSql.RetentionHistory, ViewRows.Event, tenant.Value, package.ToString(), afterVersion, (long)limit), cancellation);

    public Task<MetadataSchemaView?> MetadataSchema(TenantId tenant, string slug, CancellationToken cancellation = default) =>
        readers.Read(db => First(db, ViewSql.SchemaBySlug, ViewRows.MetadataSchema, tenant.Value, slug), cancellation);

    public Task<IReadOnlyList<MetadataSchemaView>> MetadataSchemas(
        TenantId tenant, string? afterSlug, int limit, CancellationToken cancellation = default) =>
        readers.Read<IReadOnlyList<MetadataSchemaView>>(
            db => UntilFull(
                Each(db, ViewSql.SchemasAfter, ViewRows.MetadataSchema, tenant.Value, afterSlug ?? "", (long)limit),
                schema => schema.Schema.Cbor.Length),
            cancellation);

    public Task<IdempotencyEntry?> IdempotencyKey(TenantId tenant, string actor, string key, CancellationToken cancellation = default) =>
        readers.Read(
            db => First(
                db, ViewSql.IdempotencyEntryOf,
                row => new IdempotencyEntry(tenant, actor, key, row.Digest(0), row.Text(1), row.Time(2)),
                tenant.Value, actor, key),
            cancellation);

    public Task<IReadOnlyList<EventRecord>> Events(
        long after, int limit, IReadOnlyList<string> types, CancellationToken cancellation = default) =>
        readers.Read(db => EventQueries.After(db, after, limit, types), cancellation);

    public Task<StoreStatus> Status(CancellationToken cancellation = default) => readers.Read(ReadStatus, cancellation);

    internal static StoreStatus ReadStatus(SqliteConnection db)
    {
        var failed = new Dictionary<BackendId, long>();
        using (var rows = db.Query(ViewSql.FailedOf))
        {
            while (rows.Step()) failed.Add(new(rows.Text(0)), rows.Int64(1));
        }
        using var row = db.Query(ViewSql.StoreRow);
        return row.Step()
            ? new(row.Uuid(0), row.Int32(1), row.Int32(2), row.Int64(3), failed)
            : throw new InvalidDataException("the table store has no row");
    }

    private static long? FindPackage(SqliteConnection db, TenantId tenant, PackageId package)
    {
        using var row = db.Query(ViewSql.PackageKeyById, tenant.Value, package.Value);
        return row.Step() ? row.Int64(0) : null;
    }

    private static T? First<T>(SqliteConnection db, string sql, Func<IRow, T> read, params ReadOnlySpan<SqlValue> values)
        where T : class
    {
        using var row = db.Query(sql, values);
        return row.Step() ? read(row) : null;
    }

    private static List<T> All<T>(SqliteConnection db, string sql, Func<IRow, T> read, params SqlValue[] values) =>
        [.. Each(db, sql, read, values)];

    private static IEnumerable<T> Each<T>(SqliteConnection db, string sql, Func<IRow, T> read, params SqlValue[] values)
    {
        using var rows = db.Query(sql, values);
        while (rows.Step()) yield return read(rows);
    }

    /// <summary>The rows of one page (<see cref="PageLimit"/>).</summary>
    private static List<T> UntilFull<T>(IEnumerable<T> rows, Func<T, int> bytes)
    {
        var page = new List<T>();
        var used = 0L;
        foreach (var row in rows)
        {
            page.Add(row);
            used += bytes(row);
            if (used >= PageLimit.Bytes) break;
        }
        return page;
    }
}
