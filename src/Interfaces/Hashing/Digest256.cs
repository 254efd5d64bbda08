namespace ArtifactStore.Interfaces.Hashing;

/// <summary>Placeholder until the hashing branch lands.</summary>
public readonly record struct Digest256(ulong A, ulong B, ulong C, ulong D)
{
    public static Digest256 FromBytes(ReadOnlySpan<byte> bytes) => new(
        BitConverter.ToUInt64(bytes), BitConverter.ToUInt64(bytes[8..]), BitConverter.ToUInt64(bytes[16..]), BitConverter.ToUInt64(bytes[24..]));
    public static bool TryParseHex(ReadOnlySpan<char> hex, out Digest256 digest)
    {
        digest = default;
        if (hex.Length != 64) return false;
        digest = FromBytes(Convert.FromHexString(hex));
        return true;
    }
    public byte[] ToArray() => [.. BitConverter.GetBytes(A), .. BitConverter.GetBytes(B), .. BitConverter.GetBytes(C), .. BitConverter.GetBytes(D)];
    public string ToHex() => Convert.ToHexStringLower(ToArray());
    public override string ToString() => ToHex();
}

public sealed record ContentDigests(Digest256 Blake3, Digest256 Sha256, long Size);
