using ArtifactStore.Interfaces.Events;
using ArtifactStore.Interfaces.Ids;
using ArtifactStore.Interfaces.Journal;
using ArtifactStore.Interfaces.Retention;

namespace ArtifactStore.Storage.Journal.Projections;

/// <summary>The rows of plans. What a plan lists is never changed; what became of it stands in the plan's own row.</summary>
internal static class PlanProjection
{
    public static void Apply(ProjectionSql sql, IStatements statements, IViewKeys keys, EventRecord record, StoreEvent body)
    {
        var tenant = record.Stream.Tenant.Value;
        var id = PlanId.Parse(record.Stream.Id, null).Value;
        switch (body)
        {
            case PlanListed e:
                foreach (var item in e.Packages) List(sql, statements, keys, record, item);
                break;
            case PlanMade e:
                statements.Run(
                    sql.InsertPlan, record.Sequence, tenant, id, SqlValue.Time(record.Time), record.Actor, e.Position,
                    SqlValue.Time(e.ValidUntil), e.Packages, e.Files, e.Bytes, e.FreedBytes, record.StreamVersion);
                break;
            case PlanStarted:
                statements.Run(sql.StartPlan, tenant, id, SqlValue.Time(record.Time), record.StreamVersion);
                break;
            case PlanEnded e:
                statements.Run(sql.EndPlan, tenant, id, SqlValue.Time(record.Time), e.Started, e.Skipped, record.StreamVersion);
                break;
        }
    }

    private static void List(ProjectionSql sql, IStatements statements, IViewKeys keys, EventRecord record, PlannedPackage item)
    {
        var package = keys.Package(new(record.Stream.Tenant, item.Package))
            ?? throw new InvalidDataException($"event {record.Sequence} plans the package {item.Package}, which does not exist");
        statements.Run(
            sql.InsertPlanItem, record.Stream.Tenant.Value, PlanId.Parse(record.Stream.Id, null).Value, package, item.Version,
            RetentionNames.Of(item.Cause), item.Reason, SqlValue.Time(item.Since), item.Files, item.Bytes);
    }
}
