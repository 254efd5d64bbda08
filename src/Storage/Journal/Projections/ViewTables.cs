namespace ArtifactStore.Storage.Journal.Projections;

/// <summary>The tables that are views of the log: what a replay builds anew and a dump writes down.</summary>
internal static class ViewTables
{
    public static readonly IReadOnlyList<string> All =
    [
        "artifact_packages",
        "package_metadata",
        "retention_state",
        "artifact_files",
        "contents",
        "content_digests",
        "storage_locations",
        "content_references",
        "failed_locations",
        "retention_classes",
        "metadata_schemas",
        "holds",
        "retention_plans",
        "retention_plan_items",
    ];
}
