using System.Text.Json;
using System.Text.Json.Serialization;
using ArtifactStore.Interfaces.Ids;

namespace ArtifactStore.Client;

/// <summary>
/// The JSON of the native API: snake_case, typed ids as their text; an answer that lacks a field is not a store's. Generated code: the
/// command starts without reflection.
/// </summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower,
    RespectNullableAnnotations = true,
    RespectRequiredConstructorParameters = true,
    Converters = [typeof(TextConverter<PackageId>), typeof(TextConverter<FileId>), typeof(TextConverter<ContentAddress>)])]
[JsonSerializable(typeof(NewPackage))]
[JsonSerializable(typeof(Package))]
[JsonSerializable(typeof(PackageFile))]
[JsonSerializable(typeof(Page<Package>))]
[JsonSerializable(typeof(Page<PackageFile>))]
[JsonSerializable(typeof(EventPage))]
[JsonSerializable(typeof(Page<MetadataSchema>))]
[JsonSerializable(typeof(MetadataSchema))]
[JsonSerializable(typeof(Problem))]
[JsonSerializable(typeof(StoredEvent))]
[JsonSerializable(typeof(Replayed))]
[JsonSerializable(typeof(Retention))]
[JsonSerializable(typeof(Swept))]
[JsonSerializable(typeof(Collected))]
[JsonSerializable(typeof(Plan))]
[JsonSerializable(typeof(Explained))]
[JsonSerializable(typeof(FoundSpace))]
[JsonSerializable(typeof(VerificationPage))]
[JsonSerializable(typeof(MovePage))]
[JsonSerializable(typeof(ScanPage))]
[JsonSerializable(typeof(RecountPage))]
[JsonSerializable(typeof(JsonElement))]
[JsonSerializable(typeof(string))]
public sealed partial class WireJson : JsonSerializerContext;

/// <summary>The bodies of calls about many contents at once; callers of the client never see them.</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower,
    RespectNullableAnnotations = true,
    RespectRequiredConstructorParameters = true,
    Converters = [typeof(TextConverter<PackageId>), typeof(TextConverter<FileId>), typeof(TextConverter<ContentAddress>)])]
[JsonSerializable(typeof(AddressList))]
[JsonSerializable(typeof(MissingList))]
[JsonSerializable(typeof(LinkRequest))]
[JsonSerializable(typeof(LinkAnswer))]
internal sealed partial class BatchJson : JsonSerializerContext;

internal sealed record AddressList(IReadOnlyList<ContentAddress> Addresses);

internal sealed record MissingList(IReadOnlyList<ContentAddress> Missing);

internal sealed record LinkRequest(IReadOnlyList<Link> Items);

internal sealed record LinkAnswer(IReadOnlyList<LinkResult> Items);

/// <summary>A typed id is its text, and a text that is not one is malformed JSON.</summary>
internal sealed class TextConverter<T> : JsonConverter<T> where T : struct, ISpanParsable<T>
{
    public override T Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
        T.TryParse(reader.GetString(), null, out var value) ? value : throw new JsonException($"not a {typeof(T).Name}");

    public override void Write(Utf8JsonWriter writer, T value, JsonSerializerOptions options) => writer.WriteStringValue(value.ToString());
}
