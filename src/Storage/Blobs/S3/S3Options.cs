namespace ArtifactStore.Storage.Blobs.S3;

/// <summary>
/// What an <c>s3</c> backend is told from outside. It holds references to secrets, never a secret, so it may be printed. It names no type
/// of the S3 client: reading settings loads none of its assemblies.
/// </summary>
public sealed record S3Options
{
    public const long DefaultMultipartThresholdBytes = 64 * 1024 * 1024;
    public const int DefaultMultipartChunkBytes = 8 * 1024 * 1024;

    /// <summary>The protocol's own minimum for every part but the last.</summary>
    public const int MinMultipartChunkBytes = 5 * 1024 * 1024;

    /// <summary>Several parts of every upload are in memory.</summary>
    public const int MaxMultipartChunkBytes = 512 * 1024 * 1024;

    /// <summary>The protocol's own maximum for one put.</summary>
    public const long MaxMultipartThresholdBytes = 5L * 1024 * 1024 * 1024;

    /// <summary>A key of ours and its prefix together stay below the protocol's 1,024 bytes.</summary>
    public const int MaxKeyPrefixLength = 512;

    /// <summary>Null: the endpoint of AWS in the region.</summary>
    public Uri? Endpoint { get; init; }

    public string Region { get; init; } = "us-east-1";

    public required string Bucket { get; init; }

    /// <summary>Before every key, without slashes at its ends; empty: the bucket belongs to the store alone.</summary>
    public string KeyPrefix { get; init; } = "";

    public required S3CredentialSource Credentials { get; init; }

    public string? StorageClass { get; init; }

    public string? ServerSideEncryption { get; init; }

    /// <summary>Bodies above this go out in parts.</summary>
    public long MultipartThresholdBytes { get; init; } = DefaultMultipartThresholdBytes;

    public int MultipartChunkBytes { get; init; } = DefaultMultipartChunkBytes;

    /// <summary>Parts of one upload that are under way at once; one more is being filled.</summary>
    public int PartsInFlight { get; init; } = 4;

    /// <summary>A failed call is tried again until this much time has passed since it began.</summary>
    public TimeSpan RetryTime { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>One try of a call that carries few bytes may take this long, and a stream may rest this long.</summary>
    public TimeSpan AttemptTime { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>The protocol copies at most 5 GiB at once; above that a copy is made of parts.</summary>
    internal long MaxSingleCopyBytes { get; init; } = 5L * 1024 * 1024 * 1024;

    internal long CopyPartBytes { get; init; } = 512L * 1024 * 1024;

    public static bool IsKeyPrefix(string prefix) => prefix.Length == 0 || (prefix.Length <= MaxKeyPrefixLength && BlobKey.IsValid(prefix));
}

/// <summary>Where the keys come from.</summary>
public abstract record S3CredentialSource
{
    private S3CredentialSource() { }

    /// <param name="AccessKey">An access key.</param>
    /// <param name="SecretKey">Its secret.</param>
    /// <param name="SessionToken">The token of short-lived keys; null for lasting ones.</param>
    /// <param name="Variables">What <c>env:</c> looks into.</param>
    public sealed record References(
        SecretReference AccessKey, SecretReference SecretKey, SecretReference? SessionToken, SecretVariables Variables) : S3CredentialSource;

    /// <summary>Keys are asked from a security token service, with a token that somebody else keeps fresh in a file.</summary>
    public sealed record WebIdentity(string TokenFile, string RoleArn, Uri? StsEndpoint) : S3CredentialSource;
}

/// <summary>The variables of the process; printing them shows none.</summary>
public sealed class SecretVariables(IReadOnlyDictionary<string, string> variables)
{
    public string? Find(string name) => variables.TryGetValue(name, out var value) && value.Length > 0 ? value : null;
}
