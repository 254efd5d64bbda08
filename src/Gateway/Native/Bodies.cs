using ArtifactStore.Interfaces.Canonical;
using ArtifactStore.Interfaces.Ids;
using ArtifactStore.Interfaces.Packages;

namespace ArtifactStore.Gateway.Native;

/// <summary>A package as this door shows it.</summary>
public sealed record PackageBody(
    string Id,
    string Name,
    string Producer,
    string Subject,
    string RetentionClass,
    string Status,
    string BackendId,
    CanonicalDocument Metadata,
    string? MetadataSchema,
    DateTimeOffset CreatedAt,
    string CreatedBy,
    DateTimeOffset? ExpiresAt,
    long FileCount,
    long TotalBytes,
    string? ManifestDigest,
    long? ManifestSize,
    DateTimeOffset? FinalizedAt,
    long LastEventSequence)
{
    public static PackageBody Of(PackageView view) => new(
        view.Id.ToString(),
        view.Name,
        view.Producer,
        view.Subject,
        view.RetentionClass,
        StatusNames.Of(view.Status),
        view.Backend.Value,
        view.Metadata,
        view.MetadataSchema,
        view.CreatedAt,
        view.CreatedBy,
        view.ExpiresAt,
        view.FileCount,
        view.TotalBytes,
        view.Manifest is { } manifest ? ContentAddress.Blake3(manifest.Blake3).ToString() : null,
        view.Manifest?.Size,
        view.FinalizedAt,
        view.LastEventSequence);
}

/// <summary>A file as this door shows it.</summary>
public sealed record FileBody(
    string Id,
    string PackageId,
    string RelativePath,
    string MediaType,
    string BackendId,
    string ContentAddress,
    string DigestAlgorithm,
    string DigestPrimary,
    string DigestSha256,
    long Size,
    DateTimeOffset IngestedAt,
    string IngestedBy)
{
    public static FileBody Of(FileView view) => new(
        view.Id.ToString(),
        view.Package.ToString(),
        view.Path.Value,
        view.MediaType.Value,
        view.Backend.Value,
        Interfaces.Ids.ContentAddress.Blake3(view.Content.Blake3).ToString(),
        Interfaces.Ids.ContentAddress.NameOf(Interfaces.Ids.DigestAlgorithm.Blake3),
        view.Content.Blake3.ToHex(),
        view.Content.Sha256.ToHex(),
        view.Content.Size,
        view.IngestedAt,
        view.IngestedBy);
}

/// <summary>The words for a status on this door; they are the ones in the events and the database too.</summary>
public static class StatusNames
{
    public const string Created = "created";
    public const string Finalized = "finalized";
    public const string Collecting = "collecting";
    public const string GarbageCollected = "garbage_collected";

    public static string Of(PackageStatus status) => status switch
    {
        PackageStatus.Created => Created,
        PackageStatus.Finalized => Finalized,
        PackageStatus.Collecting => Collecting,
        PackageStatus.GarbageCollected => GarbageCollected,
        _ => throw new ArgumentOutOfRangeException(nameof(status)),
    };

    public static PackageStatus? TryParse(string name) => name switch
    {
        Created => PackageStatus.Created,
        Finalized => PackageStatus.Finalized,
        Collecting => PackageStatus.Collecting,
        GarbageCollected => PackageStatus.GarbageCollected,
        _ => null,
    };
}
