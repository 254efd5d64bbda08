namespace ArtifactStore.Client.Transport;

/// <summary>How long to wait before another attempt. Jitter keeps a crowd that was refused together from coming back together.</summary>
internal sealed class Backoff(RetryLimits limits, Random random)
{
    public TimeSpan After(int failedAttempts, TimeSpan? retryAfter)
    {
        if (retryAfter is { } asked && asked > TimeSpan.Zero)
            return (asked < limits.LongestRetryAfter ? asked : limits.LongestRetryAfter) + Jitter(limits.FirstWait);
        // The exponent is bounded, so that the product cannot overflow however many attempts are allowed.
        var doubled = limits.FirstWait * Math.Pow(2, Math.Min(failedAttempts - 1, 20));
        var longest = doubled < limits.LongestWait ? doubled : limits.LongestWait;
        return longest / 2 + Jitter(longest / 2);
    }

    private TimeSpan Jitter(TimeSpan most)
    {
        lock (random)
            return most * random.NextDouble();
    }
}
