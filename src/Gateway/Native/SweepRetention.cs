using ArtifactStore.Gateway.Shared;
using ArtifactStore.Gateway.Shared.Http;
using ArtifactStore.Interfaces.Access;
using ArtifactStore.Interfaces.Errors;
using Microsoft.AspNetCore.Http;

namespace ArtifactStore.Gateway.Native;

public sealed record SweepBody(long Eligible, long Held, long HoldsReleased);

public sealed class SweepRetention(RetentionSweep sweep) : IOperation
{
    public static OperationDescription Description { get; } = new(
        "POST", "/retention/sweeps", "sweep_retention", "Marks the packages that have expired and that nothing keeps",
        StoreAction.Administer, Words.Store)
    {
        Details = "The store does so by itself too. Nothing is deleted. `eligible` are those that this sweep marked, `held` expired ones "
            + "that a hold keeps.",
        Answers = [new(200, "What was found", new OperationBody(Answer.Json, NativeJson.Default.SweepBody))],
        Refusals = [ErrorCatalogue.DatabaseUnavailable],
    };

    public async Task<Error?> Handle(HttpContext http, Principal caller)
    {
        var report = await sweep.Run(http.RequestAborted);
        return await http.WriteJson(new SweepBody(report.Eligible, report.Held, report.HoldsReleased), NativeJson.Default.SweepBody);
    }
}
