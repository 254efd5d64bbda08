namespace ArtifactStore.Grains.Retention;

/// <summary>When something is no longer kept by its class alone.</summary>
public static class Expiry
{
    /// <summary>Null never expires; nor does what would expire beyond the end of the calendar.</summary>
    public static DateTimeOffset? Of(DateTimeOffset from, long? durationSeconds)
    {
        if (durationSeconds is not { } seconds) return null;
        var leftSeconds = (DateTimeOffset.MaxValue - from).Ticks / TimeSpan.TicksPerSecond;
        return seconds > leftSeconds ? null : from.AddTicks(seconds * TimeSpan.TicksPerSecond);
    }
}
