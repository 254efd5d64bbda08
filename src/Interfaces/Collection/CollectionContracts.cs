using ArtifactStore.Interfaces.Contents;
using ArtifactStore.Interfaces.Events;
using ArtifactStore.Interfaces.Ids;

namespace ArtifactStore.Interfaces.Collection;

/// <summary>The point of no return of one package (ADR 9, step 1).</summary>
/// <param name="Plan">The plan that is being run, if one is.</param>
/// <param name="Version">What the plan saw; null: whatever it is now.</param>
public sealed partial record StartCollection(
    AppendId AppendId, TenantId Tenant, PackageId Package, string Actor, DateTimeOffset Time, string? Plan = null, long? Version = null);

public enum StartAnswer
{
    /// <summary>By this command or by an earlier one: what follows may be done.</summary>
    Started = 1,

    /// <summary>A hold keeps it.</summary>
    Held = 2,

    /// <summary>It is no longer eligible.</summary>
    NotDue = 3,

    /// <summary>It has changed since the plan.</summary>
    Changed = 4,

    /// <summary>It is gone, or another run has started it since the plan.</summary>
    Gone = 5,
}

/// <summary>One reference of a package whose collection has begun (step 2).</summary>
/// <param name="Location">Where the bytes were seen; live or failed.</param>
public sealed partial record ReleaseReference(
    AppendId AppendId, TenantId Tenant, PackageId Package, string Actor, DateTimeOffset Time, Keeper Keeper, LocationView Location);

public enum ReleaseAnswer
{
    /// <summary>Something else keeps the bytes: this reference is released for good.</summary>
    BytesStay = 1,

    /// <summary>It was the last: the bytes are condemned with it.</summary>
    Condemned = 2,

    /// <summary>Somebody else released it, or moved the bytes: look again.</summary>
    Changed = 3,

    /// <summary>A hold is on everything.</summary>
    Held = 4,
}

/// <summary>The backend has acknowledged that the bytes of a condemned location are gone (step 3).</summary>
/// <param name="Location">Condemned.</param>
/// <param name="Keeper">Whose release condemned it.</param>
public sealed partial record ReportDeleted(
    AppendId AppendId, TenantId Tenant, PackageId Package, string Actor, DateTimeOffset Time, Keeper Keeper, LocationView Location);

/// <summary>Nothing of the package may be left (step 4).</summary>
public sealed partial record EndCollection(AppendId AppendId, TenantId Tenant, PackageId Package, string Actor, DateTimeOffset Time);
