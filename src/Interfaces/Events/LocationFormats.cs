using ArtifactStore.Interfaces.Ids;

namespace ArtifactStore.Interfaces.Events;

/// <summary>What happens to the copies of a content, on the content's stream.</summary>
internal static class LocationFormats
{
    public static readonly EventFormat Settled = new EventFormat<LocationSettled>(
        "v1.storage.location_settled",
        static (map, e) => map
            .Text("backend_id", e.Backend.Value)
            .Content("content", e.Content)
            .Int64("generation", e.Generation)
            .Text("physical_key", e.PhysicalKey)
            .Text("encoding", e.Encoding),
        static map => new(
            map.Backend("backend_id"),
            map.Content("content"),
            map.Generation("generation"),
            map.Text("physical_key"),
            map.Text("encoding")));

    public static readonly EventFormat Condemned = new EventFormat<LocationCondemned>(
        "v1.storage.location_condemned",
        static (map, e) => map
            .Text("backend_id", e.Backend.Value)
            .Text("blake3", e.Content.ToHex())
            .Int64("generation", e.Generation)
            .Text("physical_key", e.PhysicalKey)
            .Text("reason", e.Reason)
            .Text("releases_package", e.Releases?.Package.ToString())
            .Text("releases_file", e.Releases?.File?.ToString())
            .Int64("releases_file_key", e.Releases?.FileKey),
        static map => new(
            map.Backend("backend_id"),
            map.Digest("blake3"),
            map.Generation("generation"),
            map.Text("physical_key"),
            map.Text("reason"))
        {
            Releases = map.OptionalText("releases_package") is { } package
                ? new(PackageId.Parse(package, null), map.OptionalFile("releases_file"), map.OptionalInt64("releases_file_key"))
                : null,
        });

    public static readonly EventFormat Deleted = new EventFormat<LocationDeleted>(
        "v1.storage.location_deleted",
        static (map, e) => map
            .Text("backend_id", e.Backend.Value)
            .Text("blake3", e.Content.ToHex())
            .Bool("bytes_deleted", e.BytesDeleted)
            .Int64("generation", e.Generation)
            .Text("file_id", e.File?.ToString())
            .Int64("file_key", e.FileKey),
        static map => new(
            map.Backend("backend_id"),
            map.Digest("blake3"),
            map.Bool("bytes_deleted"))
        {
            Generation = map.OptionalInt64("generation") is null ? null : map.Generation("generation"),
            File = map.OptionalFile("file_id"),
            FileKey = map.OptionalInt64("file_key"),
        });

    public static readonly EventFormat Moved = new EventFormat<ContentMoved>(
        "v1.storage.content_moved",
        static (map, e) => map
            .Text("blake3", e.Content.ToHex())
            .Text("from_backend", e.From.Value)
            .Text("to_backend", e.To.Value),
        static map => new(
            map.Digest("blake3"),
            map.Backend("from_backend"),
            map.Backend("to_backend")));

    public static readonly EventFormat Failed = new EventFormat<LocationFailed>(
        "v1.storage.location_failed",
        static (map, e) => map
            .Text("backend_id", e.Backend.Value)
            .Text("blake3", e.Content.ToHex())
            .Int64("generation", e.Generation)
            .Text("reason", e.Reason),
        static map => new(
            map.Backend("backend_id"),
            map.Digest("blake3"),
            map.Generation("generation"),
            map.Text("reason")));

    public static readonly EventFormat Verified = new EventFormat<LocationVerified>(
        "v1.storage.location_verified",
        static (map, e) => map
            .Text("backend_id", e.Backend.Value)
            .Text("blake3", e.Content.ToHex())
            .Int64("generation", e.Generation),
        static map => new(
            map.Backend("backend_id"),
            map.Digest("blake3"),
            map.Generation("generation")));

    public static readonly EventFormat Repaired = new EventFormat<LocationRepaired>(
        "v1.storage.location_repaired",
        static (map, e) => map
            .Text("backend_id", e.Backend.Value)
            .Text("blake3", e.Content.ToHex())
            .Int64("generation", e.Generation)
            .Int64("failed_generation", e.FailedGeneration),
        static map => new(
            map.Backend("backend_id"),
            map.Digest("blake3"),
            map.Generation("generation"),
            map.Generation("failed_generation")));
}
