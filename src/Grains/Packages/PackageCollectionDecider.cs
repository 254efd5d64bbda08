using ArtifactStore.Grains.Journaling;
using ArtifactStore.Interfaces.Collection;
using ArtifactStore.Interfaces.Contents;
using ArtifactStore.Interfaces.Errors;
using ArtifactStore.Interfaces.Events;
using ArtifactStore.Interfaces.Journal;
using ArtifactStore.Interfaces.Packages;
using DoneDecision = ArtifactStore.Grains.Journaling.Decision<ArtifactStore.Grains.Packages.PackageState, bool>;
using ReleaseDecision = ArtifactStore.Grains.Journaling.Decision<
    ArtifactStore.Grains.Packages.PackageState, ArtifactStore.Interfaces.Collection.ReleaseAnswer>;
using StartDecision = ArtifactStore.Grains.Journaling.Decision<
    ArtifactStore.Grains.Packages.PackageState, ArtifactStore.Interfaces.Collection.StartAnswer>;

namespace ArtifactStore.Grains.Packages;

/// <summary>
/// How a package goes (ADR 9): start, release, report, end. What may be deleted is not decided here but by the conditions, inside the
/// transaction; this says which conditions each step needs.
/// </summary>
public static class PackageCollectionDecider
{
    private const string Released = "released";

    public static StartDecision Decide(PackageState state, StartCollection command)
    {
        if (state is not PackageState.Existing { View: var package } || package.Status == PackageStatus.GarbageCollected)
            return new StartDecision.Unchanged(StartAnswer.Gone);
        // A plan's run knows what it has started itself; whoever runs without one only wants it to go.
        if (package.Status == PackageStatus.Collecting)
            return new StartDecision.Unchanged(command.Version is null ? StartAnswer.Started : StartAnswer.Gone);
        if (package.Eligible is null) return new StartDecision.Unchanged(StartAnswer.NotDue);
        var stream = StreamId.Of(command.Tenant, command.Package);
        Condition[] conditions =
        [
            .. DeletionConditions.Start(package),
            .. command.Version is { } seen ? (Condition[])[new Condition.StreamAt(stream, seen)] : [],
        ];
        return new StartDecision.Accepted(
            new(
                command.AppendId, command.Tenant, command.Actor,
                [new(stream, command.Time.CutToMicroseconds(), new CollectionStarted(command.Plan))], [.. conditions], []),
            _ => StartAnswer.Started);
    }

    /// <param name="state">Of the package.</param>
    /// <param name="command">Which reference, and where its bytes were seen.</param>
    /// <param name="beside">Something else is believed to keep the bytes; else this is believed to be the last reference.</param>
    public static ReleaseDecision Decide(PackageState state, ReleaseReference command, bool beside)
    {
        if (state is not PackageState.Existing { View.Status: PackageStatus.Collecting }) return new ReleaseDecision.Unchanged(ReleaseAnswer.Changed);
        var (tenant, keeper, location) = (command.Tenant, command.Keeper, command.Location);
        if (beside)
        {
            var stays = new LocationDeleted(location.Backend, location.Content, BytesDeleted: false) { File = keeper.File, FileKey = keeper.FileKey };
            return new ReleaseDecision.Accepted(
                AppendOf(
                    command, StreamId.Of(tenant, command.Package), stays, new Condition.PackageCollecting(tenant, command.Package),
                    new Condition.KeptBeside(tenant, location.Backend, location.Content, keeper)),
                _ => ReleaseAnswer.BytesStay);
        }
        var condemned = new LocationCondemned(location.Backend, location.Content, location.Generation, location.PhysicalKey, Released)
        {
            Releases = keeper,
        };
        return new ReleaseDecision.Accepted(
            AppendOf(
                command, StreamId.Of(tenant, location.Content), condemned, [.. DeletionConditions.ReleaseLast(tenant, keeper, location)]),
            _ => ReleaseAnswer.Condemned);
    }

    public static DoneDecision Decide(PackageState state, ReportDeleted command)
    {
        if (state is not PackageState.Existing) return new DoneDecision.Unchanged(false);
        var location = command.Location;
        var gone = new LocationDeleted(location.Backend, location.Content, BytesDeleted: true)
        {
            Generation = location.Generation,
            File = command.Keeper.File,
            FileKey = command.Keeper.FileKey,
        };
        var condemned = new Condition.LocationIs(
            command.Tenant, location.Backend, location.Content, location.Generation, LocationState.Condemned);
        return new DoneDecision.Accepted(
            new(
                command.AppendId, command.Tenant, command.Actor,
                [new(StreamId.Of(command.Tenant, command.Package), command.Time.CutToMicroseconds(), gone)], [condemned], []),
            _ => true);
    }

    public static DoneDecision Decide(PackageState state, EndCollection command)
    {
        if (state is not PackageState.Existing { View.Status: PackageStatus.Collecting }) return new DoneDecision.Unchanged(false);
        return new DoneDecision.Accepted(
            new(
                command.AppendId, command.Tenant, command.Actor,
                [new(StreamId.Of(command.Tenant, command.Package), command.Time.CutToMicroseconds(), new PackageCollected())],
                [new Condition.NothingLeft(command.Tenant, command.Package)], []),
            _ => true);
    }

    private static Append AppendOf(ReleaseReference command, StreamId stream, StoreEvent body, params ReadOnlySpan<Condition> conditions) =>
        new(command.AppendId, command.Tenant, command.Actor, [new(stream, command.Time.CutToMicroseconds(), body)], [.. conditions], []);
}
