using ArtifactStore.Interfaces.Collection;
using ArtifactStore.Interfaces.Contents;
using ArtifactStore.Interfaces.Hashing;
using ArtifactStore.Interfaces.Ids;
using ArtifactStore.Storage.Journal.Projections;
using ArtifactStore.Storage.Journal.Queries;

namespace ArtifactStore.Storage.Journal.Sqlite;

/// <summary>The collector's work lists of a SQLite store.</summary>
internal sealed class SqliteCollectionViews(SqliteReaders readers) : ICollectionViews
{
    public Task<IReadOnlyList<EligiblePackage>> Eligible(EligiblePackage? after, int limit, CancellationToken cancellation = default) => All(
        CollectionSql.Eligible, CollectionSql.EligiblePackage, cancellation, SqlValue.Time(after?.Since ?? DateTimeOffset.MinValue), after?.Key ?? 0, limit);

    public Task<IReadOnlyList<CollectingPackage>> Collecting(long after, int limit, CancellationToken cancellation = default) =>
        All(CollectionSql.Collecting, CollectionSql.CollectingPackage, cancellation, after, limit);

    public Task<IReadOnlyList<StandingReference>> Files(
        CollectingPackage package, string after, int limit, CancellationToken cancellation = default) =>
        All(CollectionSql.Files, row => CollectionSql.File(row, package.Package), cancellation, package.Key, after, limit);

    public async Task<StandingReference?> Manifest(CollectingPackage package, CancellationToken cancellation = default) =>
        (await All(CollectionSql.Manifest, row => CollectionSql.ManifestReference(row, package.Package), cancellation, package.Key)) is [var only]
            ? only
            : null;

    public Task<IReadOnlyList<DoomedLocation>> Locations(LocationState state, long after, int limit, CancellationToken cancellation = default) =>
        All(CollectionSql.Locations, CollectionSql.DoomedLocation, cancellation, StatusNames.Of(state), after, limit);

    public Task<IReadOnlyList<CollectionCandidate>> Candidates(long after, int limit, CancellationToken cancellation = default) =>
        All(CollectionSql.Candidates, CollectionSql.Candidate, cancellation, after, limit);

    public Task<IReadOnlyList<LocationView>> LocationsOf(TenantId tenant, Digest256 content, CancellationToken cancellation = default) =>
        All(CollectionSql.LocationsOf, row => CollectionSql.Location(row)!, cancellation, tenant.Value, content);

    public async Task<bool> IsAllHeld(TenantId tenant, CancellationToken cancellation = default) =>
        (await All(CollectionSql.HoldOnAll, row => row.Int64(0), cancellation, tenant.Value)).Count > 0;

    private Task<IReadOnlyList<T>> All<T>(string sql, Func<IRow, T> read, CancellationToken cancellation, params SqlValue[] values) =>
        readers.All(sql, read, cancellation, values);
}
