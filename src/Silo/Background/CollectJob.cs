using ArtifactStore.Gateway.Shared.Collection;

namespace ArtifactStore.Silo.Background;

/// <summary>What may be deleted and nothing keeps is deleted.</summary>
public sealed class CollectJob(Collector collector, TimeSpan every) : IBackgroundJob
{
    private static readonly TimeSpan StepTime = TimeSpan.FromSeconds(20);

    public string Name => "collect";

    public TimeSpan Every => every;

    public bool OnEveryNode => false;

    public async Task<bool> Step(CancellationToken cancellation) => (await collector.Run(StepTime, cancellation)).More;
}
