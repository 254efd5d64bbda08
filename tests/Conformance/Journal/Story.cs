using System.Collections.Immutable;
using ArtifactStore.Interfaces.Canonical;
using ArtifactStore.Interfaces.Contents;
using ArtifactStore.Interfaces.Events;
using ArtifactStore.Interfaces.Hashing;
using ArtifactStore.Interfaces.Ids;
using ArtifactStore.Interfaces.Journal;
using ArtifactStore.Interfaces.Retention;

namespace ArtifactStore.Conformance.Journal;

/// <summary>Writes appends the way grains do, so that tests say what happens and not how a record is filled.</summary>
public sealed class Story(int seed = 1)
{
    public const string Actor = "tester";
    public static readonly DateTimeOffset Time = new(2026, 11, 20, 12, 0, 0, 123, 456, TimeSpan.Zero);
    public static readonly TenantId Tenant = TenantId.Default;
    public static readonly BackendId Backend = BackendId.Local;

    private readonly Random _random = new(seed);
    private readonly Lock _randomLock = new();

    public Guid NextGuid()
    {
        Span<byte> bytes = stackalloc byte[16];
        lock (_randomLock) _random.NextBytes(bytes);
        return new(bytes);
    }

    public PackageId NewPackageId() => new(NextGuid());

    public AttemptId NewAttempt() => new(NextGuid());

    public ContentDigests NewContent(long size = 7) => Content(NextGuid().ToString(), size);

    public static ContentDigests Content(string text, long size = 7)
    {
        var bytes = System.Text.Encoding.UTF8.GetBytes(text);
        return new(
            Digest256.FromBytes(Blake3.Hash(bytes)), Digest256.FromBytes(System.Security.Cryptography.SHA256.HashData(bytes)), size);
    }

    public static RelativePath Path(string text) =>
        RelativePath.TryCreate(text, out var path) is { } reason ? throw new ArgumentException(reason, nameof(text)) : path!;

    public static CanonicalDocument Metadata(string json) =>
        CanonicalDocument.TryFromJson(System.Text.Encoding.UTF8.GetBytes(json), CanonicalLimits.Default, out var document, out var error)
            ? document
            : throw new ArgumentException(error, nameof(json));

    public Append Append(StreamId stream, StoreEvent body, params Condition[] conditions) =>
        new(new(NextGuid()), stream.Tenant, Actor, [new(stream, Time, body)], [.. conditions], []);

    public Append CreatePackage(
        PackageId id, string producer = "ci", string subject = "app", string retentionClass = "raw-evidence", string metadata = "{}")
    {
        var stream = StreamId.Of(Tenant, id);
        ImmutableArray<StreamEvent> events =
        [
            new(stream, Time, new PackageCreated("build", producer, subject, retentionClass, Backend, Metadata(metadata), null)),
            new(stream, Time, new RetentionDefaultApplied(retentionClass, Time.AddDays(90))),
        ];
        return new(new(NextGuid()), Tenant, Actor, events, [new Condition.StreamAt(stream, 0)], []);
    }

    /// <summary>The file of a content that is live already.</summary>
    public Append Link(PackageId package, string path, ContentDigests content) => new(
        new(NextGuid()), Tenant, Actor, [Ingested(package, path, content)],
        [
            new Condition.PackageOpen(Tenant, package),
            new Condition.PathFree(Tenant, package, Path(path)),
            new Condition.LocationLive(Tenant, Backend, content.Blake3),
        ],
        []);

    /// <summary>The file whose bytes I brought: settle and refer in one.</summary>
    public Append SettleAndIngest(PackageId package, string path, Reservation mine) => new(
        new(NextGuid()), Tenant, Actor, [Settled(mine), Ingested(package, path, mine.Content)],
        [
            new Condition.PackageOpen(Tenant, package),
            new Condition.PathFree(Tenant, package, Path(path)),
            new Condition.MaySettle(mine),
        ],
        [Drop(mine)]);

    public Append Settle(Reservation mine) =>
        new(new(NextGuid()), Tenant, Actor, [Settled(mine)], [new Condition.MaySettle(mine)], [Drop(mine)]);

    public Append SettleAndFinalize(PackageId package, long version, Reservation manifest, long files, long bytes) => new(
        new(NextGuid()), Tenant, Actor,
        [
            Settled(manifest),
            new(StreamId.Of(Tenant, package), Time, new PackageFinalized(manifest.Content, Backend, files, bytes)),
        ],
        [
            new Condition.PackageOpen(Tenant, package),
            new Condition.StreamAt(StreamId.Of(Tenant, package), version),
            new Condition.MaySettle(manifest),
        ],
        [Drop(manifest)]);

    /// <summary>A reservation, whoever's, becomes condemned.</summary>
    public Append CondemnReservation(Reservation reservation) => new(
        new(NextGuid()), Tenant, Actor,
        [
            new(
                StreamId.Of(Tenant, reservation.Content.Blake3), Time,
                new LocationCondemned(Backend, reservation.Content.Blake3, reservation.Generation, reservation.PhysicalKey, "abandoned")),
        ],
        [new Condition.ReservationExists(Tenant, Backend, reservation.Content.Blake3, reservation.Generation)],
        [Drop(reservation)]);

    /// <summary>A key that no row knows is condemned under this number.</summary>
    public Append CondemnOrphan(Digest256 content, int generation, string key) => Append(
        StreamId.Of(Tenant, content), new LocationCondemned(Backend, content, generation, key, "an object that no row knew"),
        new Condition.GenerationFree(Tenant, Backend, content, generation), new Condition.NotAllHeld(Tenant));

    /// <summary>A failed generation beside one that is live.</summary>
    public Append CondemnReplaced(LocationView failed) => new(
        new(NextGuid()), Tenant, Actor,
        [
            new(
                StreamId.Of(Tenant, failed.Content), Time,
                new LocationCondemned(failed.Backend, failed.Content, failed.Generation, failed.PhysicalKey, "healed")),
        ],
        [
            new Condition.LocationIs(Tenant, failed.Backend, failed.Content, failed.Generation, LocationState.Failed),
            new Condition.LocationLive(Tenant, failed.Backend, failed.Content),
        ],
        []);

    public Append Verify(LocationView live) => Append(
        StreamId.Of(Tenant, live.Content), new LocationVerified(live.Backend, live.Content, live.Generation),
        new Condition.LocationIs(Tenant, live.Backend, live.Content, live.Generation, LocationState.Live));

    public Append CondemnLocation(LocationView location, LocationState expected) => new(
        new(NextGuid()), Tenant, Actor,
        [
            new(
                StreamId.Of(Tenant, location.Content), Time,
                new LocationCondemned(location.Backend, location.Content, location.Generation, location.PhysicalKey, "unreferenced")),
        ],
        [
            new Condition.LocationIs(Tenant, location.Backend, location.Content, location.Generation, expected),
            new Condition.NotKept(Tenant, location.Backend, location.Content),
        ],
        []);

    /// <summary>As the run of a plan does it: it is still what the plan saw.</summary>
    public Append StartPlanned(PlanId plan, PackageId package, long version)
    {
        var start = StartCollection(package);
        var stream = StreamId.Of(Tenant, package);
        return start with
        {
            Events = [new(stream, Time, new CollectionStarted(plan.ToString()))],
            Conditions = [.. start.Conditions, new Condition.StreamAt(stream, version)],
        };
    }

    /// <summary>The next event of a plan.</summary>
    public Append OfPlan(PlanId plan, long version, StoreEvent body) =>
        Append(StreamId.Of(Tenant, plan), body, new Condition.StreamAt(StreamId.Of(Tenant, plan), version));

    public Append StartCollection(PackageId package, string producer = "ci", string subject = "app") => Append(
        StreamId.Of(Tenant, package), new CollectionStarted(null),
        new Condition.PackageNotHeld(Tenant, package, producer, subject), new Condition.EligibilityIs(Tenant, package, true));

    /// <summary>The last reference goes, and the bytes with it.</summary>
    public Append ReleaseLast(Keeper keeper, LocationView location) => Append(
        StreamId.Of(Tenant, location.Content),
        new LocationCondemned(location.Backend, location.Content, location.Generation, location.PhysicalKey, "released") { Releases = keeper },
        new Condition.PackageCollecting(Tenant, keeper.Package),
        new Condition.NotAllHeld(Tenant),
        new Condition.KeptOnlyBy(Tenant, location.Backend, location.Content, keeper),
        new Condition.LocationIs(Tenant, location.Backend, location.Content, location.Generation, location.State));

    /// <summary>A reference goes, and others keep the bytes.</summary>
    public Append ReleaseBeside(Keeper keeper, LocationView location) => Append(
        StreamId.Of(Tenant, keeper.Package),
        new LocationDeleted(location.Backend, location.Content, BytesDeleted: false) { File = keeper.File, FileKey = keeper.FileKey },
        new Condition.PackageCollecting(Tenant, keeper.Package),
        new Condition.KeptBeside(Tenant, location.Backend, location.Content, keeper));

    public Append ReportDeleted(Keeper keeper, LocationView location) => Append(
        StreamId.Of(Tenant, keeper.Package),
        new LocationDeleted(location.Backend, location.Content, BytesDeleted: true)
        {
            Generation = location.Generation,
            File = keeper.File,
            FileKey = keeper.FileKey,
        },
        new Condition.LocationIs(Tenant, location.Backend, location.Content, location.Generation, LocationState.Condemned));

    public Append EndCollection(PackageId package) =>
        Append(StreamId.Of(Tenant, package), new PackageCollected(), new Condition.NothingLeft(Tenant, package));

    public Append Fail(ContentDigests content, int generation = 1) => new(
        new(NextGuid()), Tenant, Actor,
        [new(StreamId.Of(Tenant, content.Blake3), Time, new LocationFailed(Backend, content.Blake3, generation, "bytes are missing"))],
        [new Condition.LocationIs(Tenant, Backend, content.Blake3, generation, LocationState.Live)],
        []);

    public Append Extend(PackageId package, DateTimeOffset expiresAt) => Append(
        StreamId.Of(Tenant, package), new RetentionExtended(expiresAt, "needed longer"), new Condition.ExpiryBefore(Tenant, package, expiresAt));

    /// <summary>On the package's stream when it covers one, else on its own.</summary>
    public Append Hold(HoldId hold, HoldKind kind, string covers, DateTimeOffset? until = null) => Append(
        kind == HoldKind.Package ? new(Tenant, SubjectKind.Package, covers) : StreamId.Of(Tenant, hold),
        new HoldApplied(hold, kind, covers, "litigation", "legal", until),
        kind == HoldKind.Package
            ? [new Condition.HoldIdFree(Tenant, hold), new Condition.PackageStands(Tenant, PackageId.Parse(covers, null))]
            : kind == HoldKind.Content
            ? [new Condition.HoldIdFree(Tenant, hold), new Condition.LocationLive(Tenant, Backend, Digest256.TryParseHex(covers, out var digest) ? digest : default)]
            : [new Condition.HoldIdFree(Tenant, hold)]);

    public Append Release(HoldId hold, HoldKind kind, string covers, long? key = null) => Append(
        kind == HoldKind.Package ? new(Tenant, SubjectKind.Package, covers) : StreamId.Of(Tenant, hold),
        new HoldReleased(hold, "settled"),
        new Condition.HoldStands(Tenant, hold, kind, covers, key));

    public Append MarkExpired(PackageId package, DateTimeOffset? expiresAt, string producer = "ci", string subject = "app") => Append(
        StreamId.Of(Tenant, package), new DeletionEligible(EligibilityCause.Expired, null),
        new Condition.PackageNotHeld(Tenant, package, producer, subject),
        new Condition.EligibilityIs(Tenant, package, false),
        new Condition.ExpiryIs(Tenant, package, expiresAt));

    public StreamEvent Ingested(PackageId package, string path, ContentDigests content) => new(
        StreamId.Of(Tenant, package), Time,
        new FileIngested(new(NextGuid()), Path(path), MediaType.OctetStream, Backend, content));

    public static StreamEvent Settled(Reservation mine) => new(
        StreamId.Of(mine.Tenant, mine.Content.Blake3), Time,
        new LocationSettled(mine.Backend, mine.Content, mine.Generation, mine.PhysicalKey, "identity"));

    public static WorkChange Drop(Reservation r) => new WorkChange.DropReservation(r.Tenant, r.Backend, r.Content.Blake3, r.Generation);

    public ReserveContent Reserve(ContentDigests content, bool takeOver = false) => new(Tenant, Backend, content, NewAttempt(), takeOver);
}
