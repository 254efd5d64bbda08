
namespace ArtifactStore.Client;

/// <summary>The order in which the store lists paths: by their UTF-8 bytes. UTF-16 order differs from it beyond the basic plane.</summary>
public static class PathOrder
{
    public static readonly IComparer<string> Comparer = Comparer<string>.Create(Compare);

    public static int Compare(string left, string right)
    {
        var length = Math.Min(left.Length, right.Length);
        for (var i = 0; i < length; i++)
        {
            if (left[i] != right[i]) return Weight(left[i]) - Weight(right[i]);
        }
        return left.Length - right.Length;
    }

    /// <summary>Surrogates stand for code points above all others, though their numbers are below U+E000.</summary>
    private static int Weight(char c) => char.IsSurrogate(c) ? c + 0x10000 : c;
}
