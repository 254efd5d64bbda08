using System.Text.Json.Serialization;

namespace ArtifactStore.Silo.Verbs;

internal sealed record MigrateAnswer(int SchemaVersion, long HighestSequence);

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower)]
[JsonSerializable(typeof(MigrateAnswer))]
internal sealed partial class SiloJson : JsonSerializerContext;
