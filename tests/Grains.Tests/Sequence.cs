using ArtifactStore.Interfaces.Ids;

namespace ArtifactStore.Grains.Tests;

/// <summary>Ids that are the same in every run.</summary>
internal sealed class Sequence : IIds
{
    private long _last;

    public Guid Next()
    {
        var bytes = new byte[16];
        BitConverter.TryWriteBytes(bytes, Interlocked.Increment(ref _last));
        return new(bytes);
    }
}
