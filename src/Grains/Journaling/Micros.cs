namespace ArtifactStore.Grains.Journaling;

internal static class Micros
{
    /// <summary>Cut to what the log keeps, so that a state folded here equals the one that is loaded.</summary>
    public static DateTimeOffset CutToMicroseconds(this DateTimeOffset time) =>
        new(time.UtcTicks / TimeSpan.TicksPerMicrosecond * TimeSpan.TicksPerMicrosecond, TimeSpan.Zero);
}
