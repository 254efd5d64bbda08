using System.Diagnostics.Metrics;

namespace ArtifactStore.Silo.Background;

internal static class BackgroundMetrics
{
    private static readonly Meter Meter = new("ArtifactStore.Silo");

    private static readonly Counter<long> Steps = Meter.CreateCounter<long>(
        "artifactstore.background.steps", description: "Steps of background work on this node, by job and outcome");

    private static readonly Gauge<int> Living = Meter.CreateGauge<int>(
        "artifactstore.nodes.living", description: "Nodes that work on this store, as this node last heard");

    public static void Succeeded(string job) => Steps.Add(1, new("job", job), new("outcome", "ok"));

    public static void Failed(string job) => Steps.Add(1, new("job", job), new("outcome", "failed"));

    public static void Nodes(int living) => Living.Record(living);
}
