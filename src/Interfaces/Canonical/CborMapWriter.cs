using System.Formats.Cbor;

namespace ArtifactStore.Interfaces.Canonical;

/// <summary>
/// Writes a map of named fields in any order; the result is canonical. Absence has one spelling: a null field is left out.
/// This sits on the path of every event, so one writer and its buffer are kept per thread; the only allocation is the result.
/// A field that cannot be written (duplicate name, lone surrogate) is a bug of the caller and throws.
/// </summary>
public sealed class CborMapWriter
{
    /// <summary>A writer that served one huge value is dropped rather than kept for the life of its thread.</summary>
    private const int LargestKeptBytes = 256 * 1024;

    [ThreadStatic]
    private static CborMapWriter? t_spare;

    private readonly CborWriter _cbor = new(CborConformanceMode.Canonical, convertIndefiniteLengthEncodings: true);

    private CborMapWriter()
    {
    }

    /// <summary>Encodes <paramref name="value"/>. Pass a static lambda; a nested call gets a writer of its own.</summary>
    public static byte[] Encode<T>(T value, Action<CborMapWriter, T> fields)
    {
        // Taken out of its slot while in use, so that neither re-entrance nor an exception can mix two encodings.
        var writer = t_spare ?? new CborMapWriter();
        t_spare = null;
        writer.WriteMap(value, fields);
        var encoded = writer._cbor.Encode();
        if (encoded.Length <= LargestKeptBytes)
        {
            writer._cbor.Reset();
            t_spare = writer;
        }

        return encoded;
    }

    public CborMapWriter Text(string name, string? value)
    {
        if (value is null)
            return this;
        _cbor.WriteTextString(name);
        _cbor.WriteTextString(value);
        return this;
    }

    public CborMapWriter Int64(string name, long? value)
    {
        if (value is null)
            return this;
        _cbor.WriteTextString(name);
        _cbor.WriteInt64(value.Value);
        return this;
    }

    public CborMapWriter Bool(string name, bool? value)
    {
        if (value is null)
            return this;
        _cbor.WriteTextString(name);
        _cbor.WriteBoolean(value.Value);
        return this;
    }

    public CborMapWriter Bytes(string name, ReadOnlySpan<byte> value)
    {
        _cbor.WriteTextString(name);
        _cbor.WriteByteString(value);
        return this;
    }

    /// <summary>An absent byte string is a null array; an empty one is written.</summary>
    public CborMapWriter Bytes(string name, byte[]? value) => value is null ? this : Bytes(name, value.AsSpan());

    public CborMapWriter Document(string name, CanonicalDocument? value)
    {
        if (value is null)
            return this;
        _cbor.WriteTextString(name);
        _cbor.WriteEncodedValue(value.Cbor.Span);
        return this;
    }

    public CborMapWriter Texts(string name, IReadOnlyCollection<string>? values)
    {
        if (values is null)
            return this;
        _cbor.WriteTextString(name);
        _cbor.WriteStartArray(values.Count);
        foreach (var value in values)
            _cbor.WriteTextString(value);
        _cbor.WriteEndArray();
        return this;
    }

    public CborMapWriter Map<T>(string name, T value, Action<CborMapWriter, T> fields)
    {
        _cbor.WriteTextString(name);
        WriteMap(value, fields);
        return this;
    }

    public CborMapWriter Maps<T>(string name, IReadOnlyCollection<T>? values, Action<CborMapWriter, T> fields)
    {
        if (values is null)
            return this;
        _cbor.WriteTextString(name);
        _cbor.WriteStartArray(values.Count);
        foreach (var value in values)
            WriteMap(value, fields);
        _cbor.WriteEndArray();
        return this;
    }

    private void WriteMap<T>(T value, Action<CborMapWriter, T> fields)
    {
        _cbor.WriteStartMap(null);
        fields(this, value);
        _cbor.WriteEndMap();
    }
}
