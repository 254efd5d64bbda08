using ArtifactStore.Interfaces.Errors;
using ArtifactStore.Interfaces.Ids;
using ArtifactStore.Interfaces.Views;

namespace ArtifactStore.Interfaces.Access;

/// <summary>Who is asking. Anonymous has no name in the log.</summary>
public sealed partial record Principal(TenantId Tenant, string Actor, bool Anonymous)
{
    public ReadScope Scope => new(Tenant);
}

public enum StoreAction
{
    Read = 1,
    Write = 2,
    Administer = 3,
}

/// <summary>What is asked for: a kind and an id, or the whole kind.</summary>
public readonly record struct Resource(string Kind, string? Id = null);

/// <summary>The one place that says yes or no, for every door.</summary>
public interface IAuthorizer
{
    /// <summary>The caller behind an Authorization header (null when there was none).</summary>
    Outcome<Principal> Authenticate(string? authorizationHeader);

    Outcome<Principal> Authorize(Principal principal, StoreAction action, Resource resource);
}
