using ArtifactStore.Interfaces.Collection;
using ArtifactStore.Interfaces.Contents;
using ArtifactStore.Interfaces.Events;
using ArtifactStore.Interfaces.Hashing;
using ArtifactStore.Interfaces.Ids;
using ArtifactStore.Storage.Journal.Projections;
using ArtifactStore.Storage.Journal.Queries;

namespace ArtifactStore.Storage.Journal.Postgres;

/// <summary>The collector's work lists of a PostgreSQL store.</summary>
internal sealed class PostgresCollectionViews(PostgresReaders readers) : ICollectionViews
{
    public Task<IReadOnlyList<EligiblePackage>> Eligible(EligiblePackage? after, int limit, CancellationToken cancellation = default) => readers.All(
        CollectionSql.Eligible, CollectionSql.EligiblePackage,
        [EventTime.ToMicroseconds(after?.Since ?? DateTimeOffset.MinValue), after?.Key ?? 0, (long)limit], cancellation);

    public Task<IReadOnlyList<CollectingPackage>> Collecting(long after, int limit, CancellationToken cancellation = default) =>
        readers.All(CollectionSql.Collecting, CollectionSql.CollectingPackage, [after, (long)limit], cancellation);

    public Task<IReadOnlyList<StandingReference>> Files(
        CollectingPackage package, string after, int limit, CancellationToken cancellation = default) =>
        readers.All(CollectionSql.Files, row => CollectionSql.File(row, package.Package), [package.Key, after, (long)limit], cancellation);

    public Task<StandingReference?> Manifest(CollectingPackage package, CancellationToken cancellation = default) =>
        readers.First(CollectionSql.Manifest, row => CollectionSql.ManifestReference(row, package.Package), [package.Key], cancellation);

    public Task<IReadOnlyList<DoomedLocation>> Locations(LocationState state, long after, int limit, CancellationToken cancellation = default) =>
        readers.All(CollectionSql.Locations, CollectionSql.DoomedLocation, [StatusNames.Of(state), after, (long)limit], cancellation);

    public Task<IReadOnlyList<CollectionCandidate>> Candidates(long after, int limit, CancellationToken cancellation = default) =>
        readers.All(CollectionSql.Candidates, CollectionSql.Candidate, [after, (long)limit], cancellation);

    public async Task<bool> IsAllHeld(TenantId tenant, CancellationToken cancellation = default) =>
        (await readers.All(CollectionSql.HoldOnAll, row => row.Int64(0), [tenant.Value], cancellation)).Count > 0;

    public Task<IReadOnlyList<LocationView>> LocationsOf(TenantId tenant, Digest256 content, CancellationToken cancellation = default) =>
        readers.All(CollectionSql.LocationsOf, row => CollectionSql.Location(row)!, [tenant.Value, content.ToArray()], cancellation);
}
