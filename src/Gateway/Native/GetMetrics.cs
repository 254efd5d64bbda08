using ArtifactStore.Gateway.Shared.Http;
using ArtifactStore.Gateway.Shared.Metrics;
using ArtifactStore.Interfaces.Access;
using ArtifactStore.Interfaces.Errors;
using Microsoft.AspNetCore.Http;

namespace ArtifactStore.Gateway.Native;

public sealed class GetMetrics(MetricsCollector metrics) : IOperation
{
    private const string PrometheusText = "text/plain; version=0.0.4; charset=utf-8";

    public static OperationDescription Description { get; } = new(
        "GET", "/metrics", "get_metrics", "Counts and durations, as Prometheus reads them", StoreAction.Read, Words.Store)
    {
        Answers = [new(200, "Prometheus text format 0.0.4", new OperationBody("text/plain"))],
    };

    public async Task<Error?> Handle(HttpContext http, Principal caller)
    {
        await http.WriteBytes(metrics.ToPrometheusText(), PrometheusText);
        return null;
    }
}
