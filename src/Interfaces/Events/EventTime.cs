namespace ArtifactStore.Interfaces.Events;

/// <summary>
/// Times of the log are whole microseconds since 1970-01-01T00:00:00Z, on every database. Finer is cut before anything is decided or
/// hashed, so that a time read back is the time that was written.
/// </summary>
public static class EventTime
{
    public static long ToMicroseconds(DateTimeOffset time)
    {
        var ticks = time.UtcTicks - DateTimeOffset.UnixEpoch.Ticks;
        // Division rounds towards zero; a time before 1970 must be cut downwards like every other.
        return (ticks >= 0 ? ticks : ticks - TimeSpan.TicksPerMicrosecond + 1) / TimeSpan.TicksPerMicrosecond;
    }

    public static DateTimeOffset FromMicroseconds(long microseconds) =>
        DateTimeOffset.UnixEpoch.AddTicks(checked(microseconds * TimeSpan.TicksPerMicrosecond));

    public static DateTimeOffset Cut(DateTimeOffset time) => FromMicroseconds(ToMicroseconds(time));
}
