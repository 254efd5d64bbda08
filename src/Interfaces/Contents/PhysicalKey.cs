using System.Globalization;
using ArtifactStore.Interfaces.Hashing;
using ArtifactStore.Interfaces.Ids;

namespace ArtifactStore.Interfaces.Contents;

/// <summary>
/// The key of one generation in a backend, relative to its root:
/// <code>
///   blake3/ab/cd/abcd…                          generation 1
///   blake3/ab/cd/abcd….2-&lt;attempt&gt;              later generations
///   blake3/ab/cd/abcd….1-&lt;attempt&gt;-i2           any generation after a restore, with the incarnation
///   tenants/&lt;tenant&gt;/blake3/…                   other tenants than the default one: the domain of deduplication is the tenant
/// </code>
/// A key is written at most once in the life of the universe, so a late or repeated write or delete can only hit its own generation.
/// </summary>
public static class PhysicalKey
{
    private const string Tenants = "tenants/";
    private const int HexLength = 64;
    private const int AttemptLength = 32;

    public static string Of(TenantId tenant, Digest256 content, int generation, AttemptId attempt, int incarnation)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(generation, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(incarnation, 1);
        var hex = content.ToHex();
        var root = tenant == TenantId.Default ? "" : $"tenants/{tenant}/";
        var plain = $"{root}blake3/{hex[..2]}/{hex[2..4]}/{hex}";
        if (incarnation > 1) return $"{plain}.{generation}-{attempt}-i{incarnation}";
        return generation == 1 ? plain : $"{plain}.{generation}-{attempt}";
    }

    /// <summary>Null: a store never writes such a key. What is read is exactly what <see cref="Of"/> wrote.</summary>
    public static KeyName? Read(string key)
    {
        var tenant = TenantId.Default;
        var rest = key.AsSpan();
        if (rest.StartsWith(Tenants, StringComparison.Ordinal))
        {
            rest = rest[Tenants.Length..];
            var end = rest.IndexOf('/');
            if (end <= 0) return null;
            tenant = new(rest[..end].ToString());
            rest = rest[(end + 1)..];
        }
        var name = rest[(rest.LastIndexOf('/') + 1)..];
        if (name.Length < HexLength || !Digest256.TryParseHex(name[..HexLength], out var content)) return null;
        if (ReadSuffix(name[HexLength..]) is not var (generation, attempt, incarnation)) return null;
        return Of(tenant, content, generation, attempt, incarnation) == key ? new(tenant, content, generation, incarnation) : null;
    }

    private static (int Generation, AttemptId Attempt, int Incarnation)? ReadSuffix(ReadOnlySpan<char> suffix)
    {
        if (suffix.IsEmpty) return (1, default, 1);
        var dash = suffix.IndexOf('-');
        if (suffix[0] != '.' || dash < 0 || !IsNumber(suffix[1..dash], out var generation)) return null;
        suffix = suffix[(dash + 1)..];
        if (suffix.Length < AttemptLength || !Guid.TryParseExact(suffix[..AttemptLength], "N", out var attempt)) return null;
        suffix = suffix[AttemptLength..];
        if (suffix.IsEmpty) return (generation, new(attempt), 1);
        return suffix.StartsWith("-i", StringComparison.Ordinal) && IsNumber(suffix[2..], out var incarnation)
            ? (generation, new(attempt), incarnation)
            : null;
    }

    private static bool IsNumber(ReadOnlySpan<char> text, out int number) =>
        int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out number) && number >= 1;
}

/// <summary>What a physical key says of itself.</summary>
public sealed record KeyName(TenantId Tenant, Digest256 Content, int Generation, int Incarnation);
