using System.Buffers;
using System.Formats.Cbor;
using System.Text.Json;
using ArtifactStore.Gateway.Shared;
using ArtifactStore.Interfaces.Journal;
using ArtifactStore.Interfaces.Views;

namespace ArtifactStore.Gateway.Native;

/// <summary>A page of events in JSON. The payload is shown as JSON, byte strings in hex; its digest is that of the CBOR.</summary>
public sealed record EventPageBody(IReadOnlyList<EventBody> Items, string NextCursor, long Head)
{
    public static EventPageBody Of(EventPage page, string next) => new([.. page.Events.Select(EventBody.Of)], next, page.Head);
}

public sealed record EventBody(
    long Sequence,
    DateTimeOffset CreatedAt,
    string EventType,
    string SubjectKind,
    string SubjectId,
    long StreamVersion,
    string Actor,
    JsonElement Payload,
    string PayloadDigest,
    string LeafDigest)
{
    public static EventBody Of(EventRecord record) => new(
        record.Sequence,
        record.Time,
        record.Type,
        EventWords.Of(record.Stream.Kind),
        record.Stream.Id,
        record.StreamVersion,
        record.Actor,
        CborPayload.ToJson(record.Payload),
        $"blake3:{record.PayloadDigest.ToHex()}",
        $"blake3:{record.LeafDigest.ToHex()}");
}

internal static class EventWords
{
    public static string Of(SubjectKind kind) => JsonNamingPolicy.SnakeCaseLower.ConvertName(kind.ToString());
}

/// <summary>
/// A page of events in CBOR: payload and digests are byte strings, exactly as the journal has them. It holds every column of a line and
/// says whose log it is, so that a copy made of such pages can be imported and proved.
/// </summary>
internal static class EventPageCbor
{
    private const int FieldsOfEvent = 13;
    private const int FieldsOfPage = 5;

    public static byte[] Encode(EventPage page, string next, StoreStatus store)
    {
        var cbor = new CborWriter(CborConformanceMode.Canonical);
        cbor.WriteStartMap(FieldsOfPage);
        cbor.WriteTextString("items");
        cbor.WriteStartArray(page.Events.Count);
        foreach (var record in page.Events) WriteEvent(cbor, record);
        cbor.WriteEndArray();
        cbor.WriteTextString("next_cursor");
        cbor.WriteTextString(next);
        cbor.WriteTextString("head");
        cbor.WriteInt64(page.Head);
        cbor.WriteTextString("store_id");
        cbor.WriteByteString(store.StoreId.ToByteArray(bigEndian: true));
        cbor.WriteTextString("incarnation");
        cbor.WriteInt64(store.Incarnation);
        cbor.WriteEndMap();
        return cbor.Encode();
    }

    private static void WriteEvent(CborWriter cbor, EventRecord record)
    {
        cbor.WriteStartMap(FieldsOfEvent);
        cbor.WriteTextString("sequence");
        cbor.WriteInt64(record.Sequence);
        cbor.WriteTextString("created_at");
        cbor.WriteTextString(record.Time.UtcDateTime.ToString(Shared.Http.TimeConverter.Format));
        cbor.WriteTextString("event_type");
        cbor.WriteTextString(record.Type);
        cbor.WriteTextString("tenant");
        cbor.WriteTextString(record.Stream.Tenant.Value);
        cbor.WriteTextString("subject_kind");
        cbor.WriteTextString(EventWords.Of(record.Stream.Kind));
        cbor.WriteTextString("subject_id");
        cbor.WriteTextString(record.Stream.Id);
        cbor.WriteTextString("stream_version");
        cbor.WriteInt64(record.StreamVersion);
        cbor.WriteTextString("actor");
        cbor.WriteTextString(record.Actor);
        cbor.WriteTextString("append_id");
        cbor.WriteByteString(record.AppendId.Value.ToByteArray(bigEndian: true));
        cbor.WriteTextString("append_size");
        cbor.WriteInt64(record.AppendSize);
        cbor.WriteTextString("payload");
        cbor.WriteByteString(record.Payload.Span);
        cbor.WriteTextString("payload_digest");
        cbor.WriteByteString(record.PayloadDigest.ToArray());
        cbor.WriteTextString("leaf_digest");
        cbor.WriteByteString(record.LeafDigest.ToArray());
        cbor.WriteEndMap();
    }
}

/// <summary>Any event payload as JSON, whatever its type: types that this version does not know are shown too.</summary>
internal static class CborPayload
{
    public static JsonElement ToJson(ReadOnlyMemory<byte> payload)
    {
        var buffer = new ArrayBufferWriter<byte>(payload.Length * 2);
        using (var json = new Utf8JsonWriter(buffer))
        {
            var cbor = new CborReader(payload);
            WriteValue(cbor, json);
        }
        var reader = new Utf8JsonReader(buffer.WrittenSpan);
        return JsonElement.ParseValue(ref reader);
    }

    private static void WriteValue(CborReader cbor, Utf8JsonWriter json)
    {
        switch (cbor.PeekState())
        {
            case CborReaderState.StartMap:
                cbor.ReadStartMap();
                json.WriteStartObject();
                while (cbor.PeekState() != CborReaderState.EndMap)
                {
                    json.WritePropertyName(cbor.ReadTextString());
                    WriteValue(cbor, json);
                }
                cbor.ReadEndMap();
                json.WriteEndObject();
                break;
            case CborReaderState.StartArray:
                cbor.ReadStartArray();
                json.WriteStartArray();
                while (cbor.PeekState() != CborReaderState.EndArray) WriteValue(cbor, json);
                cbor.ReadEndArray();
                json.WriteEndArray();
                break;
            default:
                WriteScalar(cbor, json);
                break;
        }
    }

    private static void WriteScalar(CborReader cbor, Utf8JsonWriter json)
    {
        switch (cbor.PeekState())
        {
            case CborReaderState.UnsignedInteger or CborReaderState.NegativeInteger:
                json.WriteNumberValue(cbor.ReadInt64());
                break;
            case CborReaderState.HalfPrecisionFloat or CborReaderState.SinglePrecisionFloat or CborReaderState.DoublePrecisionFloat:
                json.WriteNumberValue(cbor.ReadDouble());
                break;
            case CborReaderState.TextString:
                json.WriteStringValue(cbor.ReadTextString());
                break;
            case CborReaderState.ByteString:
                json.WriteStringValue(Convert.ToHexStringLower(cbor.ReadByteString()));
                break;
            case CborReaderState.Boolean:
                json.WriteBooleanValue(cbor.ReadBoolean());
                break;
            default:
                // Null is the only other thing that canonical payloads hold.
                cbor.ReadNull();
                json.WriteNullValue();
                break;
        }
    }
}
