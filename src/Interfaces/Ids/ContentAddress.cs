using System.Diagnostics.CodeAnalysis;
using ArtifactStore.Interfaces.Hashing;

namespace ArtifactStore.Interfaces.Ids;

public enum DigestAlgorithm
{
    Blake3 = 1,
    Sha256 = 2,
}

/// <summary>
/// <c>blake3:&lt;64 hex&gt;</c> (primary) or <c>sha256:&lt;64 hex&gt;</c> (names the same content). Lower-case hex is canonical; upper
/// case is understood and folded, so that an address compares equal however it was written.
/// </summary>
public readonly partial record struct ContentAddress(DigestAlgorithm Algorithm, Digest256 Digest) : ISpanParsable<ContentAddress>
{
    public static ContentAddress Blake3(Digest256 digest) => new(DigestAlgorithm.Blake3, digest);
    public static ContentAddress Sha256(Digest256 digest) => new(DigestAlgorithm.Sha256, digest);

    public string AlgorithmName => NameOf(Algorithm);

    public override string ToString() => $"{AlgorithmName}:{Digest.ToHex()}";

    public static string NameOf(DigestAlgorithm algorithm) => algorithm switch
    {
        DigestAlgorithm.Blake3 => "blake3",
        DigestAlgorithm.Sha256 => "sha256",
        _ => throw new ArgumentOutOfRangeException(nameof(algorithm)),
    };

    public static bool TryParse(ReadOnlySpan<char> text, out ContentAddress address)
    {
        address = default;
        var colon = text.IndexOf(':');
        if (colon < 0) return false;
        DigestAlgorithm algorithm;
        if (text[..colon].SequenceEqual("blake3")) algorithm = DigestAlgorithm.Blake3;
        else if (text[..colon].SequenceEqual("sha256")) algorithm = DigestAlgorithm.Sha256;
        else return false;
        if (!Digest256.TryParseHex(text[(colon + 1)..], out var digest)) return false;
        address = new(algorithm, digest);
        return true;
    }

    public static ContentAddress Parse(ReadOnlySpan<char> s, IFormatProvider? provider) =>
        TryParse(s, out var address) ? address : throw new FormatException("not a content address");
    public static ContentAddress Parse(string s, IFormatProvider? provider) => Parse(s.AsSpan(), provider);
    public static bool TryParse(ReadOnlySpan<char> s, IFormatProvider? provider, out ContentAddress result) => TryParse(s, out result);
    public static bool TryParse([NotNullWhen(true)] string? s, IFormatProvider? provider, out ContentAddress result) => TryParse(s.AsSpan(), out result);
}
