using ArtifactStore.Gateway.Shared.Collection;
using ArtifactStore.Gateway.Shared.Http;
using ArtifactStore.Interfaces.Access;
using ArtifactStore.Interfaces.Errors;
using Microsoft.AspNetCore.Http;

namespace ArtifactStore.Gateway.Native;

public sealed record CollectionBody(
    long Started, long Held, long Released, long Deleted, long FreedBytes, long Collected, long Failed, bool More)
{
    public static CollectionBody Of(CollectionReport report) => new(
        report.Started, report.Held, report.Released, report.Deleted, report.FreedBytes, report.Collected, report.Failed, report.More);
}

public sealed class CollectGarbage(Collector collector) : IOperation
{
    private const int DefaultSeconds = 30;
    private const int MaxSeconds = 600;

    public static OperationDescription Description { get; } = new(
        "POST", "/retention/collections", "collect_garbage", "Deletes what may be deleted and nothing keeps", StoreAction.Administer, Words.Store)
    {
        Details = "The store does so by itself too. A run ends when nothing is left to do, or after `seconds`: then `more` is true, and the "
            + "next one goes on where it stopped. `held` are packages that a hold keeps, `failed` locations whose backend did not "
            + "acknowledge the deletion: they stay condemned, and the next run tries again.",
        Parameters = [new("seconds", ParameterPlace.Query, $"How long this run may take, 1 to {MaxSeconds}; {DefaultSeconds} if absent", Type: "integer")],
        Answers = [new(200, "What was done", new OperationBody(Answer.Json, NativeJson.Default.CollectionBody))],
        Refusals = [ErrorCatalogue.DatabaseUnavailable, ErrorCatalogue.RequestMalformed],
    };

    public async Task<Error?> Handle(HttpContext http, Principal caller)
    {
        var query = new QueryFields(http.Request.Query);
        var seconds = query.Number("seconds", 1, MaxSeconds, DefaultSeconds);
        if (query.Fault() is { } fault) return fault;
        var report = await collector.Run(TimeSpan.FromSeconds(seconds), http.RequestAborted);
        return await http.WriteJson(CollectionBody.Of(report), NativeJson.Default.CollectionBody);
    }
}
