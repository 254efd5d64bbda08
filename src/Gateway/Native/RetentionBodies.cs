using ArtifactStore.Interfaces.Ids;
using ArtifactStore.Interfaces.Packages;
using ArtifactStore.Interfaces.Retention;

namespace ArtifactStore.Gateway.Native;

/// <summary>How long a package is kept and why, as this door shows it.</summary>
public sealed record RetentionBody(
    string PackageId,
    string RetentionClass,
    DateTimeOffset? ExpiresAt,
    bool EligibleForDeletion,
    DateTimeOffset? EligibleSince,
    string? EligibleCause,
    string? EligibleReason,
    IReadOnlyList<HoldBody> Holds)
{
    /// <summary>Shown with a package; all of a package's own are listed by a route of their own.</summary>
    public const int MaxHolds = 100;

    public static RetentionBody Of(PackageView package, IReadOnlyList<HoldView> holds) => new(
        package.Id.ToString(),
        package.RetentionClass,
        package.ExpiresAt,
        package.Eligible is not null,
        package.Eligible?.Since,
        package.Eligible is { } eligible ? RetentionNames.Of(eligible.Cause) : null,
        package.Eligible?.Reason,
        [.. holds.Select(HoldBody.Of)]);
}

/// <summary>A hold that stands. A content is shown by its address.</summary>
public sealed record HoldBody(
    string HoldId, string Kind, string Covers, string Reason, string Owner, DateTimeOffset AppliedAt, DateTimeOffset? Until)
{
    public static HoldBody Of(HoldView hold) => new(
        hold.Id.ToString(),
        RetentionNames.Of(hold.Kind),
        hold.Kind == HoldKind.Content ? $"{ContentAddress.NameOf(DigestAlgorithm.Blake3)}:{hold.Covers}" : hold.Covers,
        hold.Reason,
        hold.Owner,
        hold.AppliedAt,
        hold.Until);
}

public sealed record HoldPage(IReadOnlyList<HoldBody> Items, string? NextCursor);
