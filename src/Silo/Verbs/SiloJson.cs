using System.Text.Json.Serialization;
using ArtifactStore.Client;

namespace ArtifactStore.Silo.Verbs;

internal sealed record MigrateAnswer(int SchemaVersion, long HighestSequence);

internal sealed record ProbeAnswer(
    int Profile, string Backend, string Endpoint, string Bucket, string KeyPrefix, bool Ok, IReadOnlyList<ProbeAnswerLine> Lines);

internal sealed record ProbeAnswerLine(string Name, string Result, string Follows);

/// <param name="Next">Where to continue with <c>--after</c>; null when everything was read.</param>
internal sealed record StorageVerifyAnswer(
    string BackendId, long? Next, long Locations, long Bytes, long Verified, long Repaired, IReadOnlyList<VerificationFault> Faults);

/// <param name="Next">Where to continue with <c>--after</c>; null when it came to the end.</param>
internal sealed record StorageMoveAnswer(
    string FromBackendId, string ToBackendId, string? RetentionClass, long? Next, long Locations, long Moved, long Bytes, long AlreadyThere,
    long Skipped, IReadOnlyList<VerificationFault> Faults);

/// <param name="Next">Where to continue with <c>--after</c>; null when it came to the end.</param>
internal sealed record StorageScanAnswer(
    string BackendId, string? Next, bool Delete, long Keys, long Bytes, long Orphans, long OrphanBytes, long Deleted, long DeletedBytes, long Failed,
    long Foreign, IReadOnlyList<ScanFinding> Findings);

/// <param name="Next">Where to continue with <c>--after</c>; null when everything was counted.</param>
internal sealed record RecountAnswer(string? Next, long Packages, long Contents, IReadOnlyList<RecountDrift> Drifts);

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower)]
[JsonSerializable(typeof(MigrateAnswer))]
[JsonSerializable(typeof(ProbeAnswer))]
[JsonSerializable(typeof(StorageVerifyAnswer))]
[JsonSerializable(typeof(StorageMoveAnswer))]
[JsonSerializable(typeof(StorageScanAnswer))]
[JsonSerializable(typeof(RecountAnswer))]
internal sealed partial class SiloJson : JsonSerializerContext;
