using System.Text.Json.Serialization;

namespace ArtifactStore.Silo.Verbs;

internal sealed record MigrateAnswer(int SchemaVersion, long HighestSequence);

internal sealed record ProbeAnswer(
    int Profile, string Backend, string Endpoint, string Bucket, string KeyPrefix, bool Ok, IReadOnlyList<ProbeAnswerLine> Lines);

internal sealed record ProbeAnswerLine(string Name, string Result, string Follows);

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower)]
[JsonSerializable(typeof(MigrateAnswer))]
[JsonSerializable(typeof(ProbeAnswer))]
internal sealed partial class SiloJson : JsonSerializerContext;
