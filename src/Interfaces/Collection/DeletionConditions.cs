using ArtifactStore.Interfaces.Contents;
using ArtifactStore.Interfaces.Events;
using ArtifactStore.Interfaces.Ids;
using ArtifactStore.Interfaces.Journal;
using ArtifactStore.Interfaces.Packages;

namespace ArtifactStore.Interfaces.Collection;

/// <summary>
/// What must be so for something to go: the one gate (design §6, rules 8 and 10). The collector appends under these conditions, and an
/// explanation asks the journal about the same ones, so that the two cannot disagree.
/// </summary>
public static class DeletionConditions
{
    /// <summary>Of every step towards the end of a package: no hold covers it.</summary>
    public static Condition.PackageNotHeld Gate(PackageView package) => new(package.Tenant, package.Id, package.Producer, package.Subject);

    /// <summary>A package passes the point of no return.</summary>
    public static IReadOnlyList<Condition> Start(PackageView package) => Start(package.Tenant, package.Id, package.Producer, package.Subject);

    public static IReadOnlyList<Condition> Start(TenantId tenant, PackageId package, string producer, string subject) =>
        [new Condition.PackageNotHeld(tenant, package, producer, subject), new Condition.EligibilityIs(tenant, package, true)];

    /// <summary>The last reference goes, and the location with it.</summary>
    public static IReadOnlyList<Condition> ReleaseLast(TenantId tenant, Keeper keeper, LocationView location) =>
    [
        new Condition.PackageCollecting(tenant, keeper.Package), new Condition.NotAllHeld(tenant),
        new Condition.KeptOnlyBy(tenant, location.Backend, location.Content, keeper), Is(tenant, location),
    ];

    /// <summary>A location that nothing keeps is condemned.</summary>
    public static IReadOnlyList<Condition> Condemn(TenantId tenant, LocationView location) =>
        [new Condition.NotKept(tenant, location.Backend, location.Content), new Condition.NotAllHeld(tenant), Is(tenant, location)];

    private static Condition.LocationIs Is(TenantId tenant, LocationView location) =>
        new(tenant, location.Backend, location.Content, location.Generation, location.State);
}
