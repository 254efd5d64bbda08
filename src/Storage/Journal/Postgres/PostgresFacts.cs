using ArtifactStore.Interfaces.Contents;
using ArtifactStore.Interfaces.Events;
using ArtifactStore.Interfaces.Hashing;
using ArtifactStore.Interfaces.Ids;
using ArtifactStore.Interfaces.Journal;
using ArtifactStore.Interfaces.Retention;
using ArtifactStore.Storage.Journal.Core;
using ArtifactStore.Storage.Journal.Projections;
using ArtifactStore.Storage.Journal.Queries;
using Npgsql;

namespace ArtifactStore.Storage.Journal.Postgres;

/// <summary>Which store this is, and where its log ends.</summary>
/// <param name="KnownLeaf">The leaf digest at the sequence that was asked about; null when the log does not reach that far.</param>
internal sealed record HeadFact(Guid StoreId, long Incarnation, long Head, Digest256 Leaf, Digest256? KnownLeaf);

/// <summary>
/// The questions of a batch as commands, one for each kind that is asked at all, and their answers as facts. No question waits for the
/// answer of another, so that all go out at once.
/// </summary>
internal sealed class PostgresFacts
{
    private const string Head =
        """
        SELECT store_id, incarnation, head_sequence, head_leaf_digest, (SELECT leaf_digest FROM events WHERE sequence = $1)
        FROM store WHERE id = 1
        """;
    private const string Appends =
        """
        SELECT q.n, e.sequence, e.append_size FROM unnest($1::uuid[]) WITH ORDINALITY AS q(append_id, n)
        JOIN events e ON e.append_id = q.append_id AND e.append_size > 0
        """;
    private const string Streams =
        """
        SELECT q.n, e.stream_version FROM unnest($1::text[], $2::bigint[], $3::text[]) WITH ORDINALITY AS q(tenant, kind, id, n)
        CROSS JOIN LATERAL (SELECT stream_version FROM events
            WHERE tenant = q.tenant AND subject_kind = q.kind AND subject_id = q.id ORDER BY stream_version DESC LIMIT 1) e
        """;
    private const string Packages =
        $"""
        SELECT q.n, p.package_key, p.status, {CollectionSql.Left} FROM unnest($1::text[], $2::uuid[]) WITH ORDINALITY AS q(tenant, id, n)
        JOIN artifact_packages p ON p.tenant = q.tenant AND p.package_id = q.id
        """;
    private const string Paths =
        """
        SELECT q.n FROM unnest($1::text[], $2::uuid[], $3::text[]) WITH ORDINALITY AS q(tenant, id, path, n)
        JOIN artifact_packages p ON p.tenant = q.tenant AND p.package_id = q.id
        JOIN artifact_files f ON f.package_key = p.package_key AND f.relative_path = q.path
        """;
    private const string Contents =
        """
        SELECT q.n, c.content_key FROM unnest($1::text[], $2::bytea[]) WITH ORDINALITY AS q(tenant, blake3, n)
        JOIN contents c ON c.tenant = q.tenant AND c.blake3 = q.blake3
        """;
    private const string Locations =
        """
        SELECT q.n, h.generation, l.generation, l.physical_key, l.encoding
        FROM unnest($1::text[], $2::text[], $3::bytea[]) WITH ORDINALITY AS q(tenant, backend, blake3, n)
        JOIN contents c ON c.tenant = q.tenant AND c.blake3 = q.blake3
        CROSS JOIN LATERAL (SELECT generation FROM storage_locations
            WHERE content_key = c.content_key AND backend_id = q.backend ORDER BY generation DESC LIMIT 1) h
        LEFT JOIN storage_locations l ON l.content_key = c.content_key AND l.backend_id = q.backend AND l.status = 'live'
        """;
    private const string Settling =
        """
        SELECT q.n, s.generation, s.owner, s.physical_key, s.sha256, s.size
        FROM unnest($1::text[], $2::text[], $3::bytea[]) WITH ORDINALITY AS q(tenant, backend, blake3, n)
        JOIN settling s ON s.tenant = q.tenant AND s.backend_id = q.backend AND s.blake3 = q.blake3
        ORDER BY q.n, s.generation
        """;
    private const string Generations =
        """
        SELECT q.n, l.status
        FROM unnest($1::text[], $2::text[], $3::bytea[], $4::bigint[]) WITH ORDINALITY AS q(tenant, backend, blake3, generation, n)
        JOIN contents c ON c.tenant = q.tenant AND c.blake3 = q.blake3
        JOIN storage_locations l ON l.content_key = c.content_key AND l.backend_id = q.backend AND l.generation = q.generation
        """;
    private const string Retentions =
        """
        SELECT q.n, r.current_expires_at, r.eligible_for_deletion FROM unnest($1::text[], $2::uuid[]) WITH ORDINALITY AS q(tenant, id, n)
        JOIN artifact_packages p ON p.tenant = q.tenant AND p.package_id = q.id
        JOIN retention_state r ON r.package_key = p.package_key
        """;
    private const string Holds =
        """
        SELECT q.n, h.hold_key, h.kind, h.covers FROM unnest($1::text[], $2::uuid[]) WITH ORDINALITY AS q(tenant, id, n)
        JOIN holds h ON h.tenant = q.tenant AND h.hold_id = q.id
        """;
    private const string HoldsOn =
        """
        SELECT q.n, h.holds FROM unnest($1::text[], $2::text[], $3::text[]) WITH ORDINALITY AS q(tenant, kind, covers, n)
        CROSS JOIN LATERAL (SELECT count(*) AS holds FROM holds WHERE tenant = q.tenant AND kind = q.kind AND covers = q.covers) h
        """;
    private const string FileKeepers =
        """
        SELECT q.n FROM unnest($1::text[], $2::text[], $3::bytea[], $4::uuid[], $5::uuid[], $6::bigint[])
            WITH ORDINALITY AS q(tenant, backend, blake3, package, file, file_key, n)
        JOIN contents c ON c.tenant = q.tenant AND c.blake3 = q.blake3
        JOIN artifact_packages p ON p.tenant = q.tenant AND p.package_id = q.package
        JOIN artifact_files f ON f.file_key = q.file_key AND f.file_id = q.file AND f.package_key = p.package_key
        JOIN content_references r ON r.from_kind = 1 AND r.from_key = f.file_key AND r.content_key = c.content_key AND r.backend_id = q.backend
        """;
    private const string ManifestKeepers =
        """
        SELECT q.n FROM unnest($1::text[], $2::text[], $3::bytea[], $4::uuid[]) WITH ORDINALITY AS q(tenant, backend, blake3, package, n)
        JOIN contents c ON c.tenant = q.tenant AND c.blake3 = q.blake3
        JOIN artifact_packages p ON p.tenant = q.tenant AND p.package_id = q.package
        JOIN content_references r ON r.from_kind = 2 AND r.from_key = p.package_key AND r.content_key = c.content_key
            AND r.backend_id = q.backend
        """;
    private const string Keepers =
        """
        SELECT q.n, k.keepers
        FROM unnest($1::text[], $2::text[], $3::bytea[], $4::bigint[]) WITH ORDINALITY AS q(tenant, backend, blake3, at_most, n)
        JOIN contents c ON c.tenant = q.tenant AND c.blake3 = q.blake3
        CROSS JOIN LATERAL (SELECT count(*) AS keepers FROM (SELECT 1 FROM content_references
            WHERE content_key = c.content_key AND backend_id IN (q.backend, '') LIMIT q.at_most) counted) k
        """;
    private const string IdempotencyKeys =
        """
        SELECT q.n FROM unnest($1::text[], $2::text[], $3::text[]) WITH ORDINALITY AS q(tenant, actor, key, n)
        JOIN idempotency_keys k ON k.tenant = q.tenant AND k.actor = q.actor AND k.idempotency_key = q.key
        """;

    private readonly List<NpgsqlBatchCommand> _commands = [];
    private readonly List<Action<BatchState, NpgsqlDataReader>> _readers = [];
    private readonly List<Action<BatchState>> _defaults = [];

    public PostgresFacts(BatchQuestions questions, long knownHead)
    {
        _commands.Add(Command(Head, new NpgsqlParameter<long> { TypedValue = knownHead }));
        AppendId[] appends = [.. questions.Appends];
        Ask(Appends, appends, (state, id) => state.Appends.Add(id, null), (state, id, row) => state.Appends[id] = new(row.GetInt64(1), (int)row.GetInt64(2)),
            Column(appends, id => id.Value));
        StreamId[] streams = [.. questions.Streams];
        Ask(Streams, streams, (state, stream) => state.StreamVersions.Add(stream, 0), (state, stream, row) => state.StreamVersions[stream] = row.GetInt64(1),
            Column(streams, s => s.Tenant.Value), Column(streams, s => (long)s.Kind), Column(streams, s => s.Id));
        PackageRef[] packages = [.. questions.Packages];
        Ask(Packages, packages, (state, package) => state.Packages.Add(package, null),
            (state, package, row) => state.Packages[package] = new(row.GetInt64(1), StatusNames.Package(row.GetString(2)), row.GetInt64(3)),
            Column(packages, p => p.Tenant.Value), Column(packages, p => p.Id.Value));
        PathRef[] paths = [.. questions.Paths];
        Ask(Paths, paths, (state, path) => state.PathTaken.Add(path, false), (state, path, _) => state.PathTaken[path] = true,
            Column(paths, p => p.Package.Tenant.Value), Column(paths, p => p.Package.Id.Value), Column(paths, p => p.Path));
        ContentRef[] contents = [.. questions.Contents];
        Ask(Contents, contents, (state, content) => state.ContentKeys.Add(content, null), (state, content, row) => state.ContentKeys[content] = row.GetInt64(1),
            Column(contents, c => c.Tenant.Value), Column(contents, c => c.Blake3.ToArray()));
        SlotRef[] slots = [.. questions.Slots];
        NpgsqlParameter[] OfSlots() => [Column(slots, s => s.Tenant.Value), Column(slots, s => s.Backend.Value), Column(slots, s => s.Blake3.ToArray())];
        Ask(Locations, slots, (state, slot) => state.Slots.Add(slot, new()), ReadLocations, OfSlots());
        Ask(Settling, slots, (_, _) => { }, ReadSettling, OfSlots());
        GenerationRef[] generations = [.. questions.Generations];
        Ask(Generations, generations, (state, generation) => state.Generations.Add(generation, null),
            (state, generation, row) => state.Generations[generation] = StatusNames.Location(row.GetString(1)),
            Column(generations, g => g.Slot.Tenant.Value), Column(generations, g => g.Slot.Backend.Value),
            Column(generations, g => g.Slot.Blake3.ToArray()), Column(generations, g => (long)g.Generation));
        PackageRef[] retentions = [.. questions.Retentions];
        Ask(Retentions, retentions, (state, package) => state.Retentions.Add(package, null),
            (state, package, row) => state.Retentions[package] = new(OptionalTime(row, 1), row.GetInt64(2) != 0),
            Column(retentions, p => p.Tenant.Value), Column(retentions, p => p.Id.Value));
        HoldRef[] holds = [.. questions.Holds];
        Ask(Holds, holds, (state, hold) => state.Holds.Add(hold, null),
            (state, hold, row) => state.Holds[hold] = new(row.GetInt64(1), new(StatusNames.Hold(row.GetString(2)), row.GetString(3))),
            Column(holds, h => h.Tenant.Value), Column(holds, h => h.Hold.Value));
        CoverRef[] covers = [.. questions.HoldsOn];
        Ask(HoldsOn, covers, (state, cover) => state.HoldsOn.Add(cover, 0), (state, cover, row) => state.HoldsOn[cover] = row.GetInt64(1),
            Column(covers, c => c.Tenant.Value), Column(covers, c => RetentionNames.Of(c.Cover.Kind)), Column(covers, c => c.Cover.Covers));
        KeeperRef[] files = [.. questions.KeeperRefs.Where(k => k.Keeper is { File: not null, FileKey: not null })];
        Ask(FileKeepers, files, (state, keeper) => state.KeeperStands.Add(keeper, false), (state, keeper, _) => state.KeeperStands[keeper] = true,
            [
                .. OfKeepers(files), Column(files, k => k.Keeper.File!.Value.Value), Column(files, k => k.Keeper.FileKey!.Value),
            ]);
        KeeperRef[] manifests = [.. questions.KeeperRefs.Except(files)];
        Ask(ManifestKeepers, manifests, (state, keeper) => state.KeeperStands.Add(keeper, false),
            (state, keeper, _) => state.KeeperStands[keeper] = keeper.Keeper.File is null, OfKeepers(manifests));
        SlotRef[] kept = [.. questions.Kept];
        Ask(Keepers, kept, (state, slot) => state.Keepers.Add(slot, 0), (state, slot, row) => state.Keepers[slot] = row.GetInt64(1),
            Column(kept, s => s.Tenant.Value), Column(kept, s => s.Backend.Value), Column(kept, s => s.Blake3.ToArray()),
            Column(kept, _ => questions.CountKeepersTo));
        IdempotencyRef[] keys = [.. questions.IdempotencyKeys];
        Ask(IdempotencyKeys, keys, (state, key) => state.IdempotencyKeyUsed.Add(key, false), (state, key, _) => state.IdempotencyKeyUsed[key] = true,
            Column(keys, k => k.Tenant.Value), Column(keys, k => k.Actor), Column(keys, k => k.Key));
    }

    private static NpgsqlParameter[] OfKeepers(KeeperRef[] keepers) =>
    [
        Column(keepers, k => k.Slot.Tenant.Value), Column(keepers, k => k.Slot.Backend.Value),
        Column(keepers, k => k.Slot.Blake3.ToArray()), Column(keepers, k => k.Keeper.Package.Value),
    ];

    public IReadOnlyList<NpgsqlBatchCommand> Commands => _commands;

    /// <summary>Reads the answers from here on, which are the last of their batch.</summary>
    public async Task<(BatchState State, HeadFact Head)> Read(NpgsqlDataReader reader)
    {
        if (!await reader.ReadAsync()) throw new InvalidDataException("the table store has no row");
        var head = new HeadFact(
            reader.GetGuid(0), reader.GetInt64(1), reader.GetInt64(2), Digest(reader, 3), reader.IsDBNull(4) ? null : Digest(reader, 4));
        var state = new BatchState(head.Head);
        foreach (var set in _defaults) set(state);
        foreach (var read in _readers)
        {
            if (!await reader.NextResultAsync()) throw new InvalidOperationException("a question was not answered");
            while (await reader.ReadAsync()) read(state, reader);
        }
        return (state, head);
    }

    private void Ask<T>(
        string sql,
        T[] questions,
        Action<BatchState, T> setDefault,
        Action<BatchState, T, NpgsqlDataReader> read,
        params ReadOnlySpan<NpgsqlParameter> parameters)
    {
        if (questions.Length == 0) return;
        _commands.Add(Command(sql, parameters));
        _defaults.Add(state =>
        {
            foreach (var question in questions) setDefault(state, question);
        });
        _readers.Add((state, row) => read(state, questions[row.GetInt64(0) - 1], row));
    }

    private static void ReadLocations(BatchState state, SlotRef slot, NpgsqlDataReader row)
    {
        var fact = state.Slots[slot];
        fact.HighestLocation = (int)row.GetInt64(1);
        if (!row.IsDBNull(2))
            fact.Live = new(slot.Backend, slot.Blake3, (int)row.GetInt64(2), row.GetString(3), LocationState.Live, row.GetString(4));
    }

    private static void ReadSettling(BatchState state, SlotRef slot, NpgsqlDataReader row) => state.Slots[slot].Settling.Add(
        new((int)row.GetInt64(1), new(row.GetGuid(2)), row.GetString(3), Digest(row, 4), row.GetInt64(5)));

    private static DateTimeOffset? OptionalTime(NpgsqlDataReader row, int column) =>
        row.IsDBNull(column) ? null : EventTime.FromMicroseconds(row.GetInt64(column));

    private static Digest256 Digest(NpgsqlDataReader row, int column) => Digest256.FromBytes(row.GetFieldValue<byte[]>(column));

    private static NpgsqlBatchCommand Command(string sql, params ReadOnlySpan<NpgsqlParameter> parameters)
    {
        var command = new NpgsqlBatchCommand(sql);
        foreach (var parameter in parameters) command.Parameters.Add(parameter);
        return command;
    }

    private static NpgsqlParameter<TColumn[]> Column<T, TColumn>(T[] questions, Func<T, TColumn> of) =>
        new() { TypedValue = Array.ConvertAll(questions, question => of(question)) };
}
