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

/// <summary>What <c>backup --json</c> prints.</summary>
internal sealed record BackupAnswer(
    string Directory,
    Guid StoreId,
    int Incarnation,
    long HeadSequence,
    long Contents,
    long ContentBytes,
    long NewEvents,
    long NewContents,
    long NewContentBytes,
    long LostContents);

/// <summary>What <c>backup --verify --json</c> prints when nothing is wrong.</summary>
internal sealed record VerifyAnswer(string Directory, Guid StoreId, int Incarnation, long HeadSequence, long Contents, long ContentBytes);

/// <summary>What <c>restore --json</c> prints.</summary>
internal sealed record RestoreAnswer(
    string Directory, Guid StoreId, int Incarnation, long HeadSequence, long Contents, long ContentBytes, bool Identical);

/// <summary>What a push that was begun remembers between two runs.</summary>
internal sealed record ResumeDocument(string IdempotencyKey, string? PackageId, string Directory);

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower)]
[JsonSerializable(typeof(VersionDocument))]
[JsonSerializable(typeof(PushDocument))]
[JsonSerializable(typeof(PullDocument))]
[JsonSerializable(typeof(BackupAnswer))]
[JsonSerializable(typeof(VerifyAnswer))]
[JsonSerializable(typeof(RestoreAnswer))]
[JsonSerializable(typeof(ResumeDocument))]
internal sealed partial class CliJson : JsonSerializerContext;
