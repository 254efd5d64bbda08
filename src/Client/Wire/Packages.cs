using System.Text.Json;
using ArtifactStore.Interfaces.Ids;

namespace ArtifactStore.Client;

/// <summary>What is said about a package when it is created.</summary>
public sealed record NewPackage(string Name, string Producer, string Subject, string RetentionClass)
{
    /// <summary>A JSON object; null is an empty one.</summary>
    public JsonElement? Metadata { get; init; }

    public string? MetadataSchema { get; init; }
}

/// <summary>A package as the store describes it.</summary>
public sealed record Package(
    PackageId Id,
    string Name,
    string Producer,
    string Subject,
    string RetentionClass,
    string Status,
    string BackendId,
    JsonElement Metadata,
    string? MetadataSchema,
    DateTimeOffset CreatedAt,
    string CreatedBy,
    DateTimeOffset? ExpiresAt,
    long FileCount,
    long TotalBytes,
    ContentAddress? ManifestDigest,
    DateTimeOffset? FinalizedAt,
    long LastEventSequence)
{
    public const string Open = "created";
    public const string Finalized = "finalized";
}

/// <summary>A file of a package. Its primary address is BLAKE3.</summary>
public sealed record PackageFile(
    FileId Id,
    PackageId PackageId,
    string RelativePath,
    string MediaType,
    string BackendId,
    ContentAddress ContentAddress,
    string DigestSha256,
    long Size,
    DateTimeOffset IngestedAt,
    string IngestedBy);

/// <summary>Which packages to list; null is any.</summary>
public sealed record PackageQuery(
    string? Producer = null,
    string? Subject = null,
    string? RetentionClass = null,
    string? Status = null)
{
    /// <summary>Top-level members of the metadata and the text they must have.</summary>
    public IReadOnlyDictionary<string, string> Metadata { get; init; } = new Dictionary<string, string>();
}

public sealed record Page<T>(IReadOnlyList<T> Items, string? NextCursor = null);

/// <summary>Puts a content that the store already has into a package.</summary>
public sealed record Link(string RelativePath, ContentAddress ContentAddress, string MediaType);

/// <summary>What became of one <see cref="Link"/>: the file, or why not.</summary>
public sealed record LinkResult(string RelativePath, string Status, PackageFile? File = null, Problem? Error = null)
{
    public const string Linked = "linked";
}

public sealed record MetadataSchema(string Slug, JsonElement JsonSchema);
