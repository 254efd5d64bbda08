using System.Security.Cryptography;
using System.Text;
using ArtifactStore.Interfaces.Access;
using ArtifactStore.Interfaces.Errors;
using ArtifactStore.Interfaces.Ids;

namespace ArtifactStore.Gateway.Shared;

/// <summary>
/// One shared secret. Without a name, its holder appears in the log as <c>token-</c> and the start of the secret's SHA-256.
/// </summary>
public sealed record AccessToken(string? Name, string Secret)
{
    /// <summary>Not the secret: tokens end up in configuration dumps through ToString.</summary>
    public override string ToString() => $"token {Name}";
}

/// <summary>
/// Bearer tokens. Invariant: how long an answer takes says nothing about any token. Digests of equal length are compared, all of them, each
/// in constant time. No configured token means locked, not open.
/// </summary>
public sealed class TokenAuthorizer : IAuthorizer
{
    public const string AnonymousActor = "anonymous";
    private const string Scheme = "Bearer ";

    private static readonly Principal Anonymous = new(TenantId.Default, AnonymousActor, Anonymous: true);

    private readonly (byte[] SecretSha256, Principal Principal)[] _holders;
    private readonly bool _anonymousRead;

    public TokenAuthorizer(IEnumerable<AccessToken> tokens, bool anonymousRead)
    {
        _anonymousRead = anonymousRead;
        _holders = [.. tokens.Select(token =>
        {
            var digest = SHA256.HashData(Encoding.UTF8.GetBytes(token.Secret));
            var actor = token.Name ?? $"token-{Convert.ToHexStringLower(digest.AsSpan(0, 4))}";
            return (digest, new Principal(TenantId.Default, actor, Anonymous: false));
        })];
    }

    public Outcome<Principal> Authenticate(string? authorizationHeader)
    {
        if (authorizationHeader is null) return Anonymous;
        if (!authorizationHeader.StartsWith(Scheme, StringComparison.OrdinalIgnoreCase))
            return ErrorCatalogue.Unauthorized.With("the Authorization header is not of the Bearer scheme");

        Span<byte> presented = stackalloc byte[SHA256.HashSizeInBytes];
        SHA256.HashData(Encoding.UTF8.GetBytes(authorizationHeader[Scheme.Length..].Trim()), presented);
        Principal? found = null;
        foreach (var (secretSha256, principal) in _holders)
        {
            // No early exit: the position of a match would show in the time.
            if (CryptographicOperations.FixedTimeEquals(secretSha256, presented)) found ??= principal;
        }
        return found is null ? ErrorCatalogue.Unauthorized.With("the token is not one of those configured") : found;
    }

    public Outcome<Principal> Authorize(Principal principal, StoreAction action, Resource resource)
    {
        if (!principal.Anonymous) return principal;
        if (action == StoreAction.Read && _anonymousRead) return principal;
        return ErrorCatalogue.Unauthorized.With(_holders.Length == 0
            ? "the store is locked: no tokens are configured"
            : "this needs a bearer token");
    }
}
