using System.Formats.Cbor;
using System.Globalization;
using ArtifactStore.Interfaces.Hashing;
using ArtifactStore.Interfaces.Ids;
using ArtifactStore.Interfaces.Journal;

namespace ArtifactStore.Client;

/// <summary>A page of the log with every column, byte for byte as the journal has it, and whose log it is.</summary>
/// <param name="Head">The end of the log when the page was made, or later.</param>
public sealed record LogPage(Guid StoreId, int Incarnation, long Head, string NextCursor, IReadOnlyList<EventRecord> Events)
{
    private const int UuidBytes = 16;

    /// <exception cref="FormatException">The bytes are not a page of events, or of a server that does not tell whose they are.</exception>
    public static LogPage Decode(ReadOnlyMemory<byte> page)
    {
        try
        {
            return Read(new CborReader(page));
        }
        catch (Exception malformed) when (malformed is CborContentException or InvalidOperationException or OverflowException)
        {
            throw new FormatException($"the page of events cannot be read: {malformed.Message}", malformed);
        }
    }

    private static LogPage Read(CborReader cbor)
    {
        Guid? storeId = null;
        int? incarnation = null;
        long? head = null;
        string? next = null;
        List<EventRecord>? events = null;
        for (cbor.ReadStartMap(); cbor.PeekState() != CborReaderState.EndMap;)
        {
            switch (cbor.ReadTextString())
            {
                case "store_id": storeId = Uuid(cbor); break;
                case "incarnation": incarnation = cbor.ReadInt32(); break;
                case "head": head = cbor.ReadInt64(); break;
                case "next_cursor": next = cbor.ReadTextString(); break;
                case "items": events = Lines(cbor); break;
                default: cbor.SkipValue(); break;
            }
        }
        return new(
            storeId ?? throw Missing("store_id"),
            incarnation ?? throw Missing("incarnation"),
            head ?? throw Missing("head"),
            next ?? throw Missing("next_cursor"),
            events ?? throw Missing("items"));
    }

    private static List<EventRecord> Lines(CborReader cbor)
    {
        var events = new List<EventRecord>();
        for (cbor.ReadStartArray(); cbor.PeekState() != CborReaderState.EndArray;) events.Add(Line(cbor));
        cbor.ReadEndArray();
        return events;
    }

    private static EventRecord Line(CborReader cbor)
    {
        var numbers = new Dictionary<string, long>();
        var texts = new Dictionary<string, string>();
        var bytes = new Dictionary<string, byte[]>();
        for (cbor.ReadStartMap(); cbor.PeekState() != CborReaderState.EndMap;)
        {
            var name = cbor.ReadTextString();
            switch (cbor.PeekState())
            {
                case CborReaderState.TextString: texts[name] = cbor.ReadTextString(); break;
                case CborReaderState.ByteString: bytes[name] = cbor.ReadByteString(); break;
                case CborReaderState.UnsignedInteger: numbers[name] = cbor.ReadInt64(); break;
                default: cbor.SkipValue(); break;
            }
        }
        cbor.ReadEndMap();
        return new(
            Sequence: Of(numbers, "sequence"),
            Time: Time(Of(texts, "created_at")),
            Type: Of(texts, "event_type"),
            Stream: new(new TenantId(Of(texts, "tenant")), Kind(Of(texts, "subject_kind")), Of(texts, "subject_id")),
            StreamVersion: Of(numbers, "stream_version"),
            Actor: Of(texts, "actor"),
            AppendId: new(Of(bytes, "append_id") is { Length: UuidBytes } id ? new Guid(id, bigEndian: true) : throw Missing("append_id")),
            Payload: Of(bytes, "payload"),
            PayloadDigest: Digest(bytes, "payload_digest"),
            LeafDigest: Digest(bytes, "leaf_digest"))
        {
            AppendSize = checked((int)Of(numbers, "append_size")),
        };
    }

    private static T Of<T>(Dictionary<string, T> fields, string name) => fields.TryGetValue(name, out var value) ? value : throw Missing(name);

    private static Digest256 Digest(Dictionary<string, byte[]> fields, string name) =>
        Of(fields, name) is { Length: Digest256.Bytes } digest ? Digest256.FromBytes(digest) : throw Missing(name);

    private static Guid Uuid(CborReader cbor) =>
        cbor.ReadByteString() is { Length: UuidBytes } id ? new Guid(id, bigEndian: true) : throw Missing("store_id");

    /// <summary>The leaf digest proves what this makes of the text.</summary>
    private static DateTimeOffset Time(string text) =>
        DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal | DateTimeStyles.AdjustToUniversal, out var time)
            ? time
            : throw new FormatException($"'{text}' is not a time");

    /// <summary>A kind that this version does not know is written as its number.</summary>
    private static SubjectKind Kind(string text) =>
        Enum.TryParse<SubjectKind>(text.Replace("_", "", StringComparison.Ordinal), ignoreCase: true, out var kind)
            ? kind
            : throw new FormatException($"'{text}' is not a kind of subject that this version knows");

    private static FormatException Missing(string field) =>
        new($"the page of events lacks {field}: the server is of an earlier version than this program");
}
