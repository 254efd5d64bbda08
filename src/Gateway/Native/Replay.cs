using ArtifactStore.Gateway.Shared.Http;
using ArtifactStore.Interfaces.Access;
using ArtifactStore.Interfaces.Errors;
using ArtifactStore.Interfaces.Journal;
using Microsoft.AspNetCore.Http;

namespace ArtifactStore.Gateway.Native;

/// <summary>The one process that owns the database does what <c>artifactstore replay</c> does when none runs.</summary>
public sealed class Replay(IMaintenance maintenance) : IOperation
{
    public static OperationDescription Description { get; } = new(
        "POST", "/maintenance/replay", "replay", "Checks the log and builds every view anew from it", StoreAction.Administer, Words.Store)
    {
        Details = "Writes wait meanwhile. `identical` says whether the views were, byte for byte, what the log says.",
        Answers = [new(200, "What was found", new OperationBody(Answer.Json, NativeJson.Default.ReplayBody))],
    };

    public async Task<Error?> Handle(HttpContext http, Principal caller)
    {
        var report = await maintenance.Replay(progress: null, http.RequestAborted);
        return await http.WriteJson(
            new ReplayBody(report.HighestSequence, report.Identical, report.Elapsed.TotalSeconds), NativeJson.Default.ReplayBody);
    }
}

public sealed record ReplayBody(long HighestSequence, bool Identical, double ElapsedSeconds);
