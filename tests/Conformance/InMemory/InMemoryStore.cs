using ArtifactStore.Interfaces.Contents;
using ArtifactStore.Interfaces.Events;
using ArtifactStore.Interfaces.Hashing;
using ArtifactStore.Interfaces.Ids;
using ArtifactStore.Interfaces.Journal;
using ArtifactStore.Interfaces.MetadataSchemas;
using ArtifactStore.Interfaces.Packages;
using ArtifactStore.Interfaces.Retention;
using ArtifactStore.Interfaces.Views;

namespace ArtifactStore.Conformance.InMemory;

/// <summary>
/// Everything a journal knows, in dictionaries under one lock: the simplest thing that keeps the rules of design §5 and §6.
/// </summary>
public sealed partial class InMemoryStore
{
    internal static readonly Guid Id = new("6f1d3c52-8f0a-7b11-9f52-0c7a1e5b9d10");
    internal readonly Lock Gate = new();
    internal readonly List<(StreamEvent Event, string Actor, AppendId Append, long Version)> Log = [];
    internal readonly Dictionary<AppendId, AppendResult.Committed> Appends = [];
    internal readonly Dictionary<StreamId, long> Versions = [];
    internal readonly Dictionary<PackageId, (long Key, PackageView View)> Packages = [];
    internal readonly Dictionary<PackageId, SortedDictionary<string, FileView>> Files = [];
    internal readonly Dictionary<FileId, FileView> FilesById = [];
    internal readonly Dictionary<Digest256, (long Key, ContentDigests Digests)> Contents = [];
    internal readonly Dictionary<(TenantId, BackendId, Digest256), List<LocationView>> Locations = [];
    internal readonly SortedDictionary<long, (TenantId Tenant, BackendId Backend, Digest256 Content, int Generation)> LocationKeys = [];
    internal readonly Dictionary<(TenantId, BackendId, Digest256, int), DateTimeOffset> CheckedAt = [];
    internal readonly Dictionary<(TenantId, BackendId, Digest256), SortedDictionary<int, Reservation>> Settling = [];
    internal readonly Dictionary<(TenantId, string), RetentionClassView> Classes = [];
    internal readonly Dictionary<(TenantId, string), MetadataSchemaView> Schemas = [];
    internal readonly Dictionary<(TenantId, HoldId), HoldView> Holding = [];
    internal readonly Dictionary<(TenantId, string, string), IdempotencyEntry> IdempotencyKeys = [];
    internal readonly List<MemoryReference> References = [];
    internal readonly Dictionary<PackageId, long> Released = [];
    internal readonly Dictionary<(TenantId, BackendId, Digest256, int), Keeper> ReleasedBy = [];
    internal readonly Dictionary<(TenantId, Digest256), long> Candidates = [];
    internal TaskCompletionSource Grown = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public InMemoryStore()
    {
        foreach (var known in RetentionClasses.Seed) Classes.Add((TenantId.Default, known.Slug), known);
    }

    internal bool Holds(Condition condition) => condition switch
    {
        Condition.StreamAt at => Versions.GetValueOrDefault(at.Stream) == at.Version,
        Condition.PackageOpen open => Package(open.Tenant, open.Package) is { Status: PackageStatus.Created },
        Condition.PathFree free => Package(free.Tenant, free.Package) is null || !Files[free.Package].ContainsKey(free.Path.Value),
        Condition.LocationLive live => Live(live.Tenant, live.Backend, live.Content) is not null,
        Condition.MaySettle(var mine) => Live(mine.Tenant, mine.Backend, mine.Content.Blake3) is null
            && Reservations(mine.Tenant, mine.Backend, mine.Content.Blake3)
                .TryGetValue(mine.Generation, out var row) && row.Owner == mine.Owner,
        Condition.LocationIs location => Of(location.Tenant, location.Backend, location.Content)
            .Any(row => row.Generation == location.Generation && row.State == location.State),
        Condition.ReservationExists row => Reservations(row.Tenant, row.Backend, row.Content).ContainsKey(row.Generation),
        Condition.GenerationFree free => !Reservations(free.Tenant, free.Backend, free.Content).ContainsKey(free.Generation)
            && Of(free.Tenant, free.Backend, free.Content).All(row => row.Generation != free.Generation),
        Condition.ExpiryBefore expiry => Kept(expiry.Tenant, expiry.Package) is { ExpiresAt: { } at } && at < EventTime.Cut(expiry.Time),
        Condition.ExpiryIs expiry => Kept(expiry.Tenant, expiry.Package) is { } kept
            && kept.ExpiresAt == (expiry.Time is { } time ? EventTime.Cut(time) : null),
        Condition.EligibilityIs wanted => Kept(wanted.Tenant, wanted.Package) is { } kept && kept.Eligible is not null == wanted.Eligible,
        Condition.PackageNotHeld gate => !HoldsOn(gate.Tenant, gate.Package, gate.Producer, gate.Subject).Any(),
        Condition.PackageStands stands => Kept(stands.Tenant, stands.Package) is not null,
        Condition.PackageCollecting going => Package(going.Tenant, going.Package) is { Status: PackageStatus.Collecting },
        Condition.NothingLeft none => Package(none.Tenant, none.Package) is { Status: PackageStatus.Collecting } view && Left(view) == 0,
        Condition.KeptOnlyBy only => Keepers(only.Tenant, only.Backend, only.Content).ToList() is [var one] && one.Keeper == only.Keeper,
        Condition.KeptBeside beside => Keepers(beside.Tenant, beside.Backend, beside.Content).ToList() is { Count: > 1 } all
            && all.Exists(row => row.Keeper == beside.Keeper),
        Condition.NotKept free => !Keepers(free.Tenant, free.Backend, free.Content).Any(),
        Condition.NotAllHeld free => !Holding.Values.Any(hold => hold.Tenant == free.Tenant && hold.Kind == HoldKind.Everything),
        Condition.HoldIdFree free => !Holding.ContainsKey((free.Tenant, free.Hold)),
        Condition.HoldStands stands => Holding.TryGetValue((stands.Tenant, stands.Hold), out var hold)
            && (hold.Kind, hold.Covers) == (stands.Kind, stands.Covers) && (stands.Key is null || stands.Key == hold.Key),
        Condition.IdempotencyKeyFree free => !IdempotencyKeys.ContainsKey((free.Tenant, free.Actor, free.Key)),
        _ => throw new InvalidOperationException($"{condition.GetType().Name} is not a condition of this journal"),
    };

    internal void Apply(Append append)
    {
        Check(append);
        foreach (var given in append.Events)
        {
            var microseconds = given.Time.UtcTicks / TimeSpan.TicksPerMicrosecond;
            var @event = given with { Time = new(microseconds * TimeSpan.TicksPerMicrosecond, TimeSpan.Zero) };
            var version = Versions[@event.Stream] = Versions.GetValueOrDefault(@event.Stream) + 1;
            Log.Add((@event, append.Actor, append.Id, version));
            Apply(@event, append.Actor, version, Log.Count);
        }
        foreach (var change in append.Work)
        {
            switch (change)
            {
                case WorkChange.DropReservation drop:
                    Reservations(drop.Tenant, drop.Backend, drop.Content).Remove(drop.Generation);
                    break;
                case WorkChange.DropCandidate drop:
                    if (Candidates.GetValueOrDefault((drop.Tenant, drop.Content)) == drop.QueuedBy) Candidates.Remove((drop.Tenant, drop.Content));
                    break;
                case WorkChange.RememberIdempotencyKey(var entry):
                    IdempotencyKeys.Add((entry.Tenant, entry.Actor, entry.Key), entry);
                    break;
            }
        }
    }

    /// <summary>A hold covers what has its very name, or that name and a slash before more.</summary>
    internal IEnumerable<HoldView> HoldsOn(TenantId tenant, PackageId package, string producer, string subject) =>
        Holding.Values.Where(hold => hold.Tenant == tenant && hold.Kind switch
        {
            HoldKind.Everything => true,
            HoldKind.Package => hold.Covers == package.ToString(),
            HoldKind.Producer => producer == hold.Covers || producer.StartsWith(hold.Covers + "/", StringComparison.Ordinal),
            HoldKind.Subject => subject == hold.Covers || subject.StartsWith(hold.Covers + "/", StringComparison.Ordinal),
            _ => false,
        });

    private PackageView? Kept(TenantId tenant, PackageId package) =>
        Package(tenant, package) is { Status: PackageStatus.Created or PackageStatus.Finalized } view ? view : null;

    internal long Left(PackageView package) =>
        package.FileCount + (package.Manifest is null ? 0 : 1) - Released.GetValueOrDefault(package.Id);

    internal IEnumerable<MemoryReference> Keepers(TenantId tenant, BackendId backend, Digest256 content) => References.Where(
        row => row.Tenant == tenant && row.Content == content && (row.Backend is null || row.Backend == backend));

    /// <summary>The plan whose run collects a package.</summary>
    internal string? StartedBy(PackageId package) =>
        Log.Where(line => line.Event.Stream.Id == package.ToString()).Select(line => line.Event.Body).OfType<CollectionStarted>()
            .SingleOrDefault()?.Plan;

    internal PackageView? Package(TenantId tenant, PackageId id) =>
        Packages.TryGetValue(id, out var row) && row.View.Tenant == tenant ? row.View : null;

    internal List<LocationView> Of(TenantId tenant, BackendId backend, Digest256 content) =>
        Locations.TryGetValue((tenant, backend, content), out var rows) ? rows : Locations[(tenant, backend, content)] = [];

    internal LocationView? Live(TenantId tenant, BackendId backend, Digest256 content) =>
        Of(tenant, backend, content).FirstOrDefault(row => row.State == LocationState.Live);

    internal SortedDictionary<int, Reservation> Reservations(TenantId tenant, BackendId backend, Digest256 content) =>
        Settling.TryGetValue((tenant, backend, content), out var rows) ? rows : Settling[(tenant, backend, content)] = [];

    /// <summary>A reference to a content that was never settled anywhere is a bug of the caller: nothing of it is written.</summary>
    private void Check(Append append)
    {
        var settled = append.Events.Select(@event => @event.Body).OfType<LocationSettled>().Select(body => body.Content.Blake3).ToHashSet();
        foreach (var @event in append.Events)
        {
            if (@event.Body is ContentMoved moved && moved.From == moved.To) throw new InvalidOperationException("a content moves to another backend");
            var referred = @event.Body switch
            {
                FileIngested file => file.Content.Blake3,
                PackageFinalized finalized => finalized.Manifest.Blake3,
                _ => (Digest256?)null,
            };
            if (referred is { } content && !Contents.ContainsKey(content) && !settled.Contains(content))
            {
                throw new InvalidOperationException("a reference to a content that was never settled");
            }
        }
    }

    private void Apply(StreamEvent @event, string actor, long version, long sequence)
    {
        var tenant = @event.Stream.Tenant;
        if (@event.Stream.Kind == SubjectKind.Package) ApplyToPackage(@event, actor, version, sequence);
        switch (@event.Body)
        {
            case FileIngested file:
                Contents.TryAdd(file.Content.Blake3, (sequence, file.Content));
                References.Add(new(
                    tenant, file.Content.Blake3, file.Backend, new(PackageId.Parse(@event.Stream.Id, null), file.FileId, sequence), null));
                break;
            case PackageFinalized finalized:
                Contents.TryAdd(finalized.Manifest.Blake3, (sequence, finalized.Manifest));
                References.Add(new(tenant, finalized.Manifest.Blake3, finalized.Backend, new(PackageId.Parse(@event.Stream.Id, null)), null));
                break;
            case LocationSettled settled:
                Contents.TryAdd(settled.Content.Blake3, (sequence, settled.Content));
                LocationKeys.Add(sequence, (tenant, settled.Backend, settled.Content.Blake3, settled.Generation));
                CheckedAt[(tenant, settled.Backend, settled.Content.Blake3, settled.Generation)] = @event.Time;
                Put(tenant, new(
                    settled.Backend, settled.Content.Blake3, settled.Generation, settled.PhysicalKey, LocationState.Live,
                    settled.Encoding));
                break;
            case LocationCondemned condemned:
                // A reservation that never settled has a row from now on.
                if (!Of(tenant, condemned.Backend, condemned.Content).Exists(known => known.Generation == condemned.Generation))
                    LocationKeys.Add(sequence, (tenant, condemned.Backend, condemned.Content, condemned.Generation));
                Put(tenant, new(
                    condemned.Backend, condemned.Content, condemned.Generation, condemned.PhysicalKey, LocationState.Condemned,
                    "identity"));
                if (condemned.Releases is not { } keeper) break;
                References.RemoveAll(row => row.Keeper == keeper);
                ReleasedBy[(tenant, condemned.Backend, condemned.Content, condemned.Generation)] = keeper;
                break;
            case LocationDeleted deleted:
                Delete(tenant, @event.Stream, deleted);
                break;
            case ContentMoved moved:
                for (var i = 0; i < References.Count; i++)
                {
                    if (References[i].Tenant != tenant || References[i].Content != moved.Content || References[i].Backend != moved.From) continue;
                    References[i] = References[i] with { Backend = moved.To };
                    if (References[i].Keeper is not { File: { } file }) continue;
                    var there = FilesById[file] with { Backend = moved.To };
                    FilesById[file] = there;
                    Files[there.Package][there.Path.Value] = there;
                }
                Candidates[(tenant, moved.Content)] = sequence;
                break;
            case LocationFailed failed:
                var row = Of(tenant, failed.Backend, failed.Content).Single(row => row.Generation == failed.Generation);
                Put(tenant, row with { State = LocationState.Failed });
                break;
            case HoldApplied hold:
                Holding.Add((tenant, hold.Hold), new(
                    sequence, tenant, hold.Hold, hold.Kind, hold.Covers, hold.Reason, hold.Owner, @event.Time,
                    hold.Until is { } until ? EventTime.Cut(until) : null));
                if (hold.Kind == HoldKind.Content)
                    References.Add(new(tenant, Digest256.TryParseHex(hold.Covers, out var held) ? held : default, null, null, hold.Hold));
                break;
            case HoldReleased released:
                if (!Holding.Remove((tenant, released.Hold))) throw new InvalidOperationException("the hold does not stand");
                foreach (var reference in References.Where(kept => kept.Tenant == tenant && kept.Hold == released.Hold).ToList())
                {
                    References.Remove(reference);
                    Candidates[(tenant, reference.Content)] = sequence;
                }
                break;
            case LocationVerified verified:
                CheckedAt[(tenant, verified.Backend, verified.Content, verified.Generation)] = @event.Time;
                break;
            case RetentionClassDefined defined:
                Classes[(tenant, defined.Slug)] = new(defined.Slug, defined.DefaultDurationSeconds, defined.Description);
                break;
            case MetadataSchemaRegistered registered:
                Schemas.Add((tenant, registered.Slug), new(registered.Slug, registered.Schema, @event.Time, actor));
                break;
        }
    }

    private void Delete(TenantId tenant, StreamId stream, LocationDeleted deleted)
    {
        if (deleted.Generation is { } generation)
        {
            var row = Of(tenant, deleted.Backend, deleted.Content).Single(row => row.Generation == generation);
            Put(tenant, row with { State = LocationState.Gone });
        }
        if (stream.Kind != SubjectKind.Package) return;
        var package = PackageId.Parse(stream.Id, null);
        Released[package] = Released.GetValueOrDefault(package) + 1;
        if (!deleted.BytesDeleted) References.RemoveAll(row => row.Keeper == new Keeper(package, deleted.File, deleted.FileKey));
    }

    private void Put(TenantId tenant, LocationView location)
    {
        var rows = Of(tenant, location.Backend, location.Content);
        rows.RemoveAll(row => row.Generation == location.Generation);
        rows.Add(location);
        if (rows.Count(row => row.State == LocationState.Live) > 1)
        {
            throw new InvalidOperationException("two live locations in one backend");
        }
    }

    private void ApplyToPackage(StreamEvent @event, string actor, long version, long sequence)
    {
        var id = PackageId.Parse(@event.Stream.Id, null);
        if (@event.Body is PackageCreated made)
        {
            Files.Add(id, new(PathOrder.Instance));
            Packages.Add(id, (sequence, new(
                @event.Stream.Tenant, id, made.Name, made.Producer, made.Subject, made.RetentionClass, PackageStatus.Created, made.Backend,
                made.Metadata, made.MetadataSchema, @event.Time, actor, null, 0, 0, null, null, version, sequence)));
            return;
        }
        var (key, view) = Packages[id];
        switch (@event.Body)
        {
            case RetentionDefaultApplied applied:
                view = view with { ExpiresAt = applied.ExpiresAt };
                break;
            case RetentionExtended extended:
                view = view with { ExpiresAt = EventTime.Cut(extended.ExpiresAt), Eligible = null };
                break;
            case DeletionEligible eligible:
                view = view with { Eligible = new(@event.Time, eligible.Cause, eligible.Reason) };
                break;
            case CollectionStarted:
                view = view with { Status = PackageStatus.Collecting };
                break;
            case PackageCollected:
                view = view with { Status = PackageStatus.GarbageCollected };
                break;
            case FileIngested file:
                var row = new FileView(file.FileId, id, file.Path, file.MediaType, file.Backend, file.Content, @event.Time, actor);
                Files[id].Add(file.Path.Value, row);
                FilesById.Add(file.FileId, row);
                view = view with { FileCount = view.FileCount + 1, TotalBytes = view.TotalBytes + file.Content.Size };
                break;
            case PackageFinalized finalized:
                view = view with { Status = PackageStatus.Finalized, Manifest = finalized.Manifest, FinalizedAt = @event.Time };
                break;
        }
        Packages[id] = (key, view with { Version = version, LastEventSequence = sequence });
    }

    /// <summary>Byte order of UTF-8, which differs from the order of UTF-16 above the surrogates.</summary>
    private sealed class PathOrder : IComparer<string>
    {
        public static readonly PathOrder Instance = new();

        public int Compare(string? x, string? y)
        {
            if (x is null || y is null) throw new ArgumentNullException(nameof(x));
            var common = x.AsSpan().CommonPrefixLength(y);
            if (common == x.Length || common == y.Length) return x.Length - y.Length;
            // Only a surrogate stands for more than U+FFFF, and so sorts after everything that is none.
            var (left, right) = (x[common], y[common]);
            return char.IsSurrogate(left) == char.IsSurrogate(right) ? left - right : char.IsSurrogate(left) ? 1 : -1;
        }
    }
}

/// <param name="Tenant">Whose content it is.</param>
/// <param name="Content">Its BLAKE3.</param>
/// <param name="Backend">Where the bytes are needed; null: anywhere.</param>
/// <param name="Keeper">A file or a manifest.</param>
/// <param name="Hold">A hold on the content.</param>
internal sealed record MemoryReference(TenantId Tenant, Digest256 Content, BackendId? Backend, Keeper? Keeper, HoldId? Hold);
