using System.Buffers;
using System.Globalization;
using System.Runtime.InteropServices;
using System.Text;

namespace ArtifactStore.Interfaces.Canonical;

/// <summary>
/// Canonical CBOR to the JSON Canonicalization Scheme (RFC 8785). The input has passed <see cref="CanonicalForm"/>, so nothing here
/// can fail, and nesting is bounded. Keys are ordered by UTF-16 code units (§3.2.3), which is neither CBOR's order nor UTF-8's.
/// </summary>
internal static class JcsWriter
{
    private const int LargestScalar = EcmaNumber.MaxLength;

    public static void Write(ReadOnlyMemory<byte> canonical, IBufferWriter<byte> output) => WriteItem(canonical, 0, output);

    public static void WriteText(ReadOnlySpan<byte> utf8, IBufferWriter<byte> output)
    {
        Put(output, "\""u8);
        while (!utf8.IsEmpty)
        {
            var plain = utf8.IndexOfAny(MustBeEscaped);
            if (plain < 0)
                plain = utf8.Length;
            output.Write(utf8[..plain]);
            utf8 = utf8[plain..];
            if (utf8.IsEmpty)
                break;
            WriteEscaped(utf8[0], output);
            utf8 = utf8[1..];
        }

        Put(output, "\""u8);
    }

    private static readonly SearchValues<byte> MustBeEscaped = SearchValues.Create(
        [.. Enumerable.Range(0, 0x20).Select(control => (byte)control), (byte)'"', (byte)'\\']);

    /// <summary>Writes the item at <paramref name="position"/>; answers the position behind it.</summary>
    private static int WriteItem(ReadOnlyMemory<byte> source, int position, IBufferWriter<byte> output)
    {
        var bytes = source.Span;
        if (CborHead.TryRead(bytes[position..], out var head) != CborFault.None)
            throw new FormatException("The bytes are not canonical CBOR.");
        var next = position + head.Length;
        switch (head.Major)
        {
            case CborMajor.UnsignedInteger:
                WriteInteger((long)head.Argument, output);
                return next;
            case CborMajor.NegativeInteger:
                WriteInteger(-1 - (long)head.Argument, output);
                return next;
            case CborMajor.Text:
                WriteText(bytes.Slice(next, (int)head.Argument), output);
                return next + (int)head.Argument;
            case CborMajor.Array:
                return WriteArray(source, next, head.Argument, output);
            case CborMajor.Map:
                return WriteMap(source, next, (int)head.Argument, output);
            default:
                WriteSimple(head, output);
                return next;
        }
    }

    private static int WriteArray(ReadOnlyMemory<byte> source, int position, ulong count, IBufferWriter<byte> output)
    {
        Put(output, "["u8);
        for (var i = 0UL; i < count; i++)
        {
            if (i > 0)
                Put(output, ","u8);
            position = WriteItem(source, position, output);
        }

        Put(output, "]"u8);
        return position;
    }

    private static int WriteMap(ReadOnlyMemory<byte> source, int position, int count, IBufferWriter<byte> output)
    {
        var entries = ArrayPool<Entry>.Shared.Rent(count);
        try
        {
            for (var i = 0; i < count; i++)
            {
                CborHead.TryRead(source.Span[position..], out var key);
                var keyStart = position + key.Length;
                var value = keyStart + (int)key.Argument;
                entries[i] = new(keyStart, (int)key.Argument, value);
                position = value + CborItem.Measure(source.Span[value..]);
            }

            entries.AsSpan(0, count).Sort(new Utf16Order(source));
            Put(output, "{"u8);
            for (var i = 0; i < count; i++)
            {
                if (i > 0)
                    Put(output, ","u8);
                WriteText(source.Span.Slice(entries[i].KeyStart, entries[i].KeyLength), output);
                Put(output, ":"u8);
                WriteItem(source, entries[i].Value, output);
            }

            Put(output, "}"u8);
            return position;
        }
        finally
        {
            ArrayPool<Entry>.Shared.Return(entries);
        }
    }

    private static void WriteSimple(CborHead head, IBufferWriter<byte> output)
    {
        if (head.IsFloat)
        {
            output.Advance(EcmaNumber.Format(head.ToDouble(), output.GetSpan(LargestScalar)));
            return;
        }

        Put(output, head.Additional switch { CborHead.True => "true"u8, CborHead.False => "false"u8, _ => "null"u8 });
    }

    private static void WriteInteger(long value, IBufferWriter<byte> output)
    {
        value.TryFormat(output.GetSpan(LargestScalar), out var written, default, CultureInfo.InvariantCulture);
        output.Advance(written);
    }

    private static void WriteEscaped(byte symbol, IBufferWriter<byte> output)
    {
        var shorthand = symbol switch
        {
            (byte)'\b' => "\\b"u8,
            (byte)'\t' => "\\t"u8,
            (byte)'\n' => "\\n"u8,
            (byte)'\f' => "\\f"u8,
            (byte)'\r' => "\\r"u8,
            (byte)'"' => "\\\""u8,
            (byte)'\\' => "\\\\"u8,
            _ => default,
        };
        Put(output, shorthand);
        if (shorthand.IsEmpty)
            Put(output, Encoding.ASCII.GetBytes($"\\u{symbol:x4}"));
    }

    private static void Put(IBufferWriter<byte> output, ReadOnlySpan<byte> text) => output.Write(text);

    [StructLayout(LayoutKind.Auto)]
    private readonly record struct Entry(int KeyStart, int KeyLength, int Value);

    private readonly struct Utf16Order(ReadOnlyMemory<byte> source) : IComparer<Entry>
    {
        public int Compare(Entry x, Entry y) =>
            Utf16KeyOrder.Compare(source.Span.Slice(x.KeyStart, x.KeyLength), source.Span.Slice(y.KeyStart, y.KeyLength));
    }
}

/// <summary>
/// Compares UTF-8 texts as if they were UTF-16. The orders differ in one place: characters beyond U+FFFF (lead bytes F0-F4) are
/// surrogate pairs in UTF-16 and so come before U+E000-U+FFFF (lead bytes EE, EF).
/// </summary>
internal static class Utf16KeyOrder
{
    private const byte FirstAfterSurrogates = 0xEE, FirstSupplementary = 0xF0;

    public static int Compare(ReadOnlySpan<byte> left, ReadOnlySpan<byte> right)
    {
        var common = left.CommonPrefixLength(right);
        if (common == left.Length || common == right.Length)
            return left.Length.CompareTo(right.Length);
        var (a, b) = (left[common], right[common]);
        var swapped = a >= FirstAfterSurrogates && b >= FirstAfterSurrogates && (a >= FirstSupplementary) != (b >= FirstSupplementary);
        return swapped ? b.CompareTo(a) : a.CompareTo(b);
    }
}
