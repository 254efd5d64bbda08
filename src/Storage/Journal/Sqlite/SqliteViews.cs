using ArtifactStore.Interfaces.Contents;
using ArtifactStore.Interfaces.Ids;
using ArtifactStore.Interfaces.Journal;
using ArtifactStore.Interfaces.MetadataSchemas;
using ArtifactStore.Interfaces.Packages;
using ArtifactStore.Interfaces.Retention;
using ArtifactStore.Interfaces.Views;
using ArtifactStore.Storage.Journal.Projections;
using ArtifactStore.Storage.Journal.Sqlite.Engine;

namespace ArtifactStore.Storage.Journal.Sqlite;

/// <summary>Questions to the views of a SQLite store.</summary>
internal sealed class SqliteViews(SqliteReaders readers) : IViews
{
    private const string PackageById = ViewRows.PackageSelect + " WHERE p.tenant = $1 AND p.package_id = $2";
    private const string PackageByKey = ViewRows.PackageSelect + " WHERE p.package_key = $1";
    private const string PackageKeyById = "SELECT package_key FROM artifact_packages WHERE tenant = $1 AND package_id = $2";
    private const string FilesAfter =
        ViewRows.FileSelect + " WHERE f.package_key = $1 AND f.relative_path > $2 ORDER BY f.relative_path LIMIT $3";
    private const string FileById = ViewRows.FileSelect + " WHERE f.file_id = $1 AND f.tenant = $2";
    private const string FileByPath = ViewRows.FileSelect + " WHERE f.package_key = $1 AND f.relative_path = $2";
    private const string ClassBySlug = ViewRows.ClassSelect + " WHERE tenant = $1 AND slug = $2";
    private const string ClassesOf = ViewRows.ClassSelect + " WHERE tenant = $1 ORDER BY class_key";
    private const string SchemaBySlug = ViewRows.SchemaSelect + " WHERE tenant = $1 AND slug = $2";
    private const string SchemasAfter = ViewRows.SchemaSelect + " WHERE tenant = $1 AND slug > $2 ORDER BY slug LIMIT $3";
    private const string IdempotencyEntryOf =
        "SELECT request_digest, result_id, created_at FROM idempotency_keys WHERE tenant = $1 AND actor = $2 AND idempotency_key = $3";
    private const string StoreRow = "SELECT store_id, incarnation, schema_version, head_sequence FROM store WHERE id = 1";
    private const string FailedOf = "SELECT backend_id, failed FROM failed_locations ORDER BY backend_id";

    public Task<PackageView?> Package(TenantId tenant, PackageId id, CancellationToken cancellation = default) =>
        readers.Read(db => First(db, PackageById, ViewRows.Package, tenant.Value, id.Value)?.Package, cancellation);

    public Task<IReadOnlyList<PackageRow>> Packages(
        TenantId tenant, PackageFilter filter, long? before, int limit, CancellationToken cancellation = default) =>
        readers.Read<IReadOnlyList<PackageRow>>(
            db => KeyIntersection.Find(db, tenant, filter, before, limit)
                .ConvertAll(key => First(db, PackageByKey, ViewRows.Package, key)!),
            cancellation);

    public Task<IReadOnlyList<FileView>> Files(
        TenantId tenant, PackageId package, RelativePath? after, int limit, CancellationToken cancellation = default) =>
        readers.Read<IReadOnlyList<FileView>>(
            db => FindPackage(db, tenant, package) is { } key
                ? All(db, FilesAfter, ViewRows.File, key, after?.Value ?? "", (long)limit)
                : [],
            cancellation);

    public Task<FileView?> File(TenantId tenant, FileId id, CancellationToken cancellation = default) =>
        readers.Read(db => First(db, FileById, ViewRows.File, id.Value, tenant.Value), cancellation);

    public Task<FileView?> FileAt(TenantId tenant, PackageId package, RelativePath path, CancellationToken cancellation = default) =>
        readers.Read(
            db => FindPackage(db, tenant, package) is { } key ? First(db, FileByPath, ViewRows.File, key, path.Value) : null, cancellation);

    public Task<ContentView?> Content(ReadScope scope, ContentAddress address, CancellationToken cancellation = default) =>
        readers.Read(db => ContentQueries.Readable(db, scope.Tenant, address), cancellation);

    public Task<LocationView?> LiveLocation(
        TenantId tenant, BackendId backend, ContentAddress address, CancellationToken cancellation = default) =>
        readers.Read(db => ContentQueries.LiveLocation(db, tenant, backend, address), cancellation);

    public Task<IReadOnlyList<ContentAddress>> Missing(
        ReadScope scope, IReadOnlyList<ContentAddress> addresses, CancellationToken cancellation = default) =>
        readers.Read<IReadOnlyList<ContentAddress>>(
            db => [.. addresses.Where(address => !ContentQueries.IsHere(db, scope.Tenant, address))], cancellation);

    public Task<RetentionClassView?> RetentionClass(TenantId tenant, string slug, CancellationToken cancellation = default) =>
        readers.Read(db => First(db, ClassBySlug, ViewRows.RetentionClass, tenant.Value, slug), cancellation);

    public Task<IReadOnlyList<RetentionClassView>> RetentionClasses(TenantId tenant, CancellationToken cancellation = default) =>
        readers.Read<IReadOnlyList<RetentionClassView>>(db => All(db, ClassesOf, ViewRows.RetentionClass, tenant.Value), cancellation);

    public Task<MetadataSchemaView?> MetadataSchema(TenantId tenant, string slug, CancellationToken cancellation = default) =>
        readers.Read(db => First(db, SchemaBySlug, ViewRows.MetadataSchema, tenant.Value, slug), cancellation);

    public Task<IReadOnlyList<MetadataSchemaView>> MetadataSchemas(
        TenantId tenant, string? afterSlug, int limit, CancellationToken cancellation = default) =>
        readers.Read<IReadOnlyList<MetadataSchemaView>>(
            db => All(db, SchemasAfter, ViewRows.MetadataSchema, tenant.Value, afterSlug ?? "", (long)limit), cancellation);

    public Task<IdempotencyEntry?> IdempotencyKey(TenantId tenant, string actor, string key, CancellationToken cancellation = default) =>
        readers.Read(
            db => First(
                db, IdempotencyEntryOf,
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
        using (var rows = db.Query(FailedOf))
        {
            while (rows.Step()) failed.Add(new(rows.Text(0)), rows.Int64(1));
        }
        using var row = db.Query(StoreRow);
        return row.Step()
            ? new(row.Uuid(0), row.Int32(1), row.Int32(2), row.Int64(3), failed)
            : throw new InvalidDataException("the table store has no row");
    }

    private static long? FindPackage(SqliteConnection db, TenantId tenant, PackageId package)
    {
        using var row = db.Query(PackageKeyById, tenant.Value, package.Value);
        return row.Step() ? row.Int64(0) : null;
    }

    private static T? First<T>(SqliteConnection db, string sql, Func<SqliteStatement, T> read, params ReadOnlySpan<SqlValue> values)
        where T : class
    {
        using var row = db.Query(sql, values);
        return row.Step() ? read(row) : null;
    }

    private static List<T> All<T>(SqliteConnection db, string sql, Func<SqliteStatement, T> read, params ReadOnlySpan<SqlValue> values)
    {
        using var rows = db.Query(sql, values);
        var all = new List<T>();
        while (rows.Step()) all.Add(read(rows));
        return all;
    }
}
