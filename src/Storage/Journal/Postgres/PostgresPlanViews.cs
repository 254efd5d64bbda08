using ArtifactStore.Interfaces.Collection;
using ArtifactStore.Interfaces.Ids;
using ArtifactStore.Interfaces.Retention;
using ArtifactStore.Storage.Journal.Projections;
using ArtifactStore.Storage.Journal.Queries;

namespace ArtifactStore.Storage.Journal.Postgres;

/// <summary>Plans of a PostgreSQL store.</summary>
internal sealed class PostgresPlanViews(PostgresReaders readers) : IPlanViews
{
    /// <summary>For what walks along everything that a plan lists; other questions are seeks.</summary>
    private static readonly TimeSpan Walk = TimeSpan.FromMinutes(15);

    private const string HeldCovers =
        """
        SELECT q.kind, q.covers FROM unnest($2::text[], $3::text[]) AS q (kind, covers)
        CROSS JOIN LATERAL (SELECT 1 FROM holds WHERE tenant = $1 AND kind = q.kind AND covers = q.covers LIMIT 1) h
        """;

    public Task<PlanView?> Plan(TenantId tenant, PlanId id, CancellationToken cancellation = default) =>
        readers.First(PlanSql.PlanById, PlanSql.Plan, [tenant.Value, id.Value], cancellation);

    public Task<IReadOnlyList<PlanView>> Plans(TenantId tenant, long? before, int limit, CancellationToken cancellation = default) =>
        readers.All(PlanSql.PlansBefore, PlanSql.Plan, [tenant.Value, before ?? long.MaxValue, (long)limit], cancellation);

    public Task<IReadOnlyList<PlanItem>> Items(TenantId tenant, PlanId plan, long after, int limit, CancellationToken cancellation = default) =>
        readers.All(PlanSql.Items, PlanSql.Item, [tenant.Value, plan.Value, after, (long)limit], cancellation);

    public Task<IReadOnlyList<PlanCandidate>> PlanCandidates(
        TenantId tenant, long after, int limit, CancellationToken cancellation = default) =>
        readers.All(PlanSql.Candidates, PlanSql.Candidate, [tenant.Value, after, (long)limit], cancellation);

    public async Task<IReadOnlySet<HoldCover>> Held(
        TenantId tenant, IReadOnlyCollection<HoldCover> covers, CancellationToken cancellation = default)
    {
        string[] kinds = [.. covers.Select(cover => RetentionNames.Of(cover.Kind))];
        string[] names = [.. covers.Select(cover => cover.Covers)];
        var held = await readers.All(
            HeldCovers, row => new HoldCover(StatusNames.Hold(row.Text(0)), row.Text(1)), [tenant.Value, kinds, names], cancellation);
        return held.ToHashSet();
    }

    public async Task<PlanTotals> Totals(TenantId tenant, PlanId plan, CancellationToken cancellation = default) =>
        (await readers.All(PlanSql.Totals, PlanSql.Total, [tenant.Value, plan.Value], cancellation, Walk))[0];

    public async Task<PlanProgress> Progress(TenantId tenant, PlanId plan, CancellationToken cancellation = default) =>
        (await readers.All(PlanSql.Progress, PlanSql.Progressed, [tenant.Value, plan.Value, plan.ToString()], cancellation, Walk))[0];
}
