using ArtifactStore.Gateway.Shared;
using ArtifactStore.Gateway.Shared.Http;
using ArtifactStore.Interfaces.Access;
using ArtifactStore.Interfaces.Errors;
using ArtifactStore.Interfaces.Views;
using Microsoft.AspNetCore.Http;

namespace ArtifactStore.Gateway.Native;

public sealed class ListPackageHolds(IViews views) : IOperation
{
    public static OperationDescription Description { get; } = new(
        "GET", "/packages/{id}/retention/holds", "list_package_holds", "Lists the holds that keep a package", StoreAction.Read, Words.Package)
    {
        Details = $"On whatever they are, oldest first, up to {PageRequest.MaxLimit}.",
        Parameters = [Words.PackageIdParameter],
        Answers = [new(200, "The holds", new OperationBody(Answer.Json, NativeJson.Default.HoldPage))],
        Refusals = [ErrorCatalogue.PackageUnknown],
    };

    public async Task<Error?> Handle(HttpContext http, Principal caller)
    {
        var package = await Words.FindPackage(http, caller, views);
        if (!package.Succeeded) return package.Error;
        var holds = await views.HoldsOn(package.Value, PageRequest.MaxLimit, http.RequestAborted);
        return await http.WriteJson(new HoldPage([.. holds.Select(HoldBody.Of)], null), NativeJson.Default.HoldPage);
    }
}
