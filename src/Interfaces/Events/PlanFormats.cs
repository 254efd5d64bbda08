using System.Collections.Immutable;
using ArtifactStore.Interfaces.Canonical;
using ArtifactStore.Interfaces.Ids;
using ArtifactStore.Interfaces.Retention;

namespace ArtifactStore.Interfaces.Events;

/// <summary>Plans of what may be deleted. The plan's id is that of its stream.</summary>
internal static class PlanFormats
{
    public static readonly EventFormat Listed = new EventFormat<PlanListed>(
        "v1.retention.plan_listed",
        static (map, e) => map.Maps("packages", e.Packages, static (fields, item) => fields
            .Text("package_id", item.Package.ToString())
            .Int64("version", item.Version)
            .Text("cause", RetentionNames.Of(item.Cause))
            .Text("reason", item.Reason)
            .Time("since", item.Since)
            .Int64("files", item.Files)
            .Int64("bytes", item.Bytes)),
        static map => new(map.Maps("packages").Select(Package).ToImmutableArray()));

    public static readonly EventFormat Made = new EventFormat<PlanMade>(
        "v1.retention.plan_made",
        static (map, e) => map
            .Int64("position", e.Position)
            .Time("valid_until", e.ValidUntil)
            .Int64("packages", e.Packages)
            .Int64("files", e.Files)
            .Int64("bytes", e.Bytes)
            .Int64("freed_bytes", e.FreedBytes),
        static map => new(
            map.Int64("position"), Time(map, "valid_until"), map.Int64("packages"), map.Int64("files"), map.Int64("bytes"), map.Int64("freed_bytes")));

    public static readonly EventFormat Started = new EventFormat<PlanStarted>(
        "v1.retention.plan_started", static (_, _) => { }, static _ => new());

    public static readonly EventFormat Ended = new EventFormat<PlanEnded>(
        "v1.retention.plan_ended",
        static (map, e) => map
            .Int64("started", e.Started)
            .Int64("skipped", e.Skipped),
        static map => new(map.Int64("started"), map.Int64("skipped")));

    private static PlannedPackage Package(CborMapReader map) => new(
        PackageId.TryParse(map.Text("package_id"), null, out var id) ? id : throw new FormatException("Field \"package_id\" is not a UUID."),
        map.Int64("version"),
        RetentionNames.TryCause(map.Text("cause")) ?? throw new FormatException("Field \"cause\" is not a cause of eligibility."),
        map.OptionalText("reason"),
        Time(map, "since"),
        map.Int64("files"),
        map.Int64("bytes"));

    private static DateTimeOffset Time(CborMapReader map, string name) =>
        map.OptionalTime(name) ?? throw new FormatException($"Field \"{name}\" is missing.");
}
