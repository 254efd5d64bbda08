using System.Runtime.InteropServices;
using System.Text;

namespace ArtifactStore.Interfaces.Canonical;

/// <summary>
/// Reads what <see cref="CborMapWriter"/> writes, by field name. Fields it is not asked for are ignored, so that a later version may
/// add some; an absent field and a null one are the same. The whole record is checked for canonical form first. What does not fit is
/// a <see cref="FormatException"/> naming the field: a record comes from our own journal, so it means broken storage.
/// </summary>
public readonly struct CborMapReader
{
    /// <summary>Records are larger than documents only by a few fields around one.</summary>
    private static readonly CanonicalLimits RecordLimits = new(CanonicalLimits.DefaultMaxDepth + 8, 16 * CanonicalLimits.DefaultMaxBytes);

    private readonly ReadOnlyMemory<byte> _source;
    private readonly Field[] _fields;

    private CborMapReader(ReadOnlyMemory<byte> checkedMap)
    {
        _source = checkedMap;
        var span = checkedMap.Span;
        if (CborHead.TryRead(span, out var head) != CborFault.None || head.Major != CborMajor.Map)
            throw new FormatException("The record is not a map.");
        _fields = new Field[(int)head.Argument];
        var position = head.Length;
        for (var i = 0; i < _fields.Length; i++)
        {
            CborHead.TryRead(span[position..], out var key);
            var keyStart = position + key.Length;
            var value = keyStart + (int)key.Argument;
            position = value + CborItem.Measure(span[value..]);
            _fields[i] = new(keyStart, (int)key.Argument, value, position - value);
        }
    }

    /// <summary>Keeps a view of <paramref name="cbor"/>; the caller must not change it meanwhile.</summary>
    public static CborMapReader Parse(ReadOnlyMemory<byte> cbor)
    {
        if (CanonicalForm.Check(cbor.Span, RecordLimits, CanonicalProfile.Record) is { } fault)
            throw new FormatException($"The record is not canonical CBOR: {fault}.");
        return new(cbor);
    }

    public bool Has(string name) => Find(name, out _);

    public string Text(string name) => OptionalText(name) ?? throw Missing(name);

    public string? OptionalText(string name) =>
        Find(name, out var value) ? Encoding.UTF8.GetString(Content(name, value, CborMajor.Text, "text")) : null;

    public long Int64(string name) => OptionalInt64(name) ?? throw Missing(name);

    public long? OptionalInt64(string name)
    {
        if (!Find(name, out var value))
            return null;
        var head = HeadOf(value);
        return head.Major switch
        {
            CborMajor.UnsignedInteger => (long)head.Argument,
            CborMajor.NegativeInteger => -1 - (long)head.Argument,
            _ => throw Wrong(name, "an integer"),
        };
    }

    public bool Bool(string name) => OptionalBool(name) ?? throw Missing(name);

    public bool? OptionalBool(string name)
    {
        if (!Find(name, out var value))
            return null;
        var head = HeadOf(value);
        if (head.Major != CborMajor.Simple || head.Additional is not (CborHead.True or CborHead.False))
            throw Wrong(name, "a boolean");
        return head.Additional == CborHead.True;
    }

    public byte[] Bytes(string name) => OptionalBytes(name) ?? throw Missing(name);

    public byte[]? OptionalBytes(string name) =>
        Find(name, out var value) ? Content(name, value, CborMajor.Bytes, "a byte string").ToArray() : null;

    public CanonicalDocument Document(string name) => OptionalDocument(name) ?? throw Missing(name);

    public CanonicalDocument? OptionalDocument(string name)
    {
        if (!Find(name, out var value))
            return null;
        return CanonicalDocument.TryFromCbor(value, out var document, out var error)
            ? document
            : throw new FormatException($"Field \"{name}\" is not a document: {error}.");
    }

    public CborMapReader Map(string name)
    {
        if (!Find(name, out var value))
            throw Missing(name);
        return HeadOf(value).Major == CborMajor.Map ? new(value) : throw Wrong(name, "a map");
    }

    public IReadOnlyList<string> Texts(string name) =>
        ArrayOf(name, element => HeadOf(element).Major == CborMajor.Text
            ? Encoding.UTF8.GetString(element.Span[HeadOf(element).Length..])
            : throw Wrong(name, "an array of texts"));

    public IReadOnlyList<CborMapReader> Maps(string name) =>
        ArrayOf(name, element => HeadOf(element).Major == CborMajor.Map
            ? new CborMapReader(element)
            : throw Wrong(name, "an array of maps"));

    private T[] ArrayOf<T>(string name, Func<ReadOnlyMemory<byte>, T> read)
    {
        if (!Find(name, out var value))
            throw Missing(name);
        var head = HeadOf(value);
        if (head.Major != CborMajor.Array)
            throw Wrong(name, "an array");
        var items = new T[(int)head.Argument];
        var position = head.Length;
        for (var i = 0; i < items.Length; i++)
        {
            var length = CborItem.Measure(value.Span[position..]);
            items[i] = read(value.Slice(position, length));
            position += length;
        }

        return items;
    }

    private bool Find(string name, out ReadOnlyMemory<byte> value)
    {
        // Records have a dozen fields: comparing all names is cheaper than building a dictionary.
        var span = _source.Span;
        foreach (var field in _fields)
        {
            if (!Ascii.Equals(span.Slice(field.KeyStart, field.KeyLength), name))
                continue;
            value = _source.Slice(field.ValueStart, field.ValueLength);
            return span[field.ValueStart] != NullItem;
        }

        value = default;
        return false;
    }

    private const byte NullItem = ((byte)CborMajor.Simple << 5) | CborHead.Null;

    private static CborHead HeadOf(ReadOnlyMemory<byte> value)
    {
        CborHead.TryRead(value.Span, out var head);
        return head;
    }

    private static ReadOnlySpan<byte> Content(string name, ReadOnlyMemory<byte> value, CborMajor wanted, string what)
    {
        var head = HeadOf(value);
        return head.Major == wanted ? value.Span[head.Length..] : throw Wrong(name, what);
    }

    private static FormatException Missing(string name) => new($"Field \"{name}\" is missing.");

    private static FormatException Wrong(string name, string wanted) => new($"Field \"{name}\" is not {wanted}.");

    [StructLayout(LayoutKind.Auto)]
    private readonly record struct Field(int KeyStart, int KeyLength, int ValueStart, int ValueLength);
}
