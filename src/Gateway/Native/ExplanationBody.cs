using ArtifactStore.Gateway.Shared.Collection;
using ArtifactStore.Interfaces.Ids;
using ArtifactStore.Interfaces.Packages;
using ArtifactStore.Interfaces.Retention;

namespace ArtifactStore.Gateway.Native;

/// <summary>An explanation as this door shows it.</summary>
public sealed record ExplanationBody(
    string Subject,
    string Kind,
    string Fate,
    bool NothingKeepsIt,
    string Conclusion,
    long AsOfSequence,
    DateTimeOffset? NotBefore,
    KeepingPackageBody? Package,
    string? RelativePath,
    string? ContentAddress,
    long? Size,
    IReadOnlyList<KeeperBody> Keepers,
    string? NextCursor,
    IReadOnlyList<StepBody> Steps,
    IReadOnlyList<CopyBody> Copies,
    DepartureBody? Departure)
{
    public static ExplanationBody Of(Explanation explained, string? nextCursor) => new(
        explained.Subject,
        explained.Kind switch
        {
            ExplainedKind.Package => "package",
            ExplainedKind.File => "file",
            _ => "content",
        },
        NameOf(explained.Fate),
        explained.Fate is Shared.Collection.Fate.Collectable or Shared.Collection.Fate.Leaving,
        explained.Conclusion,
        explained.AsOfSequence,
        explained.NotBefore,
        explained.Package is { } package ? KeepingPackageBody.Of(package) : null,
        explained.File?.Path.Value,
        (explained.Content?.Blake3 ?? explained.File?.Content.Blake3) is { } blake3 ? Interfaces.Ids.ContentAddress.Blake3(blake3).ToString() : null,
        explained.Content?.Size ?? explained.File?.Content.Size ?? explained.Package?.TotalBytes,
        [.. explained.Keepers.Select(KeeperBody.Of)],
        nextCursor,
        [.. explained.Steps.Select(step => new StepBody(step.Kind, step.NotBefore, step.Text))],
        [.. explained.Copies.Select(CopyBody.Of)],
        explained.Departure is { } departure ? DepartureBody.Of(departure) : null);

    public static string NameOf(Fate fate) => fate switch
    {
        Shared.Collection.Fate.Kept => "kept",
        Shared.Collection.Fate.Collectable => "collectable",
        Shared.Collection.Fate.Leaving => "leaving",
        Shared.Collection.Fate.Gone => "gone",
        Shared.Collection.Fate.Stranded => "stranded",
        _ => throw new ArgumentOutOfRangeException(nameof(fate)),
    };
}

/// <summary>As much of a package as it takes to say when it goes.</summary>
public sealed record KeepingPackageBody(
    string Id, string Name, string Producer, string Subject, string RetentionClass, string Status, DateTimeOffset? ExpiresAt,
    bool EligibleForDeletion)
{
    public static KeepingPackageBody Of(PackageView package) => new(
        package.Id.ToString(), package.Name, package.Producer, package.Subject, package.RetentionClass, StatusNames.Of(package.Status),
        package.ExpiresAt, package.Eligible is not null);

    public static KeepingPackageBody Of(Interfaces.Collection.KeepingPackage package) => new(
        package.Id.ToString(), package.Name, package.Producer, package.Subject, package.RetentionClass, StatusNames.Of(package.Status),
        package.ExpiresAt, package.IsEligible);
}

/// <summary>Something that keeps something: a package's retention, a hold, a file, a manifest.</summary>
public sealed record KeeperBody(
    string Kind,
    bool Goes,
    DateTimeOffset? NotBefore,
    string? BackendId,
    KeepingPackageBody? Package,
    string? FileId,
    string? RelativePath,
    HoldBody? Hold)
{
    public static KeeperBody Of(ExplainedKeeper keeper) => new(
        keeper.Kind, keeper.Goes, keeper.NotBefore, keeper.Backend?.Value, keeper.Package is { } package ? KeepingPackageBody.Of(package) : null,
        keeper.File?.ToString(), keeper.Path, keeper.Hold is { } hold ? HoldBody.Of(hold) : null);
}

/// <summary>What would have to happen.</summary>
public sealed record StepBody(string Kind, DateTimeOffset? NotBefore, string Text);

/// <summary>One copy of a content, in whatever state.</summary>
public sealed record CopyBody(
    string BackendId,
    int Generation,
    string State,
    string Fate,
    DateTimeOffset ChangedAt,
    string? Reason,
    string? ReleasedByPackage,
    string? ReleasedByPath)
{
    public static CopyBody Of(ExplainedCopy copy) => new(
        copy.Known.Location.Backend.Value,
        copy.Known.Location.Generation,
        copy.Known.Location.State.ToString().ToLowerInvariant(),
        ExplanationBody.NameOf(copy.Fate),
        copy.Known.ChangedAt,
        copy.Known.Reason,
        copy.Known.Package?.ToString(),
        copy.Known.Path);
}

/// <summary>How a package went: when, by which plan, under which rule.</summary>
public sealed record DepartureBody(
    string PackageId,
    string? Rule,
    string? Reason,
    DateTimeOffset? EligibleSince,
    DateTimeOffset? StartedAt,
    string? StartedBy,
    string? Plan,
    DateTimeOffset? EndedAt)
{
    public static DepartureBody Of(Departure departure) => new(
        departure.Package.ToString(), departure.Rule is { } rule ? RetentionNames.Of(rule) : null, departure.Reason, departure.EligibleSince,
        departure.StartedAt, departure.StartedBy, departure.Plan, departure.EndedAt);
}
