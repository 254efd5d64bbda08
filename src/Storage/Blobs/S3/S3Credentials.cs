using Amazon.Runtime;

namespace ArtifactStore.Storage.Blobs.S3;

/// <summary>
/// The keys of the next request. Asked before every one, so that short-lived keys rotate without a restart; <see cref="Renew"/> looks
/// again whatever seems unchanged, because the endpoint refused the last ones.
/// </summary>
internal abstract class S3Credentials : AWSCredentials
{
    public static S3Credentials Of(S3Options options, TimeProvider time) => options.Credentials switch
    {
        S3CredentialSource.References references => new S3ReferencedCredentials(references),
        S3CredentialSource.WebIdentity identity => new S3WebIdentityCredentials(identity, options, time),
        _ => throw new ArgumentException("This kind of credentials is not known.", nameof(options)),
    };

    /// <summary>
    /// Others may come while the process runs. Then expired ones are worth waiting for: whoever rotates them may be a little late. A variable
    /// stays as it is until the process ends.
    /// </summary>
    public abstract bool CanRotate { get; }

    public abstract Task Renew(CancellationToken cancellation);
}

/// <summary>
/// Keys behind references. When one of the files has changed all are read again: keys, secret and token belong together. Somebody who
/// replaces three files one by one makes a moment in which they do not; the endpoint refuses that mixture, and the next look has all three.
/// </summary>
internal sealed class S3ReferencedCredentials(S3CredentialSource.References references) : S3Credentials
{
    private sealed record Reading(ImmutableCredentials Keys, (DateTime, long)?[] Stamps);

    private readonly object _gate = new();
    private Reading? _last;

    public override bool CanRotate => references.AccessKey.IsFile || references.SecretKey.IsFile || references.SessionToken?.IsFile == true;

    public override ImmutableCredentials GetCredentials()
    {
        lock (_gate)
        {
            if (_last is { } last && last.Stamps.AsSpan().SequenceEqual(Stamps())) return last.Keys;
            // The stamps first: what changes while it is read is read again.
            var stamps = Stamps();
            _last = new Reading(Read(), stamps);
            return _last.Keys;
        }
    }

    public override Task<ImmutableCredentials> GetCredentialsAsync() => Task.FromResult(GetCredentials());

    public override Task Renew(CancellationToken cancellation)
    {
        lock (_gate) _last = null;
        return Task.CompletedTask;
    }

    private ImmutableCredentials Read() => new(
        references.AccessKey.Resolve(references.Variables),
        references.SecretKey.Resolve(references.Variables),
        references.SessionToken?.Resolve(references.Variables));

    private (DateTime, long)?[] Stamps() =>
        [references.AccessKey.Stamp(), references.SecretKey.Stamp(), references.SessionToken?.Stamp()];
}
