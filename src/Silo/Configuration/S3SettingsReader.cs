using System.Globalization;
using System.Text.RegularExpressions;
using ArtifactStore.Storage.Blobs.S3;

namespace ArtifactStore.Silo.Configuration;

/// <summary>The <c>ARTIFACTSTORE_S3_*</c> settings. No refusal repeats what stands where a reference to a secret belongs.</summary>
public static partial class S3SettingsReader
{
    private const string P = SettingsReader.Prefix;

    public static IReadOnlyList<string> Names { get; } =
    [
        "S3_ENDPOINT_URL", "S3_REGION", "S3_BUCKET", "S3_KEY_PREFIX", "S3_ACCESS_KEY_REF", "S3_SECRET_KEY_REF", "S3_SESSION_TOKEN_REF",
        "S3_STORAGE_CLASS", "S3_SSE", "S3_MULTIPART_THRESHOLD_BYTES", "S3_MULTIPART_CHUNK_BYTES", "S3_WEB_IDENTITY_TOKEN_FILE", "S3_ROLE_ARN",
        "S3_STS_ENDPOINT_URL",
    ];

    public static S3Options Read(Func<string, string?> text, IReadOnlyDictionary<string, string> variables) => new()
    {
        Endpoint = Endpoint("S3_ENDPOINT_URL", text("S3_ENDPOINT_URL")),
        Region = Word("S3_REGION", text("S3_REGION")) ?? "us-east-1",
        Bucket = text("S3_BUCKET") is not { } bucket
            ? throw new SettingsException($"{P}STORAGE_BACKENDS names s3, but {P}S3_BUCKET is empty.")
            : BucketForm().IsMatch(bucket) ? bucket : throw new SettingsException($"{P}S3_BUCKET is '{bucket}', which is not the name of a bucket."),
        KeyPrefix = KeyPrefix(text("S3_KEY_PREFIX") ?? ""),
        Credentials = Credentials(text, new SecretVariables(variables)),
        StorageClass = Word("S3_STORAGE_CLASS", text("S3_STORAGE_CLASS")),
        ServerSideEncryption = Word("S3_SSE", text("S3_SSE")),
        MultipartThresholdBytes = Bytes(
            "S3_MULTIPART_THRESHOLD_BYTES", text("S3_MULTIPART_THRESHOLD_BYTES"), S3Options.DefaultMultipartThresholdBytes, 1,
            S3Options.MaxMultipartThresholdBytes),
        MultipartChunkBytes = (int)Bytes(
            "S3_MULTIPART_CHUNK_BYTES", text("S3_MULTIPART_CHUNK_BYTES"), S3Options.DefaultMultipartChunkBytes, S3Options.MinMultipartChunkBytes,
            S3Options.MaxMultipartChunkBytes),
    };

    private static S3CredentialSource Credentials(Func<string, string?> text, SecretVariables variables)
    {
        var access = Reference("S3_ACCESS_KEY_REF", text, variables);
        var secret = Reference("S3_SECRET_KEY_REF", text, variables);
        var token = Reference("S3_SESSION_TOKEN_REF", text, variables);
        var (file, role) = (text("S3_WEB_IDENTITY_TOKEN_FILE"), text("S3_ROLE_ARN"));
        if (file is null && role is null)
        {
            if (text("S3_STS_ENDPOINT_URL") is not null)
                throw new SettingsException($"{P}S3_STS_ENDPOINT_URL needs {P}S3_WEB_IDENTITY_TOKEN_FILE and {P}S3_ROLE_ARN.");
            return access is not null && secret is not null
                ? new S3CredentialSource.References(access, secret, token, variables)
                : throw new SettingsException(
                    $"{P}STORAGE_BACKENDS names s3: give {P}S3_ACCESS_KEY_REF and {P}S3_SECRET_KEY_REF, or {P}S3_WEB_IDENTITY_TOKEN_FILE "
                    + $"and {P}S3_ROLE_ARN.");
        }
        if (file is null || role is null) throw new SettingsException($"{P}S3_WEB_IDENTITY_TOKEN_FILE and {P}S3_ROLE_ARN go together; one is missing.");
        if (access is not null || secret is not null || token is not null)
            throw new SettingsException($"{P}S3_WEB_IDENTITY_TOKEN_FILE and {P}S3_ACCESS_KEY_REF are two sources of credentials; give one.");
        if (!File.Exists(file)) throw new SettingsException($"{P}S3_WEB_IDENTITY_TOKEN_FILE names '{file}', which does not exist.");
        return new S3CredentialSource.WebIdentity(file, role, Endpoint("S3_STS_ENDPOINT_URL", text("S3_STS_ENDPOINT_URL")));
    }

    private static SecretReference? Reference(string name, Func<string, string?> text, SecretVariables variables)
    {
        if (text(name) is not { } value) return null;
        if (!SecretReference.TryParse(P + name, value, out var reference))
            throw new SettingsException($"{P}{name} is neither env:NAME nor file:/path; a secret itself does not belong there.");
        try
        {
            reference.Resolve(variables);
            return reference;
        }
        catch (SecretException missing)
        {
            throw new SettingsException(missing.Message);
        }
    }

    private static Uri? Endpoint(string name, string? text)
    {
        if (text is null) return null;
        if (!Uri.TryCreate(text, UriKind.Absolute, out var uri) || uri.Scheme is not ("http" or "https") || uri.Host.Length == 0)
            throw new SettingsException($"{P}{name} is not a URL such as https://s3.example.org.");
        // It may hold a password: not repeated.
        if (uri.UserInfo.Length > 0) throw new SettingsException($"{P}{name} holds a name or password, which belongs behind a reference.");
        return uri.PathAndQuery == "/" && uri.Fragment.Length == 0
            ? uri
            : throw new SettingsException($"{P}{name} has a path; write the endpoint only, the bucket stands in {P}S3_BUCKET.");
    }

    private static string KeyPrefix(string text)
    {
        var prefix = text.Trim('/');
        return S3Options.IsKeyPrefix(prefix)
            ? prefix
            : throw new SettingsException(
                $"{P}S3_KEY_PREFIX is '{text}'; it is printable ASCII between single slashes, at most {S3Options.MaxKeyPrefixLength} long.");
    }

    private static string? Word(string name, string? text) => text is null || WordForm().IsMatch(text)
        ? text
        : throw new SettingsException($"{P}{name} is '{text}', which is not one word of letters, digits and -_:.");

    private static long Bytes(string name, string? text, long byDefault, long least, long most)
    {
        if (text is null) return byDefault;
        return long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var bytes) && bytes >= least && bytes <= most
            ? bytes
            : throw new SettingsException($"{P}{name} is '{text}'; it is a number of bytes from {least} to {most}.");
    }

    [GeneratedRegex("^[A-Za-z0-9][A-Za-z0-9._-]{1,253}[A-Za-z0-9]$", RegexOptions.None, 1000)]
    private static partial Regex BucketForm();

    [GeneratedRegex("^[A-Za-z0-9:_-]{1,64}$", RegexOptions.None, 1000)]
    private static partial Regex WordForm();
}
