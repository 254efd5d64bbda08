using ArtifactStore.Interfaces.Errors;
using ArtifactStore.Interfaces.Hashing;
using ArtifactStore.Interfaces.Ids;

namespace ArtifactStore.Gateway.Shared;

/// <summary>What the sender says the bytes are. Each digest that is given must be right, or nothing is kept.</summary>
public sealed record ExpectedDigests(Digest256? Blake3 = null, Digest256? Sha256 = null)
{
    public static readonly ExpectedDigests None = new();

    public static ExpectedDigests Of(ContentAddress address) => address.Algorithm switch
    {
        DigestAlgorithm.Blake3 => new(Blake3: address.Digest),
        DigestAlgorithm.Sha256 => new(Sha256: address.Digest),
        _ => throw new ArgumentOutOfRangeException(nameof(address)),
    };

    /// <summary>Both statements together; null when they contradict each other.</summary>
    public ExpectedDigests? And(ExpectedDigests other)
    {
        if (Blake3 is { } blake3 && other.Blake3 is { } otherBlake3 && blake3 != otherBlake3) return null;
        if (Sha256 is { } sha256 && other.Sha256 is { } otherSha256 && sha256 != otherSha256) return null;
        return new(Blake3 ?? other.Blake3, Sha256 ?? other.Sha256);
    }

    public Error? Refuse(ContentDigests actual)
    {
        if (Blake3 is { } blake3 && blake3 != actual.Blake3)
            return Mismatch(ContentAddress.Blake3(blake3), ContentAddress.Blake3(actual.Blake3));
        if (Sha256 is { } sha256 && sha256 != actual.Sha256)
            return Mismatch(ContentAddress.Sha256(sha256), ContentAddress.Sha256(actual.Sha256));
        return null;
    }

    private static Error Mismatch(ContentAddress announced, ContentAddress actual) =>
        ErrorCatalogue.DigestMismatch.With($"announced {announced}, received {actual}");
}
