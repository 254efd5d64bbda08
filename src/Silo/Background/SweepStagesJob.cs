using ArtifactStore.Interfaces.Blobs;
using ArtifactStore.Interfaces.Ids;
using ArtifactStore.Interfaces.Journal;

namespace ArtifactStore.Silo.Background;

/// <summary>What nodes left staged that live no more: nobody will ever finish those uploads.</summary>
public sealed class SweepStagesJob(INodes nodes, IBlobStores blobs) : IBackgroundJob
{
    public string Name => "sweep-stages";

    public TimeSpan Every => TimeSpan.FromHours(1);

    public bool OnEveryNode => false;

    public async Task<bool> Step(CancellationToken cancellation)
    {
        foreach (var backend in blobs.All) await backend.SweepStages(Living, cancellation);
        return false;
    }

    private async Task<IReadOnlySet<NodeId>> Living(CancellationToken cancellation) =>
        (await nodes.Living(cancellation)).Select(node => node.Id).ToHashSet();
}
