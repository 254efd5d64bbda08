using System.Buffers;
using System.Buffers.Binary;
using System.Runtime.InteropServices;
using System.Text;

namespace ArtifactStore.Interfaces.Canonical;

/// <summary>The eight major types of RFC 8949 §3.1, by their number on the wire.</summary>
internal enum CborMajor : byte
{
    UnsignedInteger, NegativeInteger, Bytes, Text, Array, Map, Tag, Simple,
}

internal enum CborFault : byte
{
    None, Truncated, Indefinite, Reserved, NotShortest,
}

/// <summary>
/// The head of one data item: major type, additional information and argument (RFC 8949 §3).
/// Reading refuses what the deterministic encoding (§4.2.3) forbids, without exceptions: a head may come from anybody.
/// The framework's reader is not used for reading because it accepts floats that are longer than needed, and throws.
/// </summary>
[StructLayout(LayoutKind.Auto)]
internal readonly record struct CborHead(CborMajor Major, byte Additional, ulong Argument, int Length)
{
    public const int MaxLength = 9;
    public const byte False = 20, True = 21, Null = 22, HalfFloat = 25, SingleFloat = 26, DoubleFloat = 27;
    private const byte OneByte = 24, FirstReserved = 28, IndefiniteLength = 31;

    public bool IsFloat => Major == CborMajor.Simple && Additional is HalfFloat or SingleFloat or DoubleFloat;

    /// <summary>Items or characters that follow the head, for strings, arrays and maps; a map counts keys and values.</summary>
    public ulong Children => Major switch { CborMajor.Array => Argument, CborMajor.Map => Argument * 2, _ => 0 };

    public double ToDouble() => Additional switch
    {
        HalfFloat => (double)BitConverter.UInt16BitsToHalf((ushort)Argument),
        SingleFloat => BitConverter.UInt32BitsToSingle((uint)Argument),
        _ => BitConverter.UInt64BitsToDouble(Argument),
    };

    public static CborFault TryRead(ReadOnlySpan<byte> source, out CborHead head)
    {
        head = default;
        if (source.IsEmpty)
            return CborFault.Truncated;
        var major = (CborMajor)(source[0] >> 5);
        var additional = (byte)(source[0] & 0x1f);
        if (additional < OneByte)
        {
            head = new(major, additional, additional, 1);
            return CborFault.None;
        }

        if (additional >= FirstReserved)
            return additional == IndefiniteLength ? CborFault.Indefinite : CborFault.Reserved;
        var width = 1 << (additional - OneByte);
        if (source.Length < 1 + width)
            return CborFault.Truncated;
        var argument = ReadArgument(source[1..], width);
        head = new(major, additional, argument, 1 + width);
        // The argument of a float is its bits, not a count: its shortest form is judged by value (CanonicalForm).
        return major == CborMajor.Simple || argument >= SmallestOfWidth(width) ? CborFault.None : CborFault.NotShortest;
    }

    public static void Write(IBufferWriter<byte> output, CborMajor major, ulong argument)
    {
        var span = output.GetSpan(MaxLength);
        var kind = (byte)((byte)major << 5);
        int length;
        switch (argument)
        {
            case < OneByte:
                span[0] = (byte)(kind | (byte)argument);
                length = 1;
                break;
            case <= byte.MaxValue:
                span[0] = (byte)(kind | OneByte);
                span[1] = (byte)argument;
                length = 2;
                break;
            case <= ushort.MaxValue:
                span[0] = (byte)(kind | HalfFloat);
                BinaryPrimitives.WriteUInt16BigEndian(span[1..], (ushort)argument);
                length = 3;
                break;
            case <= uint.MaxValue:
                span[0] = (byte)(kind | SingleFloat);
                BinaryPrimitives.WriteUInt32BigEndian(span[1..], (uint)argument);
                length = 5;
                break;
            default:
                span[0] = (byte)(kind | DoubleFloat);
                BinaryPrimitives.WriteUInt64BigEndian(span[1..], argument);
                length = 9;
                break;
        }

        output.Advance(length);
    }

    public static void WriteText(IBufferWriter<byte> output, string text)
    {
        var length = Encoding.UTF8.GetByteCount(text);
        Write(output, CborMajor.Text, (ulong)length);
        output.Advance(Encoding.UTF8.GetBytes(text, output.GetSpan(length)));
    }

    public static string Describe(CborFault fault) => fault switch
    {
        CborFault.Truncated => "the bytes end inside an item",
        CborFault.Indefinite => "indefinite lengths are not canonical",
        CborFault.Reserved => "reserved additional information",
        CborFault.NotShortest => "a length or integer is not in its shortest form",
        _ => "no fault",
    };

    private static ulong ReadArgument(ReadOnlySpan<byte> source, int width) => width switch
    {
        1 => source[0],
        2 => BinaryPrimitives.ReadUInt16BigEndian(source),
        4 => BinaryPrimitives.ReadUInt32BigEndian(source),
        _ => BinaryPrimitives.ReadUInt64BigEndian(source),
    };

    private static ulong SmallestOfWidth(int width) => width switch
    {
        1 => OneByte,
        2 => byte.MaxValue + 1UL,
        4 => ushort.MaxValue + 1UL,
        _ => uint.MaxValue + 1UL,
    };
}
