using System.Buffers;
using System.Buffers.Binary;
using System.Runtime.InteropServices;

namespace ArtifactStore.Interfaces.Hashing;

/// <summary>
/// A digest of 32 bytes as a value: no allocation, compared in eight-byte steps, ordered as its bytes and as its hex are.
/// </summary>
[StructLayout(LayoutKind.Sequential)]
public readonly struct Digest256 : IEquatable<Digest256>, IComparable<Digest256>
{
    public const int Bytes = 32;
    public const int HexLength = 2 * Bytes;

    // Big-endian words, so that the order of the numbers is the order of the bytes.
    private readonly ulong _word0;
    private readonly ulong _word1;
    private readonly ulong _word2;
    private readonly ulong _word3;

    private Digest256(ReadOnlySpan<byte> bytes)
    {
        _word0 = BinaryPrimitives.ReadUInt64BigEndian(bytes);
        _word1 = BinaryPrimitives.ReadUInt64BigEndian(bytes[8..]);
        _word2 = BinaryPrimitives.ReadUInt64BigEndian(bytes[16..]);
        _word3 = BinaryPrimitives.ReadUInt64BigEndian(bytes[24..]);
    }

    /// <exception cref="ArgumentException">There are not exactly 32 bytes.</exception>
    public static Digest256 FromBytes(ReadOnlySpan<byte> bytes)
    {
        if (bytes.Length != Bytes)
            throw new ArgumentException($"A digest has {Bytes} bytes, not {bytes.Length}.", nameof(bytes));
        return new Digest256(bytes);
    }

    /// <summary>Takes 64 hexadecimal digits of either case, and nothing else.</summary>
    public static bool TryParseHex(ReadOnlySpan<char> hex, out Digest256 digest)
    {
        Span<byte> bytes = stackalloc byte[Bytes];
        if (hex.Length != HexLength || Convert.FromHexString(hex, bytes, out _, out _) != OperationStatus.Done)
        {
            digest = default;
            return false;
        }
        digest = new Digest256(bytes);
        return true;
    }

    public void CopyTo(Span<byte> destination)
    {
        BinaryPrimitives.WriteUInt64BigEndian(destination[24..], _word3);
        BinaryPrimitives.WriteUInt64BigEndian(destination, _word0);
        BinaryPrimitives.WriteUInt64BigEndian(destination[8..], _word1);
        BinaryPrimitives.WriteUInt64BigEndian(destination[16..], _word2);
    }

    public byte[] ToArray()
    {
        var bytes = new byte[Bytes];
        CopyTo(bytes);
        return bytes;
    }

    /// <summary>64 lower-case digits.</summary>
    public string ToHex()
    {
        Span<byte> bytes = stackalloc byte[Bytes];
        CopyTo(bytes);
        return Convert.ToHexStringLower(bytes);
    }

    public override string ToString() => ToHex();

    public bool Equals(Digest256 other) =>
        _word0 == other._word0 && _word1 == other._word1 && _word2 == other._word2 && _word3 == other._word3;

    public override bool Equals(object? obj) => obj is Digest256 other && Equals(other);

    // A client names digests freely, so the hash is the runtime's keyed one: nobody can choose many digests that collide in a table.
    public override int GetHashCode()
    {
        ReadOnlySpan<ulong> words = [_word0, _word1, _word2, _word3];
        return string.GetHashCode(MemoryMarshal.Cast<ulong, char>(words), StringComparison.Ordinal);
    }

    public int CompareTo(Digest256 other)
    {
        if (_word0 != other._word0)
            return _word0.CompareTo(other._word0);
        if (_word1 != other._word1)
            return _word1.CompareTo(other._word1);
        return _word2 != other._word2 ? _word2.CompareTo(other._word2) : _word3.CompareTo(other._word3);
    }

    public static bool operator ==(Digest256 left, Digest256 right) => left.Equals(right);

    public static bool operator !=(Digest256 left, Digest256 right) => !left.Equals(right);

    public static bool operator <(Digest256 left, Digest256 right) => left.CompareTo(right) < 0;

    public static bool operator <=(Digest256 left, Digest256 right) => left.CompareTo(right) <= 0;

    public static bool operator >(Digest256 left, Digest256 right) => left.CompareTo(right) > 0;

    public static bool operator >=(Digest256 left, Digest256 right) => left.CompareTo(right) >= 0;
}
