using ArtifactStore.Interfaces.Ids;

namespace ArtifactStore.Interfaces.Events;

/// <summary>What happens on the stream of a package.</summary>
internal static class PackageFormats
{
    public static readonly EventFormat Created = new EventFormat<PackageCreated>(
        "v1.package.created",
        static (map, e) => map
            .Text("name", e.Name)
            .Text("producer", e.Producer)
            .Text("subject", e.Subject)
            .Text("retention_class", e.RetentionClass)
            .Text("backend_id", e.Backend.Value)
            .Document("metadata", e.Metadata)
            .Text("metadata_schema", e.MetadataSchema),
        static map => new(
            map.Text("name"),
            map.Text("producer"),
            map.Text("subject"),
            map.Text("retention_class"),
            map.Backend("backend_id"),
            map.Document("metadata"),
            map.OptionalText("metadata_schema")));

    public static readonly EventFormat DefaultApplied = new EventFormat<RetentionDefaultApplied>(
        "v1.retention.default_applied",
        static (map, e) => map
            .Text("retention_class", e.RetentionClass)
            .Time("expires_at", e.ExpiresAt),
        static map => new(
            map.Text("retention_class"),
            map.OptionalTime("expires_at")));

    public static readonly EventFormat FileIngested = new EventFormat<FileIngested>(
        "v1.file.ingested",
        static (map, e) => map
            .Text("file_id", e.FileId.ToString())
            .Text("relative_path", e.Path.Value)
            .Text("media_type", e.MediaType.Value)
            .Text("backend_id", e.Backend.Value)
            .Content("content", e.Content),
        static map => new(
            FileId.Parse(map.Text("file_id"), null),
            RelativePath.FromStored(map.Text("relative_path")),
            MediaType.FromStored(map.Text("media_type")),
            map.Backend("backend_id"),
            map.Content("content")));

    public static readonly EventFormat Finalized = new EventFormat<PackageFinalized>(
        "v1.package.finalized",
        static (map, e) => map
            .Content("manifest", e.Manifest)
            .Text("backend_id", e.Backend.Value)
            .Int64("file_count", e.FileCount)
            .Int64("total_bytes", e.TotalBytes),
        static map => new(
            map.Content("manifest"),
            map.Backend("backend_id"),
            map.Int64("file_count"),
            map.Int64("total_bytes")));

    public static readonly EventFormat CollectionStarted = new EventFormat<CollectionStarted>(
        "v1.package.collection_started",
        static (map, e) => map.Text("plan_id", e.Plan),
        static map => new(map.OptionalText("plan_id")));

    public static readonly EventFormat Collected = new EventFormat<PackageCollected>(
        "v1.package.garbage_collected",
        static (_, _) => { },
        static _ => new());
}
