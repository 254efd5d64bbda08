namespace ArtifactStore.Storage.Blobs;

/// <summary>
/// What every backend accepts as a key: segments of printable ASCII between single slashes, none of them <c>.</c> or <c>..</c>. So a
/// key cannot leave its root, and the order of its characters is the order of its bytes.
/// </summary>
internal static class BlobKey
{
    public const int MaxLength = 1024;
    private const int MaxSegmentLength = 255;

    public static bool IsValid(ReadOnlySpan<char> key)
    {
        if (key.Length is 0 or > MaxLength) return false;
        foreach (var range in key.Split('/'))
        {
            var segment = key[range];
            if (segment.Length is 0 or > MaxSegmentLength || segment is "." or ".." || segment.Contains('\\')) return false;
            if (segment.ContainsAnyExceptInRange('!', '~')) return false;
        }
        return true;
    }

    /// <exception cref="ArgumentException">Keys come from the store itself: a bad one is a bug, and nothing is touched.</exception>
    public static void Require(string key)
    {
        if (!IsValid(key)) throw new ArgumentException($"The key '{key}' is not one of this store: it could leave its root.", nameof(key));
    }
}
