namespace ArtifactStore.Interfaces.Canonical;

/// <summary>How deep and how large a document may be. Depth counts nested arrays and maps; a lone scalar has depth zero.</summary>
public sealed record CanonicalLimits(int MaxDepth = CanonicalLimits.DefaultMaxDepth, int MaxBytes = CanonicalLimits.DefaultMaxBytes)
{
    public const int DefaultMaxDepth = 32;
    public const int DefaultMaxBytes = 1024 * 1024;

    /// <summary>
    /// A byte of CBOR never takes more than this many bytes of JSON (worst: a half float such as 5.960464477539063e-8 and its comma).
    /// So a document that fits its limit always fits again after a trip through its JSON text.
    /// </summary>
    public const int MaxJsonExpansion = 8;

    public static CanonicalLimits Default { get; } = new();

    public long MaxJsonBytes => (long)MaxBytes * MaxJsonExpansion;
}

/// <summary>Integers that a double, and therefore every JSON reader, holds exactly (RFC 7493 §2.2).</summary>
public static class SafeInteger
{
    public const long Max = (1L << 53) - 1;
    public const long Min = -Max;

    /// <summary>ECMAScript writes integral doubles below this without an exponent, that is, as an integer.</summary>
    internal const double FirstWithExponent = 1e21;

    public static bool Holds(long value) => value is >= Min and <= Max;

    internal static bool Holds(double integral) => integral is >= Min and <= Max;
}
