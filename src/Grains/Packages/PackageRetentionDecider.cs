using ArtifactStore.Grains.Journaling;
using ArtifactStore.Grains.Retention;
using ArtifactStore.Interfaces.Collection;
using ArtifactStore.Interfaces.Errors;
using ArtifactStore.Interfaces.Events;
using ArtifactStore.Interfaces.Ids;
using ArtifactStore.Interfaces.Journal;
using ArtifactStore.Interfaces.Packages;
using ArtifactStore.Interfaces.Retention;
using HoldDecision = ArtifactStore.Grains.Journaling.Decision<
    ArtifactStore.Grains.Packages.PackageState, ArtifactStore.Interfaces.Retention.HoldView>;
using MarkDecision = ArtifactStore.Grains.Journaling.Decision<
    ArtifactStore.Grains.Packages.PackageState, ArtifactStore.Interfaces.Retention.MarkAnswer>;
using ViewDecision = ArtifactStore.Grains.Journaling.Decision<
    ArtifactStore.Grains.Packages.PackageState, ArtifactStore.Interfaces.Packages.PackageView>;

namespace ArtifactStore.Grains.Packages;

/// <summary>
/// What keeps a package, and what no longer does. Its expiry only goes later; it becomes eligible for deletion only through the gate; an
/// extension takes that back. The clock is asked here, once, and never in a condition: those compare what was decided on.
/// </summary>
public static class PackageRetentionDecider
{
    public static ViewDecision Decide(PackageState state, ExtendRetention command)
    {
        if (Missing<PackageView>(state, command.Package, out var package) is { } missing) return missing;
        if (RetentionTexts.Reason(command.Reason) is { } refusal) return new ViewDecision.Rejected(refusal);
        var expiry = command.NewExpiresAt.CutToMicroseconds();
        var time = command.Time.CutToMicroseconds();
        if (package.ExpiresAt is not { } present) return NotLater($"the package {package.Id} never expires");
        if (expiry <= present) return NotLater($"the package {package.Id} is kept until {present:O} already");
        if (expiry <= time) return NotLater($"{expiry:O} is over");
        return Accept(
            package, command.AppendId, command.Actor, time, new RetentionExtended(expiry, command.Reason),
            new Condition.ExpiryBefore(command.Tenant, command.Package, expiry));
    }

    public static HoldDecision Decide(PackageState state, ApplyHold command)
    {
        var id = PackageId.Parse(command.Cover.Covers, null);
        if (Missing<HoldView>(state, id, out var package) is { } missing) return missing;
        if (RetentionTexts.Refusal(command) is { } refusal) return new HoldDecision.Rejected(refusal);
        var hold = HoldDecider.Applied(command);
        var fact = new StreamEvent(StreamId.Of(command.Tenant, package.Id), command.Time.CutToMicroseconds(), hold);
        return new HoldDecision.Accepted(
            new(
                command.AppendId, command.Tenant, command.Actor, [fact],
                [new Condition.HoldIdFree(command.Tenant, command.Hold), new Condition.PackageStands(command.Tenant, package.Id)], []),
            after => HoldDecider.View(fact, hold, ((PackageState.Existing)after).View.LastEventSequence));
    }

    public static ViewDecision Decide(PackageState state, ReleaseHold command)
    {
        var id = PackageId.Parse(command.Cover.Covers, null);
        if (Missing<PackageView>(state, id, out var package) is { } missing) return missing;
        if (RetentionTexts.Reason(command.Reason) is { } refusal) return new ViewDecision.Rejected(refusal);
        return Accept(
            package, command.AppendId, command.Actor, command.Time.CutToMicroseconds(), new HoldReleased(command.Hold, command.Reason),
            new Condition.HoldStands(command.Tenant, command.Hold, command.Cover.Kind, command.Cover.Covers, command.Key));
    }

    public static ViewDecision Decide(PackageState state, RequestDeletion command)
    {
        if (Missing<PackageView>(state, command.Package, out var package) is { } missing) return missing;
        if (RetentionTexts.Reason(command.Reason) is { } refusal) return new ViewDecision.Rejected(refusal);
        // An extension never brings a package here or away from here, so this needs no condition.
        if (package.ExpiresAt is null)
            return new ViewDecision.Rejected(ErrorCatalogue.PackagePermanent.With($"the package {package.Id} never expires"));
        if (package.Eligible is not null) return new ViewDecision.Unchanged(package);
        return Accept(
            package, command.AppendId, command.Actor, command.Time.CutToMicroseconds(),
            new DeletionEligible(EligibilityCause.Requested, command.Reason),
            DeletionConditions.Gate(package), new Condition.EligibilityIs(command.Tenant, command.Package, false));
    }

    public static MarkDecision Decide(PackageState state, MarkExpired command)
    {
        var time = command.Time.CutToMicroseconds();
        if (state is not PackageState.Existing { View: { Status: PackageStatus.Created or PackageStatus.Finalized, Eligible: null } package }
            || package.ExpiresAt != command.ExpiresAt.CutToMicroseconds() || package.ExpiresAt > time)
            return new MarkDecision.Unchanged(MarkAnswer.NotDue);
        var append = AppendOf(
            package, command.AppendId, command.Actor, time, new DeletionEligible(EligibilityCause.Expired, null),
            DeletionConditions.Gate(package),
            new Condition.EligibilityIs(command.Tenant, command.Package, false),
            new Condition.ExpiryIs(command.Tenant, command.Package, package.ExpiresAt));
        return new MarkDecision.Accepted(append, _ => MarkAnswer.Marked);
    }

    private static ViewDecision.Accepted Accept(
        PackageView package, AppendId id, string actor, DateTimeOffset time, StoreEvent body, params ReadOnlySpan<Condition> conditions) =>
        new(AppendOf(package, id, actor, time, body, conditions), after => ((PackageState.Existing)after).View);

    private static Append AppendOf(
        PackageView package, AppendId id, string actor, DateTimeOffset time, StoreEvent body, params ReadOnlySpan<Condition> conditions) =>
        new(id, package.Tenant, actor, [new(StreamId.Of(package.Tenant, package.Id), time, body)], [.. conditions], []);

    /// <summary>Null when there is a package to keep or to delete.</summary>
    private static Decision<PackageState, T>.Rejected? Missing<T>(PackageState state, PackageId id, out PackageView package)
    {
        package = (state as PackageState.Existing)?.View!;
        if (package is null) return new(ErrorCatalogue.PackageUnknown.With($"there is no package {id}"));
        return package.Status switch
        {
            PackageStatus.Collecting => new(ErrorCatalogue.PackageGone.With($"the package {id} is being deleted")),
            PackageStatus.GarbageCollected => new(ErrorCatalogue.PackageGone.With($"the package {id} was deleted")),
            _ => null,
        };
    }

    private static ViewDecision.Rejected NotLater(string detail) => new(ErrorCatalogue.ExpiryNotLater.With(detail));
}
