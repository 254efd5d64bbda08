namespace ArtifactStore.Silo.Background;

/// <summary>
/// When a pass over the whole store is due. Nothing waits for one, so a node that has just started does other things first.
/// </summary>
internal sealed class DueTime(TimeSpan interval, TimeProvider time)
{
    private static readonly TimeSpan LongestWait = TimeSpan.FromMinutes(10);
    private static readonly TimeSpan LongestLook = TimeSpan.FromMinutes(1);

    private DateTimeOffset _next = time.GetUtcNow() + Shorter(interval, LongestWait);

    /// <summary>How often to ask.</summary>
    public TimeSpan Look => Shorter(interval, LongestLook);

    /// <summary>True once for every interval.</summary>
    public bool Passed()
    {
        if (time.GetUtcNow() < _next) return false;
        _next = time.GetUtcNow() + interval;
        return true;
    }

    private static TimeSpan Shorter(TimeSpan one, TimeSpan other) => one < other ? one : other;
}
