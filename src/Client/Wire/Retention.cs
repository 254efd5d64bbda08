using ArtifactStore.Interfaces.Ids;

namespace ArtifactStore.Client;

/// <summary>How long a package is kept.</summary>
/// <param name="PackageId">Its id.</param>
/// <param name="RetentionClass">The class that it was created in.</param>
/// <param name="ExpiresAt">Null: never.</param>
/// <param name="EligibleForDeletion">The next collection takes it, unless somebody extends or holds it before.</param>
public sealed record Retention(PackageId PackageId, string RetentionClass, DateTimeOffset? ExpiresAt, bool EligibleForDeletion);
