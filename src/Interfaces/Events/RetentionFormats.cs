using ArtifactStore.Interfaces.Canonical;
using ArtifactStore.Interfaces.Ids;
using ArtifactStore.Interfaces.Retention;

namespace ArtifactStore.Interfaces.Events;

/// <summary>How long things are kept, and why they are kept longer.</summary>
internal static class RetentionFormats
{
    public static readonly EventFormat Extended = new EventFormat<RetentionExtended>(
        "v1.retention.extended",
        static (map, e) => map
            .Time("expires_at", e.ExpiresAt)
            .Text("reason", e.Reason),
        static map => new(
            map.OptionalTime("expires_at") ?? throw new FormatException("Field \"expires_at\" is missing."),
            map.Text("reason")));

    public static readonly EventFormat HoldApplied = new EventFormat<HoldApplied>(
        "v1.retention.hold_applied",
        static (map, e) => map
            .Text("hold_id", e.Hold.ToString())
            .Text("kind", RetentionNames.Of(e.Kind))
            .Text("covers", e.Covers)
            .Text("reason", e.Reason)
            .Text("owner", e.Owner)
            .Time("until", e.Until),
        static map => new(
            Hold(map),
            RetentionNames.TryHoldKind(map.Text("kind")) ?? throw new FormatException("Field \"kind\" is not a kind of hold."),
            map.Text("covers"),
            map.Text("reason"),
            map.Text("owner"),
            map.OptionalTime("until")));

    public static readonly EventFormat HoldReleased = new EventFormat<HoldReleased>(
        "v1.retention.hold_released",
        static (map, e) => map
            .Text("hold_id", e.Hold.ToString())
            .Text("reason", e.Reason),
        static map => new(Hold(map), map.Text("reason")));

    public static readonly EventFormat Eligible = new EventFormat<DeletionEligible>(
        "v1.retention.deletion_eligible",
        static (map, e) => map
            .Text("cause", RetentionNames.Of(e.Cause))
            .Text("reason", e.Reason),
        static map => new(
            RetentionNames.TryCause(map.Text("cause")) ?? throw new FormatException("Field \"cause\" is not a cause of eligibility."),
            map.OptionalText("reason")));

    private static HoldId Hold(CborMapReader map) =>
        HoldId.TryParse(map.Text("hold_id"), null, out var id) ? id : throw new FormatException("Field \"hold_id\" is not a UUID.");
}
