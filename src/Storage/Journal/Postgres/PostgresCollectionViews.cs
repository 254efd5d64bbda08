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
    /// <summary>One statement: a reservation that settles meanwhile is in one of the two.</summary>
    private const string KnownKeysSql =
        """
        WITH q AS MATERIALIZED (SELECT tenant, blake3 FROM unnest($1::text[], $2::bytea[]) AS asked(tenant, blake3))
        SELECT l.generation, l.physical_key, l.status, q.tenant, q.blake3
        FROM q JOIN contents c ON c.tenant = q.tenant AND c.blake3 = q.blake3
        JOIN storage_locations l ON l.content_key = c.content_key AND l.backend_id = $3
        UNION ALL
        SELECT s.generation, s.physical_key, NULL, q.tenant, q.blake3
        FROM q JOIN settling s ON s.tenant = q.tenant AND s.blake3 = q.blake3 AND s.backend_id = $3
        """;

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

    public Task<IReadOnlyList<KnownKey>> KnownKeys(
        BackendId backend, IReadOnlyCollection<StoredContent> contents, CancellationToken cancellation = default) => readers.All(
        KnownKeysSql, row => CollectionSql.KnownKey(row, new(new(row.Text(3)), row.Digest(4))),
        [
            contents.Select(content => content.Tenant.Value).ToArray(), contents.Select(content => content.Blake3.ToArray()).ToArray(), backend.Value,
        ],
        cancellation);

    public async Task<bool> IsAllHeld(TenantId tenant, CancellationToken cancellation = default) =>
        (await readers.All(CollectionSql.HoldOnAll, row => row.Int64(0), [tenant.Value], cancellation)).Count > 0;

    public Task<IReadOnlyList<LocationView>> LocationsOf(TenantId tenant, Digest256 content, CancellationToken cancellation = default) =>
        readers.All(CollectionSql.LocationsOf, row => CollectionSql.Location(row)!, [tenant.Value, content.ToArray()], cancellation);
}
