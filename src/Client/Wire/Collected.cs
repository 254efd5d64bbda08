using ArtifactStore.Interfaces.Ids;

namespace ArtifactStore.Client;

/// <summary>What a run of the collector did. With <see cref="More"/> its time was over: the next run goes on where it stopped.</summary>
/// <param name="Started">Packages that can no longer be kept.</param>
/// <param name="Held">Packages that a hold keeps.</param>
/// <param name="Released">References that were released.</param>
/// <param name="Deleted">Copies whose bytes are gone.</param>
/// <param name="FreedBytes">What these held.</param>
/// <param name="CollectedPackages">Packages of which nothing is left.</param>
/// <param name="Failed">Copies whose backend did not acknowledge the deletion.</param>
/// <param name="More">There is more to do.</param>
/// <param name="PlanId">The plan that was run; null: none.</param>
/// <param name="Skipped">Packages of the plan that have changed since, and were not touched.</param>
/// <param name="Next">Where the run of the plan goes on.</param>
public sealed record Collected(
    long Started,
    long Held,
    long Released,
    long Deleted,
    long FreedBytes,
    [property: System.Text.Json.Serialization.JsonPropertyName("collected")] long CollectedPackages,
    long Failed,
    bool More,
    string? PlanId = null,
    IReadOnlyList<Skipped>? Skipped = null,
    string? Next = null);

/// <summary>A package that is not as the plan saw it, and why.</summary>
public sealed record Skipped(PackageId PackageId, string Reason);
