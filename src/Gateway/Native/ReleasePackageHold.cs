using ArtifactStore.Gateway.Shared;
using ArtifactStore.Gateway.Shared.Http;
using ArtifactStore.Interfaces.Access;
using ArtifactStore.Interfaces.Errors;
using Microsoft.AspNetCore.Http;

namespace ArtifactStore.Gateway.Native;

public sealed class ReleasePackageHold(RetentionService retention) : IOperation
{
    public static OperationDescription Description { get; } = new(
        "DELETE", "/packages/{id}/retention/holds/{hold_id}", "release_package_hold", "Releases a hold of a package",
        StoreAction.Write, Words.Package)
    {
        Parameters = [Words.PackageIdParameter, RetentionWords.HoldIdParameter, RetentionWords.Reason],
        Answers = [new(204, "It stands no more")],
        Refusals =
        [
            ErrorCatalogue.PackageUnknown, ErrorCatalogue.HoldUnknown, ErrorCatalogue.ReasonMissing, ErrorCatalogue.RequestMalformed,
        ],
    };

    public async Task<Error?> Handle(HttpContext http, Principal caller)
    {
        if (!Words.TryPackageId(http, out var id, out var error)) return error;
        if (!RetentionWords.TryHoldId(http, out var hold, out error)) return error;
        var query = new QueryFields(http.Request.Query);
        var reason = query.Text("reason") ?? "";
        if (query.Fault() is { } fault) return fault;
        if (await retention.Release(caller, id, hold, reason) is { } refusal) return refusal;
        http.Response.StatusCode = StatusCodes.Status204NoContent;
        return null;
    }
}
