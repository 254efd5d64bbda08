using ArtifactStore.Gateway.Shared;
using ArtifactStore.Gateway.Shared.Http;
using ArtifactStore.Interfaces.Access;
using ArtifactStore.Interfaces.Errors;
using Microsoft.AspNetCore.Http;

namespace ArtifactStore.Gateway.Native;

public sealed class DeletePackage(RetentionService retention) : IOperation
{
    public static OperationDescription Description { get; } = new(
        "DELETE", "/packages/{id}", "delete_package", "Makes a package eligible for deletion now", StoreAction.Write, Words.Package)
    {
        Details = "Before its time, unless a hold keeps it. Nothing is deleted by this call, and an extension takes it back. Repeating it "
            + "answers the same.",
        Parameters = [Words.PackageIdParameter, RetentionWords.Reason],
        Answers = [new(202, "It is eligible", new OperationBody(Answer.Json, NativeJson.Default.RetentionBody))],
        Refusals =
        [
            ErrorCatalogue.PackageUnknown, ErrorCatalogue.Held, ErrorCatalogue.PackagePermanent, ErrorCatalogue.ReasonMissing,
            ErrorCatalogue.RequestMalformed,
        ],
    };

    public async Task<Error?> Handle(HttpContext http, Principal caller)
    {
        if (!Words.TryPackageId(http, out var id, out var error)) return error;
        var query = new QueryFields(http.Request.Query);
        var reason = query.Text("reason") ?? "";
        if (query.Fault() is { } fault) return fault;
        var eligible = await retention.RequestDeletion(caller, id, reason);
        return eligible.Succeeded
            ? await http.WriteJson(RetentionBody.Of(eligible.Value, []), NativeJson.Default.RetentionBody, StatusCodes.Status202Accepted)
            : eligible.Error;
    }
}
