using ArtifactStore.Interfaces.Contents;
using ArtifactStore.Interfaces.Packages;
using ArtifactStore.Interfaces.Retention;

namespace ArtifactStore.Storage.Journal.Projections;

/// <summary>How states are spelled in the tables.</summary>
internal static class StatusNames
{
    public static string Of(PackageStatus status) => status switch
    {
        PackageStatus.Created => "created",
        PackageStatus.Finalized => "finalized",
        PackageStatus.Collecting => "collecting",
        PackageStatus.GarbageCollected => "garbage_collected",
        _ => throw new ArgumentOutOfRangeException(nameof(status)),
    };

    public static PackageStatus Package(string text) => text switch
    {
        "created" => PackageStatus.Created,
        "finalized" => PackageStatus.Finalized,
        "collecting" => PackageStatus.Collecting,
        "garbage_collected" => PackageStatus.GarbageCollected,
        _ => throw new InvalidDataException($"stored package status '{text}' is unknown"),
    };

    public static HoldKind Hold(string text) =>
        RetentionNames.TryHoldKind(text) ?? throw new InvalidDataException($"stored kind of hold '{text}' is unknown");

    public static string Of(LocationState state) => state switch
    {
        LocationState.Live => "live",
        LocationState.Failed => "failed",
        LocationState.Condemned => "condemned",
        LocationState.Gone => "gone",
        _ => throw new ArgumentOutOfRangeException(nameof(state)),
    };

    public static LocationState Location(string text) => text switch
    {
        "live" => LocationState.Live,
        "failed" => LocationState.Failed,
        "condemned" => LocationState.Condemned,
        "gone" => LocationState.Gone,
        _ => throw new InvalidDataException($"stored location status '{text}' is unknown"),
    };
}
