using ArtifactStore.Interfaces.Collection;
using ArtifactStore.Interfaces.Retention;

namespace ArtifactStore.Gateway.Native;

/// <summary>A plan as this door shows it.</summary>
public sealed record PlanBody(
    string PlanId,
    string Status,
    DateTimeOffset MadeAt,
    string MadeBy,
    long Position,
    DateTimeOffset ValidUntil,
    long Packages,
    long Files,
    long Bytes,
    long FreedBytes,
    DateTimeOffset? StartedAt,
    DateTimeOffset? EndedAt,
    long? Started,
    long? Skipped)
{
    public static PlanBody Of(PlanView plan) => new(
        plan.Id.ToString(),
        plan.Status switch
        {
            PlanStatus.Made => "made",
            PlanStatus.Running => "running",
            PlanStatus.Ended => "ended",
            _ => throw new ArgumentOutOfRangeException(nameof(plan)),
        },
        plan.MadeAt,
        plan.MadeBy,
        plan.Made.Position,
        plan.Made.ValidUntil,
        plan.Made.Packages,
        plan.Made.Files,
        plan.Made.Bytes,
        plan.Made.FreedBytes,
        plan.StartedAt,
        plan.EndedAt,
        plan.Started,
        plan.Skipped);
}

public sealed record PlanPage(IReadOnlyList<PlanBody> Items, string? NextCursor);

/// <summary>A package as the plan saw it.</summary>
public sealed record PlannedPackageBody(
    string PackageId, long Version, string EligibleCause, string? EligibleReason, DateTimeOffset EligibleSince, long FileCount, long TotalBytes)
{
    public static PlannedPackageBody Of(PlanItem item) => new(
        item.Package.Package.ToString(),
        item.Package.Version,
        RetentionNames.Of(item.Package.Cause),
        item.Package.Reason,
        item.Package.Since,
        item.Package.Files,
        item.Package.Bytes);
}

public sealed record PlannedPackagePage(IReadOnlyList<PlannedPackageBody> Items, string? NextCursor);
