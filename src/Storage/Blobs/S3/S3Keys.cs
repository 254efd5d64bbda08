using ArtifactStore.Interfaces.Ids;

namespace ArtifactStore.Storage.Blobs.S3;

/// <summary>
/// The names in the bucket:
/// <code>
///   &lt;prefix&gt;/artifactstore-identity.json    whose bytes these are (S3Identity)
///   &lt;prefix&gt;/.staging/&lt;node&gt;/&lt;attempt&gt;      bytes on their way in
///   &lt;prefix&gt;/.staging/probe-&lt;random&gt;/&lt;…&gt;    of a compatibility probe, gone at its end
///   &lt;prefix&gt;/&lt;key&gt;                         objects
/// </code>
/// Without a prefix the same at the root of the bucket.
/// </summary>
internal sealed class S3Keys(string prefix, NodeId node)
{
    private const string StagingName = ".staging";
    private const string IdentityName = "artifactstore-identity.json";

    /// <summary>What every name of ours begins with.</summary>
    public string Root { get; } = prefix.Length == 0 ? "" : prefix + "/";

    public string Identity => Root + IdentityName;

    public string StagingRoot => $"{Root}{StagingName}/";

    /// <summary>Of the compatibility probe: in staging, so that what a dead one leaves is swept.</summary>
    public string ProbeRoot => $"{StagingRoot}probe-";

    public string Of(string key)
    {
        BlobKey.Require(key);
        if (IsReserved(key)) throw new ArgumentException($"The key '{key}' is reserved for the store's own objects.", nameof(key));
        return Root + key;
    }

    public string StageOf(AttemptId attempt) => $"{StagingRoot}{node}/{attempt}";

    /// <summary>The node whose stage a name is; null when it is no stage.</summary>
    public NodeId? NodeOf(string name)
    {
        if (!name.StartsWith(StagingRoot, StringComparison.Ordinal)) return null;
        var rest = name.AsSpan(StagingRoot.Length);
        var slash = rest.IndexOf('/');
        return slash > 0 && NodeId.TryParse(rest[..slash], out var owner) ? owner : null;
    }

    /// <summary>The key behind a name of the bucket; null when it is none of the store's.</summary>
    public string? KeyOf(string name)
    {
        if (!name.StartsWith(Root, StringComparison.Ordinal)) return null;
        var key = name[Root.Length..];
        return BlobKey.IsValid(key) && !IsReserved(key) ? key : null;
    }

    private static bool IsReserved(string key) =>
        key is StagingName or IdentityName || key.StartsWith(StagingName + "/", StringComparison.Ordinal);
}
