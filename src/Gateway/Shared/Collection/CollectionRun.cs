namespace ArtifactStore.Gateway.Shared.Collection;

/// <summary>What one run has done so far; it stays when the run's time is over in the middle of a step.</summary>
internal sealed class CollectionRun
{
    public CollectionReport Report { get; set; } = CollectionReport.Nothing;

    /// <summary>True when the time was over first.</summary>
    public static async Task<bool> IsCutShort(
        TimeSpan? atMost, TimeProvider time, Func<CancellationToken, Task> work, CancellationToken cancellation)
    {
        using var limit = new CancellationTokenSource(atMost ?? Timeout.InfiniteTimeSpan, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, cancellation);
        try
        {
            await work(either.Token);
            return false;
        }
        catch (OperationCanceledException) when (limit.IsCancellationRequested && !cancellation.IsCancellationRequested)
        {
            return true;
        }
    }
}
