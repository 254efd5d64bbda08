using ArtifactStore.Gateway.Shared;
using ArtifactStore.Gateway.Shared.Http;
using ArtifactStore.Interfaces.Access;
using ArtifactStore.Interfaces.Errors;
using Microsoft.AspNetCore.Http;

namespace ArtifactStore.Gateway.Native;

public sealed class ReleaseHold(RetentionService retention) : IOperation
{
    public static OperationDescription Description { get; } = new(
        "DELETE", "/holds/{hold_id}", "release_hold", "Releases a hold, whatever it covers", StoreAction.Administer, RetentionWords.Hold)
    {
        Parameters = [RetentionWords.HoldIdParameter, RetentionWords.Reason],
        Answers = [new(204, "It stands no more")],
        Refusals = [ErrorCatalogue.HoldUnknown, ErrorCatalogue.ReasonMissing, ErrorCatalogue.RequestMalformed],
    };

    public async Task<Error?> Handle(HttpContext http, Principal caller)
    {
        if (!RetentionWords.TryHoldId(http, out var hold, out var error)) return error;
        var query = new QueryFields(http.Request.Query);
        var reason = query.Text("reason") ?? "";
        if (query.Fault() is { } fault) return fault;
        if (await retention.Release(caller, hold, reason, http.RequestAborted) is { } refusal) return refusal;
        http.Response.StatusCode = StatusCodes.Status204NoContent;
        return null;
    }
}
