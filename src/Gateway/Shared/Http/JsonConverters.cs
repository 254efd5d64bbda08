using System.Globalization;
using System.Text.Json;
using System.Text.Json.Serialization;
using ArtifactStore.Interfaces.Canonical;

namespace ArtifactStore.Gateway.Shared.Http;

/// <summary>Documents go out in their one JSON spelling. They come in through <see cref="JsonFields"/> only.</summary>
public sealed class CanonicalDocumentConverter : JsonConverter<CanonicalDocument>
{
    public override CanonicalDocument Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
        throw new NotSupportedException("requests are read by JsonFields");

    public override void Write(Utf8JsonWriter writer, CanonicalDocument value, JsonSerializerOptions options) => value.WriteJson(writer);
}

/// <summary>Times in UTC with microseconds, which is what the journal keeps: the same instant is always the same text.</summary>
public sealed class TimeConverter : JsonConverter<DateTimeOffset>
{
    public const string Format = "yyyy-MM-dd'T'HH:mm:ss.ffffff'Z'";

    public override DateTimeOffset Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
        throw new NotSupportedException("requests are read by JsonFields");

    public override void Write(Utf8JsonWriter writer, DateTimeOffset value, JsonSerializerOptions options) =>
        writer.WriteStringValue(value.UtcDateTime.ToString(Format, CultureInfo.InvariantCulture));
}
