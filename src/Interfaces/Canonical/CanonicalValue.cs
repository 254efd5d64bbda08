using System.Buffers;
using System.Text;

namespace ArtifactStore.Interfaces.Canonical;

public enum CanonicalKind : byte
{
    Null, Boolean, Integer, Double, Text, Array, Map,
}

/// <summary>
/// A view of one value inside a document: a slice of its bytes, decoded on demand. Because the form is canonical, equality of
/// values is equality of these bytes. Asking for the wrong kind is a bug of the caller and throws.
/// </summary>
public readonly struct CanonicalValue : IEquatable<CanonicalValue>
{
    private readonly ReadOnlyMemory<byte> _canonical;

    internal CanonicalValue(ReadOnlyMemory<byte> canonical) => _canonical = canonical;

    public ReadOnlyMemory<byte> Cbor => _canonical;

    /// <summary>A text on its own, for example a member's name that is judged as a value.</summary>
    public static CanonicalValue OfText(string text)
    {
        var output = new ArrayBufferWriter<byte>(text.Length + CborHead.MaxLength);
        CborHead.WriteText(output, text);
        return new(output.WrittenMemory);
    }

    public CanonicalKind Kind => KindOf(Head);

    public bool IsNumber => Kind is CanonicalKind.Integer or CanonicalKind.Double;

    /// <summary>Elements of an array or members of a map.</summary>
    public int Count => Kind is CanonicalKind.Array or CanonicalKind.Map ? (int)Head.Argument : throw WrongKind("an array or map");

    public bool AsBoolean() => Kind == CanonicalKind.Boolean ? Head.Additional == CborHead.True : throw WrongKind("a boolean");

    public long AsInteger()
    {
        var head = Head;
        return head.Major switch
        {
            CborMajor.UnsignedInteger => (long)head.Argument,
            CborMajor.NegativeInteger => -1 - (long)head.Argument,
            _ => throw WrongKind("an integer"),
        };
    }

    /// <summary>The number, integer or double; exact, because integers stay within ±(2^53-1).</summary>
    public double AsNumber() => Kind == CanonicalKind.Double ? Head.ToDouble() : AsInteger();

    public ReadOnlySpan<byte> AsUtf8() => Kind == CanonicalKind.Text ? _canonical.Span[Head.Length..] : throw WrongKind("a text");

    public string AsText() => Encoding.UTF8.GetString(AsUtf8());

    public IEnumerable<CanonicalValue> Elements()
    {
        if (Kind != CanonicalKind.Array)
            throw WrongKind("an array");
        var position = Head.Length;
        for (var left = Head.Argument; left > 0; left--)
            yield return Take(ref position);
    }

    /// <summary>Members in CBOR's canonical order: shorter keys first.</summary>
    public IEnumerable<KeyValuePair<string, CanonicalValue>> Members()
    {
        if (Kind != CanonicalKind.Map)
            throw WrongKind("a map");
        var position = Head.Length;
        for (var left = Head.Argument; left > 0; left--)
        {
            var key = Take(ref position).AsText();
            yield return new(key, Take(ref position));
        }
    }

    public bool TryGetMember(string key, out CanonicalValue value)
    {
        value = default;
        if (Kind != CanonicalKind.Map)
            return false;
        foreach (var (name, candidate) in Members())
        {
            if (!string.Equals(name, key, StringComparison.Ordinal))
                continue;
            value = candidate;
            return true;
        }

        return false;
    }

    public string ToJson()
    {
        var output = new ArrayBufferWriter<byte>(64);
        JcsWriter.Write(_canonical, output);
        return Encoding.UTF8.GetString(output.WrittenSpan);
    }

    public bool Equals(CanonicalValue other) => _canonical.Span.SequenceEqual(other._canonical.Span);

    public override bool Equals(object? obj) => obj is CanonicalValue other && Equals(other);

    public override int GetHashCode() => HashOf(_canonical.Span);

    public override string ToString() => ToJson();

    public static bool operator ==(CanonicalValue left, CanonicalValue right) => left.Equals(right);

    public static bool operator !=(CanonicalValue left, CanonicalValue right) => !left.Equals(right);

    internal static int HashOf(ReadOnlySpan<byte> canonical)
    {
        // Seeded per process: uniqueness checks over a client's values cannot be slowed down by chosen collisions.
        var hash = new HashCode();
        hash.AddBytes(canonical);
        return hash.ToHashCode();
    }

    private CborHead Head => CborHead.TryRead(_canonical.Span, out var head) == CborFault.None
        ? head
        : throw new InvalidOperationException("A default value has no content.");

    private CanonicalValue Take(ref int position)
    {
        var length = CborItem.Measure(_canonical.Span[position..]);
        var value = new CanonicalValue(_canonical.Slice(position, length));
        position += length;
        return value;
    }

    private InvalidOperationException WrongKind(string wanted) => new($"The value is {Kind}, not {wanted}.");

    private static CanonicalKind KindOf(CborHead head) => head.Major switch
    {
        CborMajor.UnsignedInteger or CborMajor.NegativeInteger => CanonicalKind.Integer,
        CborMajor.Text => CanonicalKind.Text,
        CborMajor.Array => CanonicalKind.Array,
        CborMajor.Map => CanonicalKind.Map,
        _ when head.IsFloat => CanonicalKind.Double,
        _ => head.Additional == CborHead.Null ? CanonicalKind.Null : CanonicalKind.Boolean,
    };
}
