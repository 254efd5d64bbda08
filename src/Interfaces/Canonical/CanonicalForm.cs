using System.Text.Unicode;

namespace ArtifactStore.Interfaces.Canonical;

/// <summary>What may occur inside: a document is limited to what JSON can say; a record adds byte strings and 64-bit integers.</summary>
internal enum CanonicalProfile : byte
{
    Document, Record,
}

/// <summary>
/// The one judge of canonical form: exactly one byte string per value. So equal values have equal bytes and equal digests, and
/// comparing bytes is comparing values. Rules: RFC 8949 §4.2.1 and §4.2.3 (shortest heads and floats, definite lengths, keys unique
/// and ordered length first), no tags, text keys, and numbers as <see cref="CanonicalDocument"/> describes them.
/// </summary>
internal static class CanonicalForm
{
    public const string NulRefused = "text contains U+0000, which PostgreSQL cannot hold";
    public const string IntegerRefused = "integer beyond ±(2^53-1), which JSON readers cannot hold exactly; send it as text";
    public const string DoubleRefused =
        "number with an integral value between 2^53 and 10^21: its JSON form is an integer that readers cannot hold exactly";

    /// <summary>Null when <paramref name="source"/> is one canonical item and nothing else; otherwise what is wrong, and where.</summary>
    public static string? Check(ReadOnlySpan<byte> source, CanonicalLimits limits, CanonicalProfile profile)
    {
        if (source.Length > limits.MaxBytes)
            return $"{source.Length} bytes are more than the allowed {limits.MaxBytes}";
        var position = 0;
        var fault = CheckItem(source, ref position, limits.MaxDepth, profile);
        if (fault is null && position < source.Length)
            fault = "bytes follow the first item";
        return fault is null ? null : $"at byte {position}: {fault}";
    }

    /// <summary>Length first, then bytewise: map keys in <c>CborConformanceMode.Canonical</c>. Takes contents, not heads.</summary>
    public static int CompareKeys(ReadOnlySpan<byte> left, ReadOnlySpan<byte> right) =>
        left.Length != right.Length ? left.Length.CompareTo(right.Length) : left.SequenceCompareTo(right);

    private static string? CheckItem(ReadOnlySpan<byte> source, ref int position, int depthLeft, CanonicalProfile profile)
    {
        var fault = CborHead.TryRead(source[position..], out var head);
        if (fault != CborFault.None)
            return CborHead.Describe(fault);
        switch (head.Major)
        {
            case CborMajor.UnsignedInteger or CborMajor.NegativeInteger:
                position += head.Length;
                return CheckInteger(head, profile);
            case CborMajor.Text:
                return CheckText(source, ref position, head, out _);
            case CborMajor.Bytes when profile == CanonicalProfile.Record:
                return TakeString(source, ref position, head, out _);
            case CborMajor.Bytes:
                return "byte strings have no place in a document";
            case CborMajor.Array or CborMajor.Map when depthLeft == 0:
                return "nested too deeply";
            case CborMajor.Array:
                return CheckArray(source, ref position, head, depthLeft, profile);
            case CborMajor.Map:
                return CheckMap(source, ref position, head, depthLeft, profile);
            case CborMajor.Tag:
                return "tags are not allowed";
            default:
                return CheckSimple(ref position, head);
        }
    }

    private static string? CheckInteger(CborHead head, CanonicalProfile profile)
    {
        // A negative integer is -1 - argument, so both signs share the bound of the argument, less one for negatives.
        var max = profile == CanonicalProfile.Record ? long.MaxValue : SafeInteger.Max;
        var bound = (ulong)(head.Major == CborMajor.NegativeInteger && profile == CanonicalProfile.Document ? max - 1 : max);
        return head.Argument <= bound ? null : profile == CanonicalProfile.Record ? "integer beyond 64 bits" : IntegerRefused;
    }

    private static string? CheckText(ReadOnlySpan<byte> source, scoped ref int position, CborHead head, out ReadOnlySpan<byte> text)
    {
        var start = position;
        var fault = TakeString(source, ref position, head, out text);
        if (fault is null && !Utf8.IsValid(text))
            fault = "text is not valid UTF-8";
        if (fault is null && text.Contains((byte)0))
            fault = NulRefused;
        if (fault is not null)
            position = start;
        return fault;
    }

    private static string? TakeString(ReadOnlySpan<byte> source, scoped ref int position, CborHead head, out ReadOnlySpan<byte> content)
    {
        var rest = source[(position + head.Length)..];
        content = default;
        if (head.Argument > (ulong)rest.Length)
            return CborHead.Describe(CborFault.Truncated);
        content = rest[..(int)head.Argument];
        position += head.Length + content.Length;
        return null;
    }

    private static string? CheckArray(ReadOnlySpan<byte> source, ref int position, CborHead head, int depthLeft, CanonicalProfile profile)
    {
        position += head.Length;
        for (var i = 0UL; i < head.Argument; i++)
        {
            if (CheckItem(source, ref position, depthLeft - 1, profile) is { } fault)
                return fault;
        }

        return null;
    }

    private static string? CheckMap(ReadOnlySpan<byte> source, ref int position, CborHead head, int depthLeft, CanonicalProfile profile)
    {
        position += head.Length;
        ReadOnlySpan<byte> previous = default;
        for (var i = 0UL; i < head.Argument; i++)
        {
            var keyFault = CborHead.TryRead(source[position..], out var keyHead);
            if (keyFault != CborFault.None)
                return CborHead.Describe(keyFault);
            if (keyHead.Major != CborMajor.Text)
                return "map keys must be text";
            var keyPosition = position;
            if (CheckText(source, ref position, keyHead, out var key) is { } textFault)
                return textFault;
            var order = i == 0 ? 1 : CompareKeys(key, previous);
            if (order <= 0)
            {
                position = keyPosition;
                return order == 0 ? "duplicate map key" : "map keys are not in canonical order";
            }

            previous = key;
            if (CheckItem(source, ref position, depthLeft - 1, profile) is { } fault)
                return fault;
        }

        return null;
    }

    private static string? CheckSimple(ref int position, CborHead head)
    {
        if (head.IsFloat)
        {
            if (CheckDouble(head) is { } fault)
                return fault;
        }
        else if (head.Additional is not (CborHead.False or CborHead.True or CborHead.Null))
            return "simple value other than false, true and null";

        position += head.Length;
        return null;
    }

    private static string? CheckDouble(CborHead head)
    {
        var value = head.ToDouble();
        if (!double.IsFinite(value))
            return "infinities and NaN have no JSON form";
        var integral = double.IsInteger(value);
        if (integral && SafeInteger.Holds(value))
            return "an integral number must be encoded as an integer";
        if (integral && Math.Abs(value) < SafeInteger.FirstWithExponent)
            return DoubleRefused;
        var shorter = (head.Additional != CborHead.HalfFloat && (double)(Half)value == value)
            || (head.Additional == CborHead.DoubleFloat && (double)(float)value == value);
        return shorter ? "a float is not in its shortest form" : null;
    }
}
