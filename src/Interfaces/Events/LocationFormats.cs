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
            .Text("reason", e.Reason),
        static map => new(
            map.Backend("backend_id"),
            map.Digest("blake3"),
            map.Generation("generation"),
            map.Text("physical_key"),
            map.Text("reason")));

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
