using ArtifactStore.Gateway.Shared;
using ArtifactStore.Gateway.Shared.Http;
using ArtifactStore.Interfaces.Access;
using ArtifactStore.Interfaces.Errors;
using ArtifactStore.Interfaces.Views;
using Microsoft.AspNetCore.Http;

namespace ArtifactStore.Gateway.Native;

public sealed class GetPackage(IViews views) : IOperation
{
    public static OperationDescription Description { get; } = new(
        "GET", "/packages/{id}", "get_package", "Shows one package", StoreAction.Read, Words.Package)
    {
        Parameters = [Words.PackageIdParameter],
        Answers = [new(200, "The package", new OperationBody(Answer.Json, NativeJson.Default.PackageBody))],
        Refusals = [ErrorCatalogue.PackageUnknown],
    };

    public async Task<Error?> Handle(HttpContext http, Principal caller)
    {
        var package = await Words.FindPackage(http, caller, views);
        return package.Succeeded
            ? await http.WriteJson(PackageBody.Of(package.Value), NativeJson.Default.PackageBody)
            : package.Error;
    }
}
