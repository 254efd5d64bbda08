using System.Collections.Immutable;
using ArtifactStore.Grains.Contents;
using ArtifactStore.Grains.Journaling;
using ArtifactStore.Grains.Retention;
using ArtifactStore.Interfaces.Contents;
using ArtifactStore.Interfaces.Errors;
using ArtifactStore.Interfaces.Events;
using ArtifactStore.Interfaces.Ids;
using ArtifactStore.Interfaces.Journal;
using ArtifactStore.Interfaces.Packages;
using ArtifactStore.Interfaces.Retention;
using PackageDecision = ArtifactStore.Grains.Journaling.Decision<
    ArtifactStore.Grains.Packages.PackageState, ArtifactStore.Interfaces.Packages.PackageAnswer>;

namespace ArtifactStore.Grains.Packages;

/// <summary>
/// The rules of a package. Pure: the same state and command give the same decision, on any node, at any time.
/// A package is created once, takes files while it is open, never replaces one, and after it is finalized never changes.
/// </summary>
public static class PackageDecider
{
    /// <summary>
    /// The class was looked up and the metadata checked before; neither is decided on a version, so both are part of the command.
    /// </summary>
    public static PackageDecision Decide(PackageState state, CreatePackage command, RetentionClassView retention)
    {
        if (state is PackageState.Existing existing)
        {
            return IsRepeat(existing.View, command)
                ? new PackageDecision.Unchanged(new PackageAnswer.Done(existing.View))
                : new PackageDecision.Rejected(ErrorCatalogue.PackageExists.With($"the package {command.Id} exists"));
        }
        var stream = StreamId.Of(command.Tenant, command.Id);
        var time = command.Time.CutToMicroseconds();
        var conditions = ImmutableArray.Create<Condition>(new Condition.StreamAt(stream, 0));
        var work = ImmutableArray<WorkChange>.Empty;
        if (command.IdempotencyKey is { } key)
        {
            conditions = conditions.Add(new Condition.IdempotencyKeyFree(command.Tenant, command.Actor, key));
            var entry = new IdempotencyEntry(command.Tenant, command.Actor, key, command.RequestDigest, command.Id.ToString(), time);
            work = [new WorkChange.RememberIdempotencyKey(entry)];
        }
        var created = new PackageCreated(
            command.Name, command.Producer, command.Subject, command.RetentionClass, command.Backend, command.Metadata,
            command.MetadataSchema);
        var expiry = new RetentionDefaultApplied(command.RetentionClass, Expiry.Of(time, retention.DefaultDurationSeconds));
        return Accept(
            new(
                command.AppendId, command.Tenant, command.Actor,
                [new(stream, time, created), new(stream, time, expiry)],
                conditions,
                work),
            Done);
    }

    public static PackageDecision Decide(PackageState state, IngestFile command)
    {
        if (state is not PackageState.Existing { View: var package }) return Unknown(command.Package);
        if (package.Status != PackageStatus.Created) return NotOpen(package);
        var stream = StreamId.Of(command.Tenant, command.Package);
        var time = command.Time.CutToMicroseconds();
        var claim = PlacementClaim.Of(command.Placement, command.Tenant, command.Content, time);
        var file = new FileView(
            command.FileId, command.Package, command.Path, command.MediaType, claim.Backend, command.Content, time, command.Actor);
        var ingested = new FileIngested(command.FileId, command.Path, command.MediaType, claim.Backend, command.Content);
        // No version: files commute, so eight uploads into one package never refuse each other.
        return Accept(
            new(
                command.AppendId, command.Tenant, command.Actor,
                claim.With(new StreamEvent(stream, time, ingested)),
                [
                    new Condition.PackageOpen(command.Tenant, command.Package),
                    new Condition.PathFree(command.Tenant, command.Package, command.Path),
                    claim.Condition,
                ],
                claim.Work),
            _ => new PackageAnswer.FileDone(file));
    }

    public static PackageDecision Decide(PackageState state, FinalizePackage command)
    {
        if (state is not PackageState.Existing { View: var package }) return Unknown(command.Package);
        if (package.Status == PackageStatus.Finalized) return new PackageDecision.Unchanged(new PackageAnswer.AlreadySo(package));
        if (package.Status != PackageStatus.Created) return NotOpen(package);
        // A version ahead of this state says that it misses files of another node: its counts must not go into the event.
        if (command.Version != package.Version) return new PackageDecision.Unchanged(new PackageAnswer.Stale());
        var stream = StreamId.Of(command.Tenant, command.Package);
        var time = command.Time.CutToMicroseconds();
        var claim = PlacementClaim.Of(command.Placement, command.Tenant, command.Manifest, time);
        var finalized = new PackageFinalized(command.Manifest, claim.Backend, package.FileCount, package.TotalBytes);
        return Accept(
            new(
                command.AppendId, command.Tenant, command.Actor,
                claim.With(new StreamEvent(stream, time, finalized)),
                [new Condition.StreamAt(stream, command.Version), claim.Condition],
                claim.Work),
            Done);
    }

    public static PackageState Evolve(PackageState state, StreamEvent @event, string actor, long sequence)
    {
        if (@event.Stream.Kind != SubjectKind.Package) return state;
        if (state is not PackageState.Existing { View: var package })
        {
            return @event.Body is PackageCreated created ? new PackageState.Existing(Create(created, @event, actor, sequence)) : state;
        }
        var next = @event.Body switch
        {
            RetentionDefaultApplied applied => package with { ExpiresAt = applied.ExpiresAt },
            RetentionExtended extended => package with { ExpiresAt = extended.ExpiresAt, Eligible = null },
            CollectionStarted => package with { Status = PackageStatus.Collecting },
            PackageCollected => package with { Status = PackageStatus.GarbageCollected },
            DeletionEligible eligible => package with { Eligible = new(@event.Time, eligible.Cause, eligible.Reason) },
            FileIngested file => package with { FileCount = package.FileCount + 1, TotalBytes = package.TotalBytes + file.Content.Size },
            PackageFinalized finalized => package with
            {
                Status = PackageStatus.Finalized,
                Manifest = finalized.Manifest,
                FinalizedAt = @event.Time,
            },
            _ => package,
        };
        return new PackageState.Existing(next with { Version = package.Version + 1, LastEventSequence = sequence });
    }

    private static PackageView Create(PackageCreated created, StreamEvent @event, string actor, long sequence) => new(
        @event.Stream.Tenant, PackageId.Parse(@event.Stream.Id, null), created.Name, created.Producer, created.Subject,
        created.RetentionClass, PackageStatus.Created, created.Backend, created.Metadata, created.MetadataSchema, @event.Time, actor, ExpiresAt: null,
        FileCount: 0, TotalBytes: 0, Manifest: null, FinalizedAt: null, Version: 1, sequence);

    /// <summary>Ids are made anew for each request, so the same id with the same origin is the same request.</summary>
    private static bool IsRepeat(PackageView package, CreatePackage command) =>
        package.CreatedAt == command.Time.CutToMicroseconds() && package.CreatedBy == command.Actor
        && package.Name == command.Name && package.Producer == command.Producer && package.Subject == command.Subject
        && package.RetentionClass == command.RetentionClass && package.MetadataSchema == command.MetadataSchema
        && package.Metadata.Cbor.Span.SequenceEqual(command.Metadata.Cbor.Span);

    private static PackageDecision.Accepted Accept(Append append, Func<PackageState, PackageAnswer> answer) => new(append, answer);

    private static PackageAnswer.Done Done(PackageState state) => new(((PackageState.Existing)state).View);

    private static PackageDecision.Rejected Unknown(PackageId id) =>
        new(ErrorCatalogue.PackageUnknown.With($"there is no package {id}"));

    private static PackageDecision.Rejected NotOpen(PackageView package)
    {
        var state = package.Status == PackageStatus.Finalized ? "finalized" : "gone";
        return new(ErrorCatalogue.PackageNotOpen.With($"the package {package.Id} is {state}"));
    }
}
