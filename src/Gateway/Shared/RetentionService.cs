using ArtifactStore.Interfaces.Access;
using ArtifactStore.Interfaces.Errors;
using ArtifactStore.Interfaces.Hosting;
using ArtifactStore.Interfaces.Ids;
using ArtifactStore.Interfaces.Packages;
using ArtifactStore.Interfaces.Retention;
using ArtifactStore.Interfaces.Views;

namespace ArtifactStore.Gateway.Shared;

/// <summary>What a caller says about a hold it wants. Without an owner it is the caller's own.</summary>
public sealed record NewHold(HoldCover Cover, string Reason, string? Owner = null, DateTimeOffset? Until = null, HoldId? Id = null);

/// <summary>Extensions, holds and requests for deletion, for every door. Ids and times are made here, once.</summary>
public sealed class RetentionService(IGrains grains, IViews views, IIds ids, TimeProvider time)
{
    public Task<Outcome<PackageView>> Extend(Principal caller, PackageId package, DateTimeOffset newExpiresAt, string reason)
    {
        var command = new ExtendRetention(new(ids.Next()), caller.Tenant, package, caller.Actor, time.GetUtcNow(), newExpiresAt, reason);
        return OnPackage(caller, package, grain => grain.Extend(command));
    }

    /// <summary>The package may be deleted before its time, unless a hold keeps it.</summary>
    public Task<Outcome<PackageView>> RequestDeletion(Principal caller, PackageId package, string reason)
    {
        var command = new RequestDeletion(new(ids.Next()), caller.Tenant, package, caller.Actor, time.GetUtcNow(), reason);
        return OnPackage(caller, package, grain => grain.RequestDeletion(command));
    }

    public async Task<Outcome<HoldView>> Apply(Principal caller, NewHold hold)
    {
        var command = new ApplyHold(
            new(ids.Next()), caller.Tenant, hold.Id ?? new(ids.Next()), caller.Actor, time.GetUtcNow(), hold.Cover, hold.Reason,
            hold.Owner ?? caller.Actor, hold.Until);
        if (hold.Cover.Kind == HoldKind.Package)
            return await OnPackage(caller, PackageId.Parse(hold.Cover.Covers, null), grain => grain.ApplyHold(command));
        return await grains.Call<IHoldGrain, Outcome<HoldView>>(HoldKey.Of(caller.Tenant, command.Hold), grain => grain.Apply(command));
    }

    /// <summary>What the caller can read, by either digest; a hold then names it by the primary one.</summary>
    public async Task<Outcome<HoldView>> ApplyToContent(
        Principal caller, ContentAddress address, NewHold hold, CancellationToken cancellation)
    {
        var content = await views.Content(caller.Scope, address, cancellation);
        if (content?.Locations.FirstOrDefault(location => location.State == Interfaces.Contents.LocationState.Live) is not { } live)
            return ErrorCatalogue.ContentUnknown.With($"nothing that you may read is {address}, with its bytes in place");
        var command = new ApplyHold(
            new(ids.Next()), caller.Tenant, hold.Id ?? new(ids.Next()), caller.Actor, time.GetUtcNow(),
            new(HoldKind.Content, content.Digests.Blake3.ToHex()), hold.Reason, hold.Owner ?? caller.Actor, hold.Until, live.Backend);
        return await grains.Call<IHoldGrain, Outcome<HoldView>>(HoldKey.Of(caller.Tenant, command.Hold), grain => grain.Apply(command));
    }

    /// <summary>A hold of this package alone.</summary>
    public async Task<Error?> Release(Principal caller, PackageId package, HoldId hold, string reason)
    {
        var command = new ReleaseHold(
            new(ids.Next()), caller.Tenant, hold, caller.Actor, time.GetUtcNow(), new(HoldKind.Package, package.ToString()), reason);
        return (await OnPackage(caller, package, grain => grain.ReleaseHold(command))).Error;
    }

    /// <summary>Whatever it covers.</summary>
    public async Task<Error?> Release(Principal caller, HoldId id, string reason, CancellationToken cancellation)
    {
        var hold = await views.Hold(caller.Tenant, id, cancellation);
        if (hold is null) return ErrorCatalogue.HoldUnknown.With($"no hold {id} stands");
        if (hold.Kind == HoldKind.Package) return await Release(caller, PackageId.Parse(hold.Covers, null), id, reason);
        var command = new ReleaseHold(
            new(ids.Next()), caller.Tenant, id, caller.Actor, time.GetUtcNow(), new(hold.Kind, hold.Covers), reason);
        return (await grains.Call<IHoldGrain, Outcome<bool>>(HoldKey.Of(caller.Tenant, id), grain => grain.Release(command))).Error;
    }

    private Task<Outcome<T>> OnPackage<T>(Principal caller, PackageId package, Func<IPackageGrain, Task<Outcome<T>>> call) =>
        grains.Call<IPackageGrain, Outcome<T>>(PackageKey.Of(caller.Tenant, package), call);
}
