using ArtifactStore.Gateway.Shared;
using ArtifactStore.Gateway.Shared.Http;
using ArtifactStore.Interfaces.Access;
using ArtifactStore.Interfaces.Errors;
using Microsoft.AspNetCore.Http;

namespace ArtifactStore.Gateway.Native;

/// <summary>
/// Always 200: the process answers. A degraded store still serves what it can, and a load balancer must not take it away for that.
/// </summary>
public sealed class GetHealth(StoreHealth health) : IOperation
{
    public static OperationDescription Description { get; } = new(
        "GET", "/health", "get_health", "Says whether the database and the backends work", Needs: null, Words.Store)
    {
        Details = "The answer is 200 whenever the process answers; `status` is `ok` or `degraded`. Reasons in full and the names of the nodes "
            + "are for holders of a token.",
        Answers = [new(200, "ok or degraded, and why", new OperationBody(Answer.Json, NativeJson.Default.HealthReport))],
    };

    public async Task<Error?> Handle(HttpContext http, Principal caller)
    {
        http.Response.Headers.CacheControl = "no-store";
        var report = await health.Report(http.RequestAborted);
        return await http.WriteJson(caller.Anonymous ? report.ForAnybody() : report, NativeJson.Default.HealthReport);
    }
}
