using ArtifactStore.Gateway.Shared;

namespace ArtifactStore.Silo.Background;

/// <summary>Packages whose time is over become eligible for deletion, and holds whose end has come are released.</summary>
public sealed class SweepRetentionJob(RetentionSweep sweep, TimeSpan every) : IBackgroundJob
{
    public string Name => "sweep-retention";

    public TimeSpan Every => every;

    public bool OnEveryNode => false;

    public async Task<bool> Step(CancellationToken cancellation)
    {
        await sweep.Run(cancellation);
        return false;
    }
}
