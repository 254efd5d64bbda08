using ArtifactStore.Gateway.Shared;
using ArtifactStore.Gateway.Shared.Http;
using ArtifactStore.Interfaces.Access;
using ArtifactStore.Interfaces.Errors;
using Microsoft.AspNetCore.Http;

namespace ArtifactStore.Gateway.Native;

public sealed class FinalizePackage(PackageFinalizer packages) : IOperation
{
    public static OperationDescription Description { get; } = new(
        "POST", "/packages/{id}/finalize", "finalize_package", "Closes a package and makes its manifest", StoreAction.Write, Words.Package)
    {
        Details = "`manifest_digest` of the answer is the package's digest. Repeating it answers the same.",
        Parameters = [Words.PackageIdParameter],
        Answers = [new(200, "The finalized package", new OperationBody(Answer.Json, NativeJson.Default.PackageBody))],
        Refusals = [ErrorCatalogue.PackageUnknown, ErrorCatalogue.PackageBusy],
    };

    public async Task<Error?> Handle(HttpContext http, Principal caller)
    {
        if (!Words.TryPackageId(http, out var id, out var error)) return error;
        var finalized = await packages.Finalize(caller, id, http.RequestAborted);
        return finalized.Succeeded
            ? await http.WriteJson(PackageBody.Of(finalized.Value), NativeJson.Default.PackageBody)
            : finalized.Error;
    }
}
