using System.Text.Json.Serialization;
using ArtifactStore.Interfaces.Hashing;

namespace ArtifactStore.Cli.Backups;

/// <summary>
/// <c>backup.json</c>: what a backup holds. It is written last, so whatever it says is there, durably; what it does not mention belongs to
/// a run that did not end.
/// </summary>
public sealed record BackupDocument(
    string Format,
    Guid StoreId,
    int Incarnation,
    long HeadSequence,
    string HeadLeafDigest,
    DateTimeOffset CreatedAt,
    string Version,
    long Contents,
    long ContentBytes,
    IReadOnlyList<SegmentDocument> Segments)
{
    public const string Current = "artifactstore-backup/1";

    /// <summary>Whoever read the document has checked that it is one.</summary>
    [JsonIgnore]
    public Digest256 HeadLeaf =>
        Digest256.TryParseHex(HeadLeafDigest, out var leaf) ? leaf : throw new InvalidOperationException($"'{HeadLeafDigest}' is no digest");
}

/// <summary>A file of events. <paramref name="Blake3"/> is over its bytes.</summary>
public sealed record SegmentDocument(string File, long FirstSequence, long LastSequence, long Bytes, string Blake3);

[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower,
    WriteIndented = true,
    RespectNullableAnnotations = true,
    RespectRequiredConstructorParameters = true)]
[JsonSerializable(typeof(BackupDocument))]
internal sealed partial class BackupJson : JsonSerializerContext;
