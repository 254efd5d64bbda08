using System.Collections.Immutable;
using ArtifactStore.Interfaces.Ids;
using ArtifactStore.Interfaces.Retention;

namespace ArtifactStore.Interfaces.Events;

/// <summary>
/// v1.retention.plan_listed, on the plan's stream: packages that would go. As many of these as it takes, then <see cref="PlanMade"/>; without
/// that there is no plan, and nothing runs. No package is listed twice.
/// </summary>
public sealed partial record PlanListed(ImmutableArray<PlannedPackage> Packages) : StoreEvent
{
    /// <summary>Packages of one event: a plan of any size is events of bounded size.</summary>
    public const int MaxPackages = 256;

    public bool Equals(PlanListed? other) => other is not null && Packages.SequenceEqual(other.Packages);

    public override int GetHashCode() => Packages.IsDefaultOrEmpty ? 0 : HashCode.Combine(Packages.Length, Packages[0]);
}

/// <summary>A package as the plan saw it. What has changed since is not touched by the plan's run.</summary>
/// <param name="Package">Its id.</param>
/// <param name="Version">How many events its stream had.</param>
/// <param name="Cause">Why it may be deleted.</param>
/// <param name="Reason">That of whoever asked for it; expiry has none.</param>
/// <param name="Since">When it was marked.</param>
/// <param name="Files">How many it has.</param>
/// <param name="Bytes">Their sizes; how much of it comes back depends on who else keeps the same bytes.</param>
public sealed partial record PlannedPackage(
    PackageId Package, long Version, EligibilityCause Cause, string? Reason, DateTimeOffset Since, long Files, long Bytes);

/// <summary>v1.retention.plan_made: the plan is complete, never changes, and may be run.</summary>
/// <param name="Position">The sequence at which what it says was so.</param>
/// <param name="ValidUntil">Its run does not begin after this time.</param>
/// <param name="Packages">How many would go: those it lists that had not changed at its position.</param>
/// <param name="Files">How many these have.</param>
/// <param name="Bytes">The sizes of these.</param>
/// <param name="FreedBytes">What would come back: the sizes of the copies that nothing outside the plan keeps.</param>
public sealed partial record PlanMade(
    long Position, DateTimeOffset ValidUntil, long Packages, long Files, long Bytes, long FreedBytes) : StoreEvent;

/// <summary>v1.retention.plan_started: its run has begun, and may go on whatever the time.</summary>
public sealed partial record PlanStarted : StoreEvent;

/// <summary>v1.retention.plan_ended: every package it lists was started or skipped. It is not run again.</summary>
public sealed partial record PlanEnded(long Started, long Skipped) : StoreEvent;
