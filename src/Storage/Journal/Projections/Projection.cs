using System.Text;
using ArtifactStore.Interfaces.Canonical;
using ArtifactStore.Interfaces.Events;
using ArtifactStore.Interfaces.Ids;
using ArtifactStore.Interfaces.Journal;
using ArtifactStore.Interfaces.Retention;
using ArtifactStore.Storage.Journal.Core;

namespace ArtifactStore.Storage.Journal.Projections;

/// <summary>
/// The integer keys behind the ids of events. A key is the sequence of the event that created the row, so every replay finds the same.
/// </summary>
internal interface IViewKeys
{
    void PackageCreated(PackageRef package, long sequence);

    /// <summary>Null only for events of unknown types about packages that never were.</summary>
    long? Package(PackageRef package);

    long? Content(ContentRef content);

    /// <summary>The content's key; this sequence when the event is the first that names it.</summary>
    long ContentOrNew(ContentRef content, long sequence);

    /// <summary>References are about to be taken away by whom they are from, for the first time perhaps.</summary>
    void ReferencesGo();
}

/// <summary>
/// Events to rows of the views: written once, used by appends and by replay, on every database. Invariant: the rows are a function of the
/// events alone; nothing here reads a clock, makes an id or depends on how events fell into batches.
/// </summary>
internal sealed class Projection(ProjectionSql sql, IStatements statements, IViewKeys keys)
{
    // Rows are found by these pairs; b-tree entries of PostgreSQL end at 2,704 bytes, so longer texts are kept but not searched by.
    public const int MaxIndexedNameBytes = 256;
    public const int MaxIndexedValueBytes = 1024;

    private readonly Dictionary<long, PackageTouch> _touched = [];

    public void Apply(EventRecord record, StoreEvent? body)
    {
        switch (body)
        {
            case PackageCreated e:
                Create(record, e);
                return;
            case RetentionDefaultApplied e:
                statements.Run(
                    sql.InsertRetention, PackageKey(record), record.Stream.Tenant.Value, e.RetentionClass, SqlValue.Time(e.ExpiresAt));
                break;
            case RetentionExtended e:
                statements.Run(sql.ExtendRetention, PackageKey(record), SqlValue.Time(e.ExpiresAt));
                break;
            case DeletionEligible e:
                statements.Run(
                    sql.MarkEligible, PackageKey(record), SqlValue.Time(record.Time), RetentionNames.Of(e.Cause), e.Reason);
                break;
            case HoldApplied e:
                HoldProjection.Apply(sql, statements, keys, record, e);
                break;
            case HoldReleased e:
                HoldProjection.Release(sql, statements, record, e);
                break;
            case PlanListed or PlanMade or PlanStarted or PlanEnded:
                PlanProjection.Apply(sql, statements, keys, record, body);
                return;
            case FileIngested e:
                Ingest(record, e);
                return;
            case CollectionStarted e:
                statements.Run(sql.StartCollection, PackageKey(record));
                statements.Run(sql.CollectRetention, PackageKey(record), SqlValue.Time(record.Time), e.Plan);
                break;
            case PackageCollected:
                statements.Run(sql.EndCollection, PackageKey(record));
                break;
            case LocationDeleted e:
                Delete(record, e);
                return;
            case ContentMoved e:
                LocationProjection.Move(sql, statements, keys, record, e);
                break;
            case PackageFinalized e:
                Finalize(record, e);
                break;
            case LocationSettled e:
                LocationProjection.Settle(sql, statements, keys, record, e);
                break;
            case LocationCondemned e:
                LocationProjection.Condemn(sql, statements, keys, record, e);
                break;
            case LocationFailed e:
                LocationProjection.Fail(sql, statements, keys, record, e);
                break;
            case LocationVerified e:
                LocationProjection.Verify(sql, statements, keys, record, e);
                break;
            case RetentionClassDefined e:
                statements.Run(
                    sql.DefineClass, record.Sequence, record.Stream.Tenant.Value, e.Slug, e.DefaultDurationSeconds, e.Description);
                break;
            case MetadataSchemaRegistered e:
                statements.Run(
                    sql.InsertSchema, record.Sequence, record.Stream.Tenant.Value, e.Slug, SqlValue.Blob(e.Schema.Cbor),
                    SqlValue.Time(record.Time), record.Actor);
                break;
        }
        // Events of unknown types count too: the version of a package is the length of its stream.
        if (record.Stream.Kind == SubjectKind.Package && keys.Package(BatchQuestions.PackageOf(record.Stream)) is { } package)
            Touch(record, package);
    }

    /// <summary>Writes what was gathered per package: a batch of a thousand files in one package changes its row once.</summary>
    public void Flush()
    {
        foreach (var (key, touch) in _touched)
            statements.Run(sql.TouchPackage, key, touch.Files, touch.Bytes, touch.Version, touch.Sequence, touch.Released);
        _touched.Clear();
    }

    private void Create(EventRecord record, PackageCreated e)
    {
        var package = BatchQuestions.PackageOf(record.Stream);
        var tenant = package.Tenant.Value;
        keys.PackageCreated(package, record.Sequence);
        statements.Run(
            sql.InsertPackage, record.Sequence, tenant, package.Id.Value, e.Name, e.Producer, e.Subject, e.RetentionClass, e.Backend.Value,
            SqlValue.Blob(e.Metadata.Cbor), e.MetadataSchema, SqlValue.Time(record.Time), record.Actor);
        foreach (var (name, value) in e.Metadata.EnumerateTopLevel())
        {
            if (IsIndexed(name, value)) statements.Run(sql.InsertMetadata, tenant, name, value, record.Sequence);
        }
    }

    public static bool IsIndexed(string name, string value) =>
        Encoding.UTF8.GetByteCount(name) <= MaxIndexedNameBytes && Encoding.UTF8.GetByteCount(value) <= MaxIndexedValueBytes;

    private void Ingest(EventRecord record, FileIngested e)
    {
        var tenant = record.Stream.Tenant;
        var package = PackageKey(record);
        var content = ContentKey(record, tenant, e.Content.Blake3);
        statements.Run(
            sql.InsertFile, record.Sequence, tenant.Value, package, e.FileId.Value, e.Path.Value, e.MediaType.Value, content,
            e.Content.Size, e.Backend.Value, SqlValue.Time(record.Time), record.Actor);
        statements.Run(sql.InsertReference, content, EdgeKind.Use, FromKind.File, record.Sequence, tenant.Value, e.Backend.Value);
        Touch(record, package, files: 1, bytes: e.Content.Size);
    }

    private void Finalize(EventRecord record, PackageFinalized e)
    {
        var tenant = record.Stream.Tenant;
        var package = PackageKey(record);
        var manifest = ContentKey(record, tenant, e.Manifest.Blake3);
        statements.Run(sql.FinalizePackage, package, manifest, SqlValue.Time(record.Time));
        statements.Run(sql.InsertReference, manifest, EdgeKind.Manifest, FromKind.Package, package, tenant.Value, e.Backend.Value);
    }

    private void Delete(EventRecord record, LocationDeleted e)
    {
        if (e.Generation is { } generation) LocationProjection.Leave(sql, statements, keys, record, e, generation);
        if (record.Stream.Kind != SubjectKind.Package) return;
        var package = PackageKey(record);
        // Where the bytes went too, the reference went when they were condemned.
        if (!e.BytesDeleted) LocationProjection.Release(sql, statements, keys, e.FileKey, package);
        Touch(record, package, released: 1);
    }

    private void Touch(EventRecord record, long package, long files = 0, long bytes = 0, long released = 0)
    {
        ref var touch = ref System.Runtime.InteropServices.CollectionsMarshal.GetValueRefOrAddDefault(_touched, package, out _);
        touch = new(touch.Files + files, touch.Bytes + bytes, touch.Released + released, record.StreamVersion, record.Sequence);
    }

    private long PackageKey(EventRecord record) =>
        keys.Package(BatchQuestions.PackageOf(record.Stream))
        ?? throw new InvalidDataException($"event {record.Sequence} ({record.Type}) is about a package that does not exist");

    private long ContentKey(EventRecord record, TenantId tenant, Interfaces.Hashing.Digest256 blake3) =>
        keys.Content(new(tenant, blake3))
        ?? throw new InvalidDataException($"event {record.Sequence} ({record.Type}) refers to content {blake3}, which no event brought");

    private readonly record struct PackageTouch(long Files, long Bytes, long Released, long Version, long Sequence);
}
