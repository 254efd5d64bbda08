using ArtifactStore.Interfaces.Ids;

namespace ArtifactStore.Client;

/// <summary>Why something is in the store and what would have to happen before it goes; or when and why it went.</summary>
/// <param name="Subject">What was asked about.</param>
/// <param name="Kind">package, file or content.</param>
/// <param name="Fate">kept, collectable, leaving, gone or stranded.</param>
/// <param name="NothingKeepsIt">The next collection removes it.</param>
/// <param name="Conclusion">One sentence.</param>
/// <param name="AsOfSequence">The log reached at least this far.</param>
/// <param name="NotBefore">It goes no earlier than this, as far as is known.</param>
/// <param name="Package">The package, or that of the file.</param>
/// <param name="RelativePath">Of a file.</param>
/// <param name="ContentAddress">Of a file or a content.</param>
/// <param name="Size">Bytes.</param>
/// <param name="Keepers">A page of what keeps it.</param>
/// <param name="NextCursor">For the next page of a content's keepers.</param>
/// <param name="Steps">What would have to happen first, in order.</param>
/// <param name="Copies">Of a content.</param>
/// <param name="Departure">How its package went.</param>
public sealed record Explained(
    string Subject,
    string Kind,
    string Fate,
    bool NothingKeepsIt,
    string Conclusion,
    long AsOfSequence,
    DateTimeOffset? NotBefore,
    ExplainedPackage? Package,
    string? RelativePath,
    ContentAddress? ContentAddress,
    long? Size,
    IReadOnlyList<ExplainedKeeper> Keepers,
    string? NextCursor,
    IReadOnlyList<ExplainedStep> Steps,
    IReadOnlyList<ExplainedCopy> Copies,
    ExplainedDeparture? Departure);

public sealed record ExplainedPackage(
    PackageId Id, string Name, string Producer, string Subject, string RetentionClass, string Status, DateTimeOffset? ExpiresAt,
    bool EligibleForDeletion);

/// <summary>Something that keeps it: retention, a hold, a file or a manifest.</summary>
public sealed record ExplainedKeeper(
    string Kind, bool Goes, DateTimeOffset? NotBefore, string? BackendId, ExplainedPackage? Package, FileId? FileId, string? RelativePath,
    ExplainedHold? Hold);

public sealed record ExplainedHold(
    string HoldId, string Kind, string Covers, string Reason, string Owner, DateTimeOffset AppliedAt, DateTimeOffset? Until);

public sealed record ExplainedStep(string Kind, DateTimeOffset? NotBefore, string Text);

public sealed record ExplainedCopy(
    string BackendId, int Generation, string State, string Fate, DateTimeOffset ChangedAt, string? Reason, PackageId? ReleasedByPackage,
    string? ReleasedByPath);

public sealed record ExplainedDeparture(
    PackageId PackageId, string? Rule, string? Reason, DateTimeOffset? EligibleSince, DateTimeOffset? StartedAt, string? StartedBy, string? Plan,
    DateTimeOffset? EndedAt);

/// <summary>A set of packages whose deletion frees room, or how much could be freed at most.</summary>
public sealed record FoundSpace(
    long WantedBytes,
    long FreedBytes,
    bool Enough,
    string Conclusion,
    long AsOfSequence,
    long ExaminedPackages,
    long HeldPackages,
    bool Complete,
    int PackageCount,
    IReadOnlyList<SpacePackage> Packages);

public sealed record SpacePackage(
    PackageId Id, string Name, string Producer, string Subject, string RetentionClass, DateTimeOffset? ExpiresAt, long TotalBytes);
