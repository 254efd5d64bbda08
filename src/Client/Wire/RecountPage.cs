namespace ArtifactStore.Client;

/// <summary>One page of a recount. <paramref name="Next"/> continues it; null is the end.</summary>
public sealed record RecountPage(string? Next, long Packages, long Contents, IReadOnlyList<RecountDrift> Drifts);

/// <summary>
/// What rows say otherwise than the store shows. What: files, bytes, left, failed_locations, dangling, unkept; of a package, a content or a backend.
/// </summary>
public sealed record RecountDrift(string What, string Of, long Shown, long Counted);
