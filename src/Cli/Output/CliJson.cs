using System.Text.Json.Serialization;

namespace ArtifactStore.Cli;

internal sealed record VersionDocument(string Version);

/// <summary>What <c>push --json</c> prints.</summary>
internal sealed record PushDocument(
    string? PackageId,
    string? ManifestDigest,
    long FileCount,
    long TotalBytes,
    long UploadedFiles,
    long UploadedBytes,
    long LinkedFiles,
    long ResumedFiles,
    long SkippedEntries,
    bool DryRun);

/// <summary>What <c>pull --json</c> prints.</summary>
internal sealed record PullDocument(
    string PackageId, string ManifestDigest, string Directory, long FileCount, long TotalBytes, long WrittenFiles, long KeptFiles);

/// <summary>What a push that was begun remembers between two runs.</summary>
internal sealed record ResumeDocument(string IdempotencyKey, string? PackageId, string Directory);

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower)]
[JsonSerializable(typeof(VersionDocument))]
[JsonSerializable(typeof(PushDocument))]
[JsonSerializable(typeof(PullDocument))]
[JsonSerializable(typeof(ResumeDocument))]
internal sealed partial class CliJson : JsonSerializerContext;
