using Amazon;
using Amazon.Runtime;
using Amazon.SecurityToken;
using Amazon.SecurityToken.Model;

namespace ArtifactStore.Storage.Blobs.S3;

/// <summary>
/// Keys that a security token service gives for a token of this machine's identity (AssumeRoleWithWebIdentity). They are renewed when three
/// quarters of their life are over, by one request at a time; while the service cannot be reached, the old ones serve until their end.
/// </summary>
internal sealed class S3WebIdentityCredentials(S3CredentialSource.WebIdentity identity, S3Options options, TimeProvider time)
    : S3Credentials, IDisposable
{
    private const string P = "ARTIFACTSTORE_S3_";
    private static readonly TimeSpan AttemptTime = TimeSpan.FromSeconds(20);

    private sealed record Lease(ImmutableCredentials Keys, DateTimeOffset RenewAt, DateTimeOffset End);

    private readonly SemaphoreSlim _turn = new(1);
    private volatile Lease? _lease;

    public override bool CanRotate => true;

    public override ImmutableCredentials GetCredentials() => GetCredentialsAsync().GetAwaiter().GetResult();

    public override async Task<ImmutableCredentials> GetCredentialsAsync()
    {
        if (_lease is { } fresh && time.GetUtcNow() < fresh.RenewAt) return fresh.Keys;
        await _turn.WaitAsync();
        try
        {
            if (_lease is { } other && time.GetUtcNow() < other.RenewAt) return other.Keys;
            return (_lease = await Assume(CancellationToken.None)).Keys;
        }
        catch (SecretException) when (_lease is { } old && time.GetUtcNow() < old.End)
        {
            return old.Keys;
        }
        finally
        {
            _turn.Release();
        }
    }

    public void Dispose() => _turn.Dispose();

    public override async Task Renew(CancellationToken cancellation)
    {
        var refused = _lease;
        await _turn.WaitAsync(cancellation);
        try
        {
            // Somebody else was refused the same keys and has renewed them.
            if (ReferenceEquals(refused, _lease)) _lease = null;
        }
        finally
        {
            _turn.Release();
        }
    }

    private async Task<Lease> Assume(CancellationToken cancellation)
    {
        var token = await ReadToken(cancellation);
        using var limit = new CancellationTokenSource(AttemptTime, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellation, limit.Token);
        var began = time.GetUtcNow();
        try
        {
            using var client = new AmazonSecurityTokenServiceClient(new AnonymousAWSCredentials(), Configuration());
            var answer = await client.AssumeRoleWithWebIdentityAsync(
                new AssumeRoleWithWebIdentityRequest
                {
                    RoleArn = identity.RoleArn,
                    RoleSessionName = "artifactstore",
                    WebIdentityToken = token,
                },
                either.Token);
            var keys = answer.Credentials;
            var end = keys.Expiration is { } expiration ? new DateTimeOffset(expiration.ToUniversalTime()) : began + TimeSpan.FromMinutes(15);
            var renewAt = began + (end - began) * 0.75;
            return new Lease(new ImmutableCredentials(keys.AccessKeyId, keys.SecretAccessKey, keys.SessionToken), renewAt, end);
        }
        catch (AmazonServiceException answer) when (S3Failure.HasStatus(answer))
        {
            var code = answer.ErrorCode is { Length: > 0 and <= 64 } word && word.All(char.IsAsciiLetterOrDigit) ? word : "no code";
            throw Refused($"gives no credentials ({(int)answer.StatusCode} {code}): check {P}ROLE_ARN and the token of {P}WEB_IDENTITY_TOKEN_FILE");
        }
        catch (Exception failure) when (failure is not OperationCanceledException || !cancellation.IsCancellationRequested)
        {
            throw Refused($"cannot be reached: check {P}STS_ENDPOINT_URL");
        }
    }

    private async Task<string> ReadToken(CancellationToken cancellation)
    {
        try
        {
            return (await File.ReadAllTextAsync(identity.TokenFile, cancellation)).Trim();
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            throw new SecretException($"{P}WEB_IDENTITY_TOKEN_FILE names {identity.TokenFile}, which cannot be read.");
        }
    }

    private AmazonSecurityTokenServiceConfig Configuration()
    {
        var configuration = new AmazonSecurityTokenServiceConfig { MaxErrorRetry = 2, DisableLogging = true, IgnoreConfiguredEndpointUrls = true };
        if ((identity.StsEndpoint ?? options.Endpoint) is { } endpoint)
        {
            configuration.ServiceURL = endpoint.ToString();
            configuration.AuthenticationRegion = options.Region;
        }
        else
        {
            configuration.RegionEndpoint = RegionEndpoint.GetBySystemName(options.Region);
        }
        return configuration;
    }

    private SecretException Refused(string what)
    {
        var endpoint = (identity.StsEndpoint ?? options.Endpoint)?.GetLeftPart(UriPartial.Authority) ?? $"of AWS in {options.Region}";
        return new($"The token service {endpoint} {what}.");
    }
}
