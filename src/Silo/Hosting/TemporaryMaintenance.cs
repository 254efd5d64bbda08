using ArtifactStore.Interfaces.Journal;

namespace ArtifactStore.Silo.Hosting;

internal sealed class TemporaryMaintenance : IMaintenance
{
    public Task<ReplayReport> Replay(IProgress<long>? progress, CancellationToken cancellation = default) => throw new NotSupportedException("soon");
}
