using System.Collections.Immutable;
using ArtifactStore.Interfaces.Access;
using ArtifactStore.Interfaces.Collection;
using ArtifactStore.Interfaces.Errors;
using ArtifactStore.Interfaces.Events;
using ArtifactStore.Interfaces.Hosting;
using ArtifactStore.Interfaces.Ids;
using ArtifactStore.Interfaces.Journal;
using ArtifactStore.Interfaces.Retention;

namespace ArtifactStore.Gateway.Shared.Collection;

/// <param name="ValidFor">How long after it was made the run of a plan may begin.</param>
public sealed record PlanSettings(TimeSpan ValidFor)
{
    public static readonly PlanSettings Default = new(TimeSpan.FromDays(1));
}

/// <summary>
/// Makes plans (ADR 10): what may be deleted and no hold keeps, part by part, then what it comes to. It changes nothing else, and a plan that
/// was not made to the end is none. Whatever it saw, its run proves again.
/// </summary>
public sealed class Planner(IPlanViews plans, IGrains grains, IIds ids, TimeProvider time, PlanSettings settings)
{
    /// <exception cref="JournalUnavailableException">The database does not answer; there is no plan.</exception>
    public async Task<Outcome<PlanView>> Make(Principal caller, CancellationToken cancellation = default)
    {
        var (tenant, plan) = (caller.Tenant, new PlanId(ids.Next()));
        var (parts, after) = (0L, 0L);
        while (await plans.PlanCandidates(tenant, after, PlanListed.MaxPackages, cancellation) is { Count: > 0 } page)
        {
            var listed = await WithoutHeld(tenant, page, cancellation);
            if (!listed.IsEmpty)
            {
                var list = new ListInPlan(new(ids.Next()), tenant, plan, caller.Actor, time.GetUtcNow(), parts, listed);
                var answer = await grains.Call<IPlanGrain, Outcome<bool>>(PlanKey.Of(tenant, plan), grain => grain.List(list));
                if (!answer.Succeeded) return answer.Error;
                parts++;
            }
            after = page[^1].Key;
        }
        var totals = await plans.Totals(tenant, plan, cancellation);
        var now = time.GetUtcNow();
        var made = new PlanMade(
            totals.Position, now + settings.ValidFor, totals.Packages, totals.Files, totals.Bytes, totals.FreedBytes);
        var make = new MakePlan(new(ids.Next()), tenant, plan, caller.Actor, now, parts, made);
        return await grains.Call<IPlanGrain, Outcome<PlanView>>(PlanKey.Of(tenant, plan), grain => grain.Make(make));
    }

    /// <summary>The same few producers and subjects cover a whole page, so each is asked for once.</summary>
    private async Task<ImmutableArray<PlannedPackage>> WithoutHeld(
        TenantId tenant, IReadOnlyList<PlanCandidate> page, CancellationToken cancellation)
    {
        var covers = page.Select(item => HoldCover.Of(item.Package.Package, item.Producer, item.Subject)).ToList();
        var held = await plans.Held(tenant, covers.SelectMany(cover => cover).ToHashSet(), cancellation);
        return [.. page.Where((_, i) => !covers[i].Any(held.Contains)).Select(item => item.Package)];
    }
}
