using ArtifactStore.Interfaces.Contents;
using ArtifactStore.Interfaces.Events;
using ArtifactStore.Interfaces.Hashing;
using ArtifactStore.Interfaces.Ids;
using ArtifactStore.Interfaces.Journal;
using ArtifactStore.Interfaces.Packages;
using ArtifactStore.Interfaces.Retention;

namespace ArtifactStore.Simulation.Tests.Model;

/// <summary>
/// What the log may say, from the log alone: contents, references, holds, packages, locations, generations. It shares no code with a journal; an
/// event that the rules forbid is a broken invariant.
/// </summary>
internal sealed class ReferenceModel
{
    private readonly HashSet<string> _keys = [];

    public Dictionary<PackageId, ModelPackage> Packages { get; } = [];

    public Dictionary<HoldId, HoldApplied> Holds { get; } = [];

    public Dictionary<Keeper, (BackendId Backend, Digest256 Content)> References { get; } = [];

    public Dictionary<(BackendId Backend, Digest256 Content, int Generation), ModelLocation> Locations { get; } = [];

    /// <summary>Live when the hold on everything came that stands; null: none stands.</summary>
    public HashSet<string>? UnderBackup { get; private set; }

    public bool IsKept(BackendId backend, Digest256 content) =>
        References.ContainsValue((backend, content))
        || Holds.Values.Any(hold => hold.Kind == HoldKind.Content && hold.Covers == content.ToHex());

    public ModelLocation? Live(BackendId backend, Digest256 content)
    {
        foreach (var (where, location) in Locations)
        {
            if (location.State == LocationState.Live && where.Content == content && where.Backend == backend) return location;
        }
        return null;
    }

    public bool IsStanding(PackageId package) => Packages.TryGetValue(package, out var known) && known.IsStanding;

    public void Apply(StreamEvent @event, long sequence)
    {
        switch (@event.Body)
        {
            case LocationSettled settled:
                Settle(settled);
                break;
            case LocationCondemned condemned:
                Condemn(condemned);
                break;
            case HoldApplied hold:
                if (hold.Kind == HoldKind.Package && !IsStanding(PackageId.Parse(hold.Covers, null)))
                    throw new BrokenInvariantException(Invariants.HeldStays, $"hold {hold.Hold} binds a package that goes already");
                Holds.Add(hold.Hold, hold);
                if (hold.Kind == HoldKind.Everything)
                    UnderBackup ??= [.. Locations.Values.Where(location => location.State == LocationState.Live).Select(location => location.Key)];
                break;
            case HoldReleased released:
                Holds.Remove(released.Hold);
                if (!IsAllHeld) UnderBackup = null;
                break;
            case LocationDeleted deleted when @event.Stream.Kind == SubjectKind.Content:
                Delete(deleted);
                break;
            default:
                if (@event.Stream.Kind == SubjectKind.Package) ApplyToPackage(PackageId.Parse(@event.Stream.Id, null), @event.Body, sequence);
                break;
        }
    }

    /// <summary>In the words in which the store dumps its views.</summary>
    public IEnumerable<string> Dump()
    {
        var packages = Packages.Select(pair =>
            $"package {pair.Key} {pair.Value.Status} files={pair.Value.Files.Count} left={pair.Value.Left} eligible={pair.Value.IsEligible}");
        var locations = Locations.Select(pair =>
            $"location {pair.Key.Backend} {pair.Key.Content.ToHex()} {pair.Key.Generation} {pair.Value.State} {pair.Value.Key}");
        var references = References.Select(pair => $"reference {pair.Value.Content.ToHex()} in {pair.Value.Backend} by {pair.Key}");
        var held = Holds.Values.Where(hold => hold.Kind == HoldKind.Content).Select(hold => $"reference {hold.Covers} in  by hold {hold.Hold}");
        var holds = Holds.Values.Select(hold => $"hold {hold.Hold} on {hold.Kind} {hold.Covers}");
        return packages.Concat(locations).Concat(references).Concat(held).Concat(holds).Order(StringComparer.Ordinal);
    }

    private bool IsAllHeld => Holds.Values.Any(hold => hold.Kind == HoldKind.Everything);

    private void ApplyToPackage(PackageId id, StoreEvent body, long sequence)
    {
        if (body is PackageCreated made)
        {
            Packages.Add(id, new() { Producer = made.Producer, Subject = made.Subject });
            return;
        }
        var package = Packages[id];
        switch (body)
        {
            case FileIngested file:
                if (package.Status != PackageStatus.Created || !package.Files.TryAdd(file.Path.Value, file.Content.Blake3))
                    throw new BrokenInvariantException(Invariants.AnsweredStays, $"package {id} took {file.Path} although it is {package.Status}");
                References.Add(new(id, file.FileId, sequence), (file.Backend, file.Content.Blake3));
                break;
            case PackageFinalized finalized:
                if (finalized.FileCount != package.Files.Count)
                    throw new BrokenInvariantException(Invariants.CountsAreProved, $"package {id} has {package.Files.Count} files, its manifest {finalized.FileCount}");
                (package.Status, package.HasManifest) = (PackageStatus.Finalized, true);
                References.Add(new(id), (finalized.Backend, finalized.Manifest.Blake3));
                break;
            case DeletionEligible:
                RefuseHeld(id, package, "is marked");
                package.IsEligible = true;
                break;
            case RetentionExtended:
                package.IsEligible = false;
                break;
            case CollectionStarted:
                RefuseHeld(id, package, "is collected");
                if (!package.IsStanding || !package.IsEligible)
                    throw new BrokenInvariantException(Invariants.AnsweredStays, $"the collection of {id} began, which nobody had asked for");
                package.Status = PackageStatus.Collecting;
                break;
            case LocationDeleted deleted:
                package.Released++;
                if (deleted.BytesDeleted) Delete(deleted);
                else Release(new(id, deleted.File, deleted.FileKey));
                break;
            case PackageCollected:
                if (package.Left > 0) throw new BrokenInvariantException(Invariants.EndIsTold, $"{id} ended with {package.Left} left");
                package.Status = PackageStatus.GarbageCollected;
                break;
        }
    }

    private void Settle(LocationSettled settled)
    {
        var content = settled.Content.Blake3;
        if (Live(settled.Backend, content) is { } other)
            throw new BrokenInvariantException(Invariants.KeyIsWrittenOnce, $"{settled.PhysicalKey} is live beside {other.Key}");
        var location = new ModelLocation(settled.PhysicalKey, LocationState.Live, WasLive: true);
        if (!_keys.Add(settled.PhysicalKey) || !Locations.TryAdd((settled.Backend, content, settled.Generation), location))
            throw new BrokenInvariantException(Invariants.KeyIsWrittenOnce, $"{settled.PhysicalKey}, generation {settled.Generation}, comes again");
    }

    /// <summary>Nothing keeps it but the reference that goes with it. A reservation that never settled had nobody to keep it.</summary>
    private void Condemn(LocationCondemned condemned)
    {
        var where = (condemned.Backend, condemned.Content, condemned.Generation);
        if (!Locations.TryGetValue(where, out var location))
        {
            if (!_keys.Add(condemned.PhysicalKey))
                throw new BrokenInvariantException(Invariants.KeyIsWrittenOnce, $"the reserved key {condemned.PhysicalKey} was used before");
            Locations.Add(where, new(condemned.PhysicalKey, LocationState.Condemned, WasLive: false));
            return;
        }
        Forward(where, location, LocationState.Condemned);
        if (condemned.Releases is { } keeper) Release(keeper);
        if (IsKept(condemned.Backend, condemned.Content))
            throw new BrokenInvariantException(Invariants.CondemnedIsUnkept, $"{condemned.PhysicalKey} is condemned, and something keeps it");
        if (IsAllHeld) throw new BrokenInvariantException(Invariants.HeldStays, $"{condemned.PhysicalKey} is condemned under a hold on everything");
    }

    private void Delete(LocationDeleted deleted)
    {
        var where = (deleted.Backend, deleted.Content, deleted.Generation!.Value);
        Forward(where, Locations[where], LocationState.Gone);
    }

    private void Forward((BackendId, Digest256, int) where, ModelLocation location, LocationState next)
    {
        if (location.State >= next)
            throw new BrokenInvariantException(Invariants.ForwardOnly, $"{location.Key} goes from {location.State} to {next}");
        Locations[where] = location with { State = next };
    }

    private void Release(Keeper keeper)
    {
        if (Packages[keeper.Package].Status != PackageStatus.Collecting || !References.Remove(keeper))
            throw new BrokenInvariantException(Invariants.AnsweredStays, $"the reference {keeper} was released without a right to");
    }

    private void RefuseHeld(PackageId id, ModelPackage package, string what)
    {
        foreach (var hold in Holds.Values)
        {
            var covers = hold.Kind switch
            {
                HoldKind.Everything => true,
                HoldKind.Package => hold.Covers == id.ToString(),
                HoldKind.Producer => (package.Producer + "/").StartsWith(hold.Covers + "/", StringComparison.Ordinal),
                HoldKind.Subject => (package.Subject + "/").StartsWith(hold.Covers + "/", StringComparison.Ordinal),
                _ => false,
            };
            if (covers) throw new BrokenInvariantException(Invariants.HeldStays, $"package {id} {what} under hold {hold.Hold} on {hold.Kind}");
        }
    }
}

internal sealed record ModelLocation(string Key, LocationState State, bool WasLive);

internal sealed class ModelPackage
{
    public required string Producer { get; init; }

    public required string Subject { get; init; }

    public Dictionary<string, Digest256> Files { get; } = [];

    public PackageStatus Status { get; set; } = PackageStatus.Created;

    public bool HasManifest { get; set; }

    public bool IsEligible { get; set; }

    public int Released { get; set; }

    public int Left => Files.Count + (HasManifest ? 1 : 0) - Released;

    public bool IsStanding => Status is PackageStatus.Created or PackageStatus.Finalized;
}
