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
}
