using System.Text.Json;

namespace ArtifactStore.Client;

/// <summary>One line of the log.</summary>
public sealed record StoredEvent(
    long Sequence,
    DateTimeOffset CreatedAt,
    string EventType,
    string SubjectKind,
    string SubjectId,
    string Actor,
    JsonElement Payload,
    string PayloadDigest);
