using System.Buffers;
using System.Globalization;
using ArtifactStore.Interfaces.Canonical;
using ArtifactStore.Interfaces.Ids;
using ArtifactStore.Interfaces.Packages;

namespace ArtifactStore.Interfaces.Manifests;

/// <summary>
/// Version 1 of the manifest (docs/formats/manifest.md): what a package was when it was finalized, in canonical CBOR, written one file at a
/// time. Invariant: the same package at the same version gives the same bytes, so that building it twice is building one content.
/// </summary>
public sealed class ManifestWriter
{
    public const int Version = 1;
    public const string MediaType = "application/vnd.artifactstore.manifest.v1+cbor";
    private const int TopLevelFields = 6;

    private readonly CanonicalMapStream _map;
    private readonly PackageView _package;

    /// <summary>Begins the manifest. Exactly as many files as the package has must follow, in byte order of their paths.</summary>
    public ManifestWriter(IBufferWriter<byte> output, PackageView package)
    {
        _package = package;
        // Canonical order is by length of the key first: files, package, provenance, manifest_version, storage_receipts, retention_summary.
        _map = new CanonicalMapStream(output, TopLevelFields);
        _map.StartArray("files", package.FileCount);
    }

    public void File(FileView file) => _map.Element(CborMapWriter.Encode(file, static (map, view) => map
        .Text("relative_path", view.Path.Value)
        .Text("media_type", view.MediaType.Value)
        .Int64("size", view.Content.Size)
        .Text("content_address", ContentAddress.Blake3(view.Content.Blake3).ToString())
        .Text("sha256", view.Content.Sha256.ToHex())
        .Text("file_id", view.Id.ToString())));

    /// <summary>The rest, after the last file.</summary>
    public void Complete()
    {
        _map.Value("package", CborMapWriter.Encode(_package, static (map, package) => map
            .Text("id", package.Id.ToString())
            .Text("name", package.Name)
            .Text("producer", package.Producer)
            .Text("subject", package.Subject)
            .Document("metadata", package.Metadata)
            .Text("metadata_schema", package.MetadataSchema)));
        _map.Value("provenance", CborMapWriter.Encode(_package, static (map, package) => map
            .Text("created_at", Time(package.CreatedAt))
            .Text("created_by", package.CreatedBy)));
        _map.Int64("manifest_version", Version);
        _map.StartArray("storage_receipts", 1);
        _map.Element(CborMapWriter.Encode(_package, static (map, package) => map
            .Text("backend_id", package.Backend.Value)
            .Int64("file_count", package.FileCount)
            .Int64("total_bytes", package.TotalBytes)));
        _map.Value("retention_summary", CborMapWriter.Encode(_package, static (map, package) => map
            .Text("retention_class", package.RetentionClass)
            .Text("expires_at", package.ExpiresAt is { } at ? Time(at) : null)));
        _map.Complete();
    }

    private static string Time(DateTimeOffset time) =>
        time.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss.ffffff'Z'", CultureInfo.InvariantCulture);
}
