using ArtifactStore.Interfaces.Collection;
using ArtifactStore.Interfaces.Ids;
using ArtifactStore.Interfaces.Retention;
using ArtifactStore.Storage.Journal.Projections;
using ArtifactStore.Storage.Journal.Queries;
using ArtifactStore.Storage.Journal.Sqlite.Engine;

namespace ArtifactStore.Storage.Journal.Sqlite;

/// <summary>Plans of a SQLite store.</summary>
internal sealed class SqlitePlanViews(SqliteReaders readers) : IPlanViews
{
    public async Task<PlanView?> Plan(TenantId tenant, PlanId id, CancellationToken cancellation = default) =>
        (await All(PlanSql.PlanById, PlanSql.Plan, cancellation, tenant.Value, id.Value)) is [var only] ? only : null;

    public Task<IReadOnlyList<PlanView>> Plans(TenantId tenant, long? before, int limit, CancellationToken cancellation = default) =>
        All(PlanSql.PlansBefore, PlanSql.Plan, cancellation, tenant.Value, before ?? long.MaxValue, limit);

    public Task<IReadOnlyList<PlanItem>> Items(TenantId tenant, PlanId plan, long after, int limit, CancellationToken cancellation = default) =>
        All(PlanSql.Items, PlanSql.Item, cancellation, tenant.Value, plan.Value, after, limit);

    public Task<IReadOnlyList<PlanCandidate>> PlanCandidates(
        TenantId tenant, long after, int limit, CancellationToken cancellation = default) =>
        All(PlanSql.Candidates, PlanSql.Candidate, cancellation, tenant.Value, after, limit);

    public Task<IReadOnlySet<HoldCover>> Held(
        TenantId tenant, IReadOnlyCollection<HoldCover> covers, CancellationToken cancellation = default) =>
        readers.Read<IReadOnlySet<HoldCover>>(db => covers.Where(cover => IsHeld(db, tenant, cover)).ToHashSet(), cancellation);

    // On a thread of its own: this walks along everything that the plan lists.
    public Task<PlanTotals> Totals(TenantId tenant, PlanId plan, CancellationToken cancellation = default) => Task.Run(
        async () => (await All(PlanSql.Totals, PlanSql.Total, cancellation, tenant.Value, plan.Value))[0], cancellation);

    public async Task<PlanProgress> Progress(TenantId tenant, PlanId plan, CancellationToken cancellation = default) =>
        (await All(PlanSql.Progress, PlanSql.Progressed, cancellation, tenant.Value, plan.Value, plan.ToString()))[0];

    private static bool IsHeld(SqliteConnection db, TenantId tenant, HoldCover cover)
    {
        using var row = db.Query(PlanSql.IsHeld, tenant.Value, RetentionNames.Of(cover.Kind), cover.Covers);
        return row.Step();
    }

    private Task<IReadOnlyList<T>> All<T>(string sql, Func<IRow, T> read, CancellationToken cancellation, params SqlValue[] values) =>
        readers.All(sql, read, values, cancellation);
}
