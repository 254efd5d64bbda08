namespace ArtifactStore.Interfaces.Events;

/// <summary>What is defined once for a tenant: retention classes and metadata schemas.</summary>
internal static class DefinitionFormats
{
    public static readonly EventFormat ClassDefined = new EventFormat<RetentionClassDefined>(
        "v1.retention.class_defined",
        static (map, e) => map
            .Text("slug", e.Slug)
            .Int64("default_duration_seconds", e.DefaultDurationSeconds)
            .Text("description", e.Description),
        static map => new(
            map.Text("slug"),
            map.OptionalInt64("default_duration_seconds"),
            map.Text("description")));

    public static readonly EventFormat SchemaRegistered = new EventFormat<MetadataSchemaRegistered>(
        "v1.metadata_schema.registered",
        static (map, e) => map
            .Text("slug", e.Slug)
            .Document("schema", e.Schema),
        static map => new(
            map.Text("slug"),
            map.Document("schema")));
}
