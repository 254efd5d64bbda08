using ArtifactStore.Interfaces.Journal;

namespace ArtifactStore.Silo.Background;

/// <summary>Says that this node lives, several times within its lifetime, and counts those that do.</summary>
public sealed class BeatJob(INodes nodes, string nodeName) : IBackgroundJob
{
    public string Name => "beat";

    public TimeSpan Every => TimeSpan.FromSeconds(5);

    public bool OnEveryNode => true;

    public async Task<bool> Step(CancellationToken cancellation)
    {
        await nodes.Beat(nodeName, cancellation);
        BackgroundMetrics.Nodes((await nodes.Living(cancellation)).Count);
        return false;
    }
}
