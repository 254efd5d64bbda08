using System.Diagnostics.CodeAnalysis;
using System.Formats.Cbor;
using System.Text.Json;

namespace ArtifactStore.Interfaces.Canonical;

/// <summary>
/// JSON text to canonical CBOR. The framework's writer orders the keys and shortens numbers; this decides which values exist at all
/// (see <see cref="CanonicalDocument"/>). Strict JSON: no comments, no trailing commas, one value.
/// </summary>
internal static class JsonToCbor
{
    [ThreadStatic]
    private static CborWriter? t_spare;

    public static bool TryConvert(
        ReadOnlySpan<byte> utf8, CanonicalLimits limits, [NotNullWhen(true)] out byte[]? cbor, [NotNullWhen(false)] out string? error)
    {
        cbor = null;
        if (utf8.Length > limits.MaxJsonBytes)
        {
            error = $"{utf8.Length} bytes of JSON cannot fit the allowed {limits.MaxBytes} bytes";
            return false;
        }

        var reader = new Utf8JsonReader(utf8, new JsonReaderOptions { MaxDepth = limits.MaxDepth });
        var writer = t_spare ?? new CborWriter(CborConformanceMode.Canonical, convertIndefiniteLengthEncodings: true);
        t_spare = null;
        try
        {
            reader.Read();
            error = WriteValue(ref reader, writer);
            // Reading once more makes the reader refuse whatever follows the value.
            if (error is null)
                reader.Read();
            if (error is null && writer.BytesWritten > limits.MaxBytes)
                error = $"{writer.BytesWritten} bytes are more than the allowed {limits.MaxBytes}";
            cbor = error is null ? writer.Encode() : null;
        }
        catch (JsonException malformed)
        {
            error = malformed.Message;
        }

        writer.Reset();
        if (error is null)
            t_spare = writer;
        return error is null;
    }

    private static string? WriteValue(ref Utf8JsonReader reader, CborWriter writer)
    {
        switch (reader.TokenType)
        {
            case JsonTokenType.StartObject:
                return WriteObject(ref reader, writer);
            case JsonTokenType.StartArray:
                return WriteArray(ref reader, writer);
            case JsonTokenType.String:
                if (!TryGetText(ref reader, out var text, out var error))
                    return error;
                writer.WriteTextString(text);
                return null;
            case JsonTokenType.Number:
                return WriteNumber(ref reader, writer);
            case JsonTokenType.True or JsonTokenType.False:
                writer.WriteBoolean(reader.TokenType == JsonTokenType.True);
                return null;
            default:
                writer.WriteNull();
                return null;
        }
    }

    private static string? WriteObject(ref Utf8JsonReader reader, CborWriter writer)
    {
        var keys = new HashSet<string>(StringComparer.Ordinal);
        writer.WriteStartMap(null);
        while (reader.Read() && reader.TokenType != JsonTokenType.EndObject)
        {
            if (!TryGetText(ref reader, out var key, out var error))
                return error;
            if (!keys.Add(key))
                return $"duplicate key \"{key}\"";
            writer.WriteTextString(key);
            reader.Read();
            if (WriteValue(ref reader, writer) is { } fault)
                return fault;
        }

        writer.WriteEndMap();
        return null;
    }

    private static string? WriteArray(ref Utf8JsonReader reader, CborWriter writer)
    {
        writer.WriteStartArray(null);
        while (reader.Read() && reader.TokenType != JsonTokenType.EndArray)
        {
            if (WriteValue(ref reader, writer) is { } fault)
                return fault;
        }

        writer.WriteEndArray();
        return null;
    }

    private static string? WriteNumber(ref Utf8JsonReader reader, CborWriter writer)
    {
        // What is written as an integer is meant exactly, so it is never rounded to a double.
        if (reader.ValueSpan.IndexOfAny((byte)'.', (byte)'e', (byte)'E') < 0)
        {
            if (!reader.TryGetInt64(out var integer) || !SafeInteger.Holds(integer))
                return CanonicalForm.IntegerRefused;
            writer.WriteInt64(integer);
            return null;
        }

        if (!reader.TryGetDouble(out var value) || !double.IsFinite(value))
            return "number beyond the range of a double";
        var integral = double.IsInteger(value);
        if (integral && SafeInteger.Holds(value))
            writer.WriteInt64((long)value);
        else if (integral && Math.Abs(value) < SafeInteger.FirstWithExponent)
            return CanonicalForm.DoubleRefused;
        else
            writer.WriteDouble(value);
        return null;
    }

    private static bool TryGetText(ref Utf8JsonReader reader, [NotNullWhen(true)] out string? text, [NotNullWhen(false)] out string? error)
    {
        error = null;
        try
        {
            text = reader.GetString()!;
        }
        catch (InvalidOperationException)
        {
            // The reader's way to say that escapes smuggle half a surrogate pair, or that the bytes are not UTF-8.
            text = null;
            error = "text is not valid Unicode (a lone surrogate or malformed UTF-8)";
            return false;
        }

        if (text.Contains('\0'))
            error = CanonicalForm.NulRefused;
        return error is null;
    }
}
