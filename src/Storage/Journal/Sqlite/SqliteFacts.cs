using ArtifactStore.Interfaces.Contents;
using ArtifactStore.Interfaces.Ids;
using ArtifactStore.Interfaces.Journal;
using ArtifactStore.Interfaces.Packages;
using ArtifactStore.Interfaces.Retention;
using ArtifactStore.Storage.Journal.Core;
using ArtifactStore.Storage.Journal.Projections;
using ArtifactStore.Storage.Journal.Queries;
using ArtifactStore.Storage.Journal.Sqlite.Engine;

namespace ArtifactStore.Storage.Journal.Sqlite;

/// <summary>
/// Answers the questions of a batch inside its transaction. One seek for each: the engine is in this process, so a set-wise query would
/// save nothing.
/// </summary>
internal static class SqliteFacts
{
    private const string AppendById = "SELECT sequence, append_size FROM events WHERE append_id = $1 AND append_size > 0";
    private const string StreamVersion =
        """
        SELECT stream_version FROM events WHERE tenant = $1 AND subject_kind = $2 AND subject_id = $3 ORDER BY stream_version DESC LIMIT 1
        """;
    private const string PackageById =
        $"SELECT package_key, status, {CollectionSql.Left} FROM artifact_packages WHERE tenant = $1 AND package_id = $2";
    private const string PathInPackage = "SELECT 1 FROM artifact_files WHERE package_key = $1 AND relative_path = $2";
    private const string ContentByDigest = "SELECT content_key FROM contents WHERE tenant = $1 AND blake3 = $2";
    private const string LiveLocation =
        """
        SELECT generation, physical_key, encoding FROM storage_locations WHERE content_key = $1 AND backend_id = $2 AND status = 'live'
        """;
    private const string HighestGeneration =
        "SELECT generation FROM storage_locations WHERE content_key = $1 AND backend_id = $2 ORDER BY generation DESC LIMIT 1";
    private const string StateOfGeneration =
        "SELECT status FROM storage_locations WHERE content_key = $1 AND backend_id = $2 AND generation = $3";
    private const string Settling =
        """
        SELECT generation, owner, physical_key, sha256, size FROM settling
        WHERE tenant = $1 AND backend_id = $2 AND blake3 = $3 ORDER BY generation
        """;
    private const string Retention = "SELECT current_expires_at, eligible_for_deletion FROM retention_state WHERE package_key = $1";
    private const string HoldById = "SELECT hold_key, kind, covers FROM holds WHERE tenant = $1 AND hold_id = $2";
    private const string HoldsOn = "SELECT count(*) FROM holds WHERE tenant = $1 AND kind = $2 AND covers = $3";
    private const string FileKeeps =
        """
        SELECT 1 FROM artifact_files f JOIN content_references r ON r.from_kind = 1 AND r.from_key = f.file_key
        WHERE f.file_key = $1 AND f.file_id = $2 AND f.package_key = $3 AND r.content_key = $4 AND r.backend_id = $5
        """;
    private const string ManifestKeeps =
        "SELECT 1 FROM content_references WHERE from_kind = 2 AND from_key = $1 AND content_key = $2 AND backend_id = $3";
    private const string CountKeepers =
        "SELECT count(*) FROM (SELECT 1 FROM content_references WHERE content_key = $1 AND backend_id IN ($2, '') LIMIT $3)";
    private const string IdempotencyKey = "SELECT 1 FROM idempotency_keys WHERE tenant = $1 AND actor = $2 AND idempotency_key = $3";

    public static BatchState Read(SqliteConnection db, long head, BatchQuestions questions)
    {
        var state = new BatchState(head);
        foreach (var id in questions.Appends) state.Appends.Add(id, FindAppend(db, id));
        foreach (var stream in questions.Streams) state.StreamVersions.Add(stream, VersionOf(db, stream));
        foreach (var package in questions.Packages) state.Packages.Add(package, FindPackage(db, package));
        foreach (var path in questions.Paths)
            state.PathTaken.Add(path, state.Packages[path.Package] is { } package && Exists(db, PathInPackage, package.Key, path.Path));
        foreach (var content in questions.Contents) state.ContentKeys.Add(content, FindContent(db, content));
        foreach (var slot in questions.Slots) state.Slots.Add(slot, ReadSlot(db, slot, state.ContentKeys[slot.Content]));
        foreach (var generation in questions.Generations)
            state.Generations.Add(generation, FindState(db, generation, state.ContentKeys[generation.Slot.Content]));
        foreach (var package in questions.Retentions)
            state.Retentions.Add(package, state.Packages[package] is { } known ? FindRetention(db, known.Key) : null);
        foreach (var hold in questions.Holds) state.Holds.Add(hold, FindHold(db, hold));
        foreach (var cover in questions.HoldsOn) state.HoldsOn.Add(cover, CountHolds(db, cover));
        foreach (var keeper in questions.KeeperRefs) state.KeeperStands.Add(keeper, Keeps(db, state, keeper));
        foreach (var slot in questions.Kept)
            state.Keepers.Add(slot, state.ContentKeys[slot.Content] is { } key ? Count(db, key, slot.Backend, questions.CountKeepersTo) : 0);
        foreach (var key in questions.IdempotencyKeys)
            state.IdempotencyKeyUsed.Add(key, Exists(db, IdempotencyKey, key.Tenant.Value, key.Actor, key.Key));
        return state;
    }

    public static AppendResult.Committed? FindAppend(SqliteConnection db, AppendId id)
    {
        using var row = db.Query(AppendById, id.Value);
        return row.Step() ? new(row.Int64(0), row.Int32(1)) : null;
    }

    private static long VersionOf(SqliteConnection db, in StreamId stream)
    {
        using var row = db.Query(StreamVersion, stream.Tenant.Value, (long)stream.Kind, stream.Id);
        return row.Step() ? row.Int64(0) : 0;
    }

    private static PackageFact? FindPackage(SqliteConnection db, PackageRef package)
    {
        using var row = db.Query(PackageById, package.Tenant.Value, package.Id.Value);
        return row.Step() ? new(row.Int64(0), StatusNames.Package(row.Text(1)), row.Int64(2)) : null;
    }

    private static RetentionFact? FindRetention(SqliteConnection db, long package)
    {
        using var row = db.Query(Retention, package);
        return row.Step() ? new(row.OptionalTime(0), row.Int64(1) != 0) : null;
    }

    private static HoldFact? FindHold(SqliteConnection db, HoldRef hold)
    {
        using var row = db.Query(HoldById, hold.Tenant.Value, hold.Hold.Value);
        return row.Step() ? new(row.Int64(0), new(StatusNames.Hold(row.Text(1)), row.Text(2))) : null;
    }

    private static long CountHolds(SqliteConnection db, CoverRef cover)
    {
        using var row = db.Query(HoldsOn, cover.Tenant.Value, RetentionNames.Of(cover.Cover.Kind), cover.Cover.Covers);
        return row.Step() ? row.Int64(0) : 0;
    }

    private static bool Keeps(SqliteConnection db, BatchState state, KeeperRef of)
    {
        if (state.ContentKeys[of.Slot.Content] is not { } content) return false;
        if (state.Packages[new(of.Slot.Tenant, of.Keeper.Package)] is not { Key: var package }) return false;
        if (of.Keeper is { File: { } file, FileKey: { } key })
            return Exists(db, FileKeeps, key, file.Value, package, content, of.Slot.Backend.Value);
        return of.Keeper.File is null && Exists(db, ManifestKeeps, package, content, of.Slot.Backend.Value);
    }

    private static long Count(SqliteConnection db, long content, BackendId backend, long atMost)
    {
        using var row = db.Query(CountKeepers, content, backend.Value, atMost);
        return row.Step() ? row.Int64(0) : 0;
    }

    private static long? FindContent(SqliteConnection db, ContentRef content)
    {
        using var row = db.Query(ContentByDigest, content.Tenant.Value, content.Blake3);
        return row.Step() ? row.Int64(0) : null;
    }

    private static SlotFact ReadSlot(SqliteConnection db, SlotRef slot, long? contentKey)
    {
        var fact = new SlotFact();
        if (contentKey is { } key)
        {
            using (var row = db.Query(LiveLocation, key, slot.Backend.Value))
            {
                if (row.Step()) fact.Live = new(slot.Backend, slot.Blake3, row.Int32(0), row.Text(1), LocationState.Live, row.Text(2));
            }
            using (var row = db.Query(HighestGeneration, key, slot.Backend.Value))
            {
                if (row.Step()) fact.HighestLocation = row.Int32(0);
            }
        }
        using var settling = db.Query(Settling, slot.Tenant.Value, slot.Backend.Value, slot.Blake3);
        while (settling.Step())
        {
            var owner = new AttemptId(settling.Uuid(1));
            fact.Settling.Add(new(settling.Int32(0), owner, settling.Text(2), settling.Digest(3), settling.Int64(4)));
        }
        return fact;
    }

    private static LocationState? FindState(SqliteConnection db, in GenerationRef generation, long? contentKey)
    {
        if (contentKey is not { } key) return null;
        using var row = db.Query(StateOfGeneration, key, generation.Slot.Backend.Value, (long)generation.Generation);
        return row.Step() ? StatusNames.Location(row.Text(0)) : null;
    }

    private static bool Exists(SqliteConnection db, string sql, params ReadOnlySpan<SqlValue> values)
    {
        using var row = db.Query(sql, values);
        return row.Step();
    }
}
