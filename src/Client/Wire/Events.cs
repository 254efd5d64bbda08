using System.Text.Json;

namespace ArtifactStore.Client;

/// <summary>One line of the log.</summary>
public sealed record StoredEvent(
    long Sequence,
    DateTimeOffset CreatedAt,
    string EventType,
    string SubjectKind,
    string SubjectId,
    long StreamVersion,
    string Actor,
    JsonElement Payload,
    string PayloadDigest,
    string LeafDigest);

/// <summary>A page of the log. <paramref name="NextCursor"/> continues it, also past events that were not asked for.</summary>
public sealed record EventPage(IReadOnlyList<StoredEvent> Items, string NextCursor, long Head);
