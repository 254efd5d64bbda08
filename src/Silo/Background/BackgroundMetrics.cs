using System.Diagnostics.Metrics;
using ArtifactStore.Gateway.Shared;

namespace ArtifactStore.Silo.Background;

internal static class BackgroundMetrics
{
    private static readonly Meter Meter = new("ArtifactStore.Silo");

    private static readonly Counter<long> Steps = Meter.CreateCounter<long>(
        "artifactstore.background.steps", description: "Steps of background work on this node, by job and outcome");

    private static readonly Gauge<int> Living = Meter.CreateGauge<int>(
        "artifactstore.nodes.living", description: "Nodes that work on this store, as this node last heard");

    private static readonly Gauge<long> ScrubObjects = Meter.CreateGauge<long>(
        "artifactstore.scrub.objects_left", description: "Objects that this pass of the scrub has still to read");

    private static readonly Gauge<long> ScrubBytes = Meter.CreateGauge<long>(
        "artifactstore.scrub.bytes_left", description: "Bytes that this pass of the scrub has still to read");

    private static readonly Gauge<long> ScrubOverdue = Meter.CreateGauge<long>(
        "artifactstore.scrub.objects_overdue", description: "Objects that the pass before should have read");

    private static readonly Gauge<long> ScrubDeadline = Meter.CreateGauge<long>(
        "artifactstore.scrub.deadline_seconds", description: "When this pass of the scrub is to be over, in seconds since 1970");

    private static readonly Gauge<long> Drifts = Meter.CreateGauge<long>(
        "artifactstore.recount.drifts", description: "Numbers that the last recount found to be others than their rows say");

    public static void Recounted(long drifts) => Drifts.Record(drifts);

    public static void Scrub(ScrubReport report)
    {
        ScrubObjects.Record(report.ObjectsLeft);
        ScrubBytes.Record(report.BytesLeft);
        ScrubOverdue.Record(report.ObjectsOverdue);
        ScrubDeadline.Record(report.Deadline.ToUnixTimeSeconds());
    }

    public static void Succeeded(string job) => Steps.Add(1, new("job", job), new("outcome", "ok"));

    public static void Failed(string job) => Steps.Add(1, new("job", job), new("outcome", "failed"));

    public static void Nodes(int living) => Living.Record(living);
}
