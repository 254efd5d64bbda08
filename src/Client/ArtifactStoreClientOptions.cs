namespace ArtifactStore.Client;

/// <summary>How to reach a store. Time and randomness are injected, so that a test of the back-off takes no time.</summary>
public sealed record ArtifactStoreClientOptions(Uri BaseAddress, TimeProvider Clock, Random Random)
{
    public static readonly Uri DefaultBaseAddress = new("http://127.0.0.1:8000");

    /// <summary>Bearer token; null asks as nobody.</summary>
    public string? Token { get; init; }

    public TimeSpan ConnectTimeout { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>
    /// How long nothing may move: no byte of a body either way, no head of an answer. There is no limit on a whole transfer, because its
    /// size has none.
    /// </summary>
    public TimeSpan StallTimeout { get; init; } = TimeSpan.FromSeconds(100);

    public RetryLimits Retries { get; init; } = new();

    public int MaxConnections { get; init; } = 64;
}

/// <summary>Bounds of the back-off: waits double from the first to the longest, and each is drawn between half and all of itself.</summary>
public sealed record RetryLimits
{
    public int MaxAttempts { get; init; } = 6;

    public TimeSpan FirstWait { get; init; } = TimeSpan.FromMilliseconds(200);

    public TimeSpan LongestWait { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>A Retry-After beyond this is cut to it.</summary>
    public TimeSpan LongestRetryAfter { get; init; } = TimeSpan.FromSeconds(60);
}
