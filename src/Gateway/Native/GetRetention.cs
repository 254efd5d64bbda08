using ArtifactStore.Gateway.Shared;
using ArtifactStore.Gateway.Shared.Http;
using ArtifactStore.Interfaces.Access;
using ArtifactStore.Interfaces.Errors;
using ArtifactStore.Interfaces.Views;
using Microsoft.AspNetCore.Http;

namespace ArtifactStore.Gateway.Native;

public sealed class GetRetention(IViews views) : IOperation
{
    public static OperationDescription Description { get; } = new(
        "GET", "/packages/{id}/retention", "get_retention", "Shows how long a package is kept, and by what", StoreAction.Read, Words.Package)
    {
        Details = "`holds` are all that keep it, on whatever they are: the package, its producer or subject, everything; the first "
            + "hundred of them.",
        Parameters = [Words.PackageIdParameter],
        Answers = [new(200, "Its retention", new OperationBody(Answer.Json, NativeJson.Default.RetentionBody))],
        Refusals = [ErrorCatalogue.PackageUnknown],
    };

    public async Task<Error?> Handle(HttpContext http, Principal caller)
    {
        var package = await Words.FindPackage(http, caller, views);
        if (!package.Succeeded) return package.Error;
        var holds = await views.HoldsOn(package.Value, RetentionBody.MaxHolds, http.RequestAborted);
        return await http.WriteJson(RetentionBody.Of(package.Value, holds), NativeJson.Default.RetentionBody);
    }
}
