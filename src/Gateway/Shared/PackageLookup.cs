using ArtifactStore.Interfaces.Errors;
using ArtifactStore.Interfaces.Ids;
using ArtifactStore.Interfaces.Packages;
using ArtifactStore.Interfaces.Views;

namespace ArtifactStore.Gateway.Shared;

internal static class PackageLookup
{
    public static async Task<Outcome<PackageView>> RequirePackage(
        this IViews views, TenantId tenant, PackageId id, CancellationToken cancellation) =>
        await views.Package(tenant, id, cancellation) is { } package ? package : ErrorCatalogue.PackageUnknown.With($"there is no package {id}");
}
