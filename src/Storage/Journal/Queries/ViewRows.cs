using ArtifactStore.Interfaces.Canonical;
using ArtifactStore.Interfaces.Contents;
using ArtifactStore.Interfaces.Hashing;
using ArtifactStore.Interfaces.Ids;
using ArtifactStore.Interfaces.Journal;
using ArtifactStore.Interfaces.MetadataSchemas;
using ArtifactStore.Interfaces.Packages;
using ArtifactStore.Interfaces.Retention;
using ArtifactStore.Interfaces.Views;
using ArtifactStore.Storage.Journal.Projections;

namespace ArtifactStore.Storage.Journal.Queries;

/// <summary>Rows to records, on every database. Each column list stands beside the reader that counts on its order.</summary>
internal static class ViewRows
{
    public const string PackageSelect =
        """
        SELECT p.package_key, p.tenant, p.package_id, p.name, p.producer, p.subject, p.retention_class, p.status, p.backend_id, p.metadata,
            p.metadata_schema, p.created_at, p.created_by, r.current_expires_at, p.file_count, p.total_bytes, p.finalized_at,
            p.stream_version, p.last_event_sequence, c.blake3, d.digest, c.size, r.eligible_since, r.eligible_cause, r.eligible_reason
        FROM artifact_packages p
        LEFT JOIN retention_state r ON r.package_key = p.package_key
        LEFT JOIN contents c ON c.content_key = p.manifest_content_key
        LEFT JOIN content_digests d ON d.content_key = c.content_key AND d.algorithm = 'sha256'
        """;

    public static PackageRow Package(IRow row) => new(
        row.Int64(0),
        new PackageView(
            Tenant: new(row.Text(1)),
            Id: new(row.Uuid(2)),
            Name: row.Text(3),
            Producer: row.Text(4),
            Subject: row.Text(5),
            RetentionClass: row.Text(6),
            Status: StatusNames.Package(row.Text(7)),
            Backend: new(row.Text(8)),
            Metadata: Document(row, 9),
            MetadataSchema: row.OptionalText(10),
            CreatedAt: row.Time(11),
            CreatedBy: row.Text(12),
            ExpiresAt: row.OptionalTime(13),
            FileCount: row.Int64(14),
            TotalBytes: row.Int64(15),
            Manifest: row.IsNull(19) ? null : new ContentDigests(row.Digest(19), row.Digest(20), row.Int64(21)),
            FinalizedAt: row.OptionalTime(16),
            Version: row.Int64(17),
            LastEventSequence: row.Int64(18))
        {
            Eligible = row.IsNull(22) ? null : new(row.Time(22), Cause(row.Text(23)), row.OptionalText(24)),
        });

    public const string FileSelect =
        """
        SELECT f.file_id, p.package_id, f.relative_path, f.media_type, f.backend_id, c.blake3, d.digest, f.size, f.ingested_at,
            f.ingested_by
        FROM artifact_files f
        JOIN artifact_packages p ON p.package_key = f.package_key
        JOIN contents c ON c.content_key = f.content_key
        JOIN content_digests d ON d.content_key = f.content_key AND d.algorithm = 'sha256'
        """;

    public static FileView File(IRow row) => new(
        Id: new(row.Uuid(0)),
        Package: new(row.Uuid(1)),
        Path: RelativePath.FromStored(row.Text(2)),
        MediaType: MediaType.FromStored(row.Text(3)),
        Backend: new(row.Text(4)),
        Content: new(row.Digest(5), row.Digest(6), row.Int64(7)),
        IngestedAt: row.Time(8),
        IngestedBy: row.Text(9));

    public const string LocationSelect = "SELECT backend_id, generation, physical_key, status, encoding FROM storage_locations";

    public static LocationView Location(IRow row, Digest256 content) => new(
        Backend: new(row.Text(0)),
        Content: content,
        Generation: row.Int32(1),
        PhysicalKey: row.Text(2),
        State: StatusNames.Location(row.Text(3)),
        Encoding: row.Text(4));

    public const string StoredLocationSelect =
        """
        SELECT l.backend_id, l.generation, l.physical_key, l.status, l.encoding, l.location_key, l.tenant,
            COALESCE(l.verified_at, l.changed_at), c.blake3, d.digest, c.size
        FROM storage_locations l
        JOIN contents c ON c.content_key = l.content_key
        LEFT JOIN content_digests d ON d.content_key = l.content_key AND d.algorithm = 'sha256'
        """;

    /// <summary>The location is null when it is neither live nor failed, or in another backend.</summary>
    public static (long Key, StoredLocation? Location) StoredLocation(IRow row, BackendId backend)
    {
        var key = row.Int64(5);
        if (row.Text(0) != backend.Value || StatusNames.Location(row.Text(3)) is not (LocationState.Live or LocationState.Failed)) return (key, null);
        var content = new ContentDigests(row.Digest(8), row.Digest(9), row.Int64(10));
        return (key, new(key, new(row.Text(6)), Location(row, content.Blake3), content, row.Time(7)));
    }

    /// <param name="rows">All that were looked at.</param>
    /// <param name="limit">How many were asked for.</param>
    public static LocationPage LocationPage(IReadOnlyList<(long Key, StoredLocation? Location)> rows, int limit) => new(
        [.. rows.Select(row => row.Location).OfType<StoredLocation>()], rows.Count < limit || limit <= 0 ? null : rows[^1].Key);

    public const string EventSelect =
        """
        SELECT sequence, created_at, event_type, tenant, subject_kind, subject_id, stream_version, actor, append_id, payload,
            payload_digest, leaf_digest, append_size
        FROM events
        """;

    public static EventRecord Event(IRow row) => new(
        Sequence: row.Int64(0),
        Time: row.Time(1),
        Type: row.Text(2),
        Stream: new(new(row.Text(3)), (SubjectKind)row.Int32(4), row.Text(5)),
        StreamVersion: row.Int64(6),
        Actor: row.Text(7),
        AppendId: new(row.Uuid(8)),
        Payload: row.Bytes(9),
        PayloadDigest: row.Digest(10),
        LeafDigest: row.Digest(11))
    {
        AppendSize = row.Int32(12),
    };

    public const string ClassSelect = "SELECT slug, default_duration_seconds, description FROM retention_classes";

    public static RetentionClassView RetentionClass(IRow row) => new(row.Text(0), row.OptionalInt64(1), row.Text(2));

    public const string SchemaSelect = "SELECT slug, document, registered_at, registered_by FROM metadata_schemas";

    public static MetadataSchemaView MetadataSchema(IRow row) => new(row.Text(0), Document(row, 1), row.Time(2), row.Text(3));

    public const string HoldColumns =
        "h.hold_key, h.tenant, h.hold_id, h.kind, h.covers, h.reason, h.owner, h.applied_at, h.until";

    public const string HoldSelect = $"SELECT {HoldColumns} FROM holds h";

    public static HoldView Hold(IRow row) => new(
        row.Int64(0), new(row.Text(1)), new(row.Uuid(2)),
        StatusNames.Hold(row.Text(3)),
        row.Text(4), row.Text(5), row.Text(6), row.Time(7), row.OptionalTime(8));

    public const string DueSelect =
        """
        SELECT p.tenant, p.package_id, r.current_expires_at, r.package_key
        FROM retention_state r JOIN artifact_packages p ON p.package_key = r.package_key
        """;

    public static DuePackage Due(IRow row) => new(new(row.Text(0)), new(row.Uuid(1)), row.Time(2), row.Int64(3));

    private static EligibilityCause Cause(string text) =>
        RetentionNames.TryCause(text) ?? throw new InvalidDataException($"stored cause of eligibility '{text}' is unknown");

    private static CanonicalDocument Document(IRow row, int column) =>
        CanonicalDocument.TryFromCbor(row.Bytes(column), out var document, out var error)
            ? document
            : throw new InvalidDataException($"a stored document is not canonical: {error}");
}
