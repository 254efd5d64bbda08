using ArtifactStore.Gateway.Shared;

namespace ArtifactStore.Gateway;

/// <summary>What the doors are told from outside.</summary>
public sealed record GatewayOptions
{
    /// <summary>None: the store is locked.</summary>
    public IReadOnlyList<AccessToken> Tokens { get; init; } = [];

    /// <summary>Opens the routes that only read to callers without a token.</summary>
    public bool AnonymousRead { get; init; }
}
