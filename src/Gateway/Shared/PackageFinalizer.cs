using ArtifactStore.Interfaces.Access;
using ArtifactStore.Interfaces.Contents;
using ArtifactStore.Interfaces.Errors;
using ArtifactStore.Interfaces.Hashing;
using ArtifactStore.Interfaces.Hosting;
using ArtifactStore.Interfaces.Ids;
using ArtifactStore.Interfaces.Packages;
using ArtifactStore.Interfaces.Views;
using Command = ArtifactStore.Interfaces.Packages.FinalizePackage;

namespace ArtifactStore.Gateway.Shared;

/// <summary>
/// Closes packages. The manifest is built outside the grain, over the package as it was at one version, and stored like any content; the
/// grain accepts it only if the package still is at that version. So a package of 100,000 files is never held in memory by anybody, and a
/// manifest never lists another set of files than the package it closes.
/// </summary>
public sealed class PackageFinalizer(
    ContentIngest contents, ManifestBuilder manifests, IGrains grains, IViews views, IIds ids, TimeProvider time)
{
    /// <summary>Each turn means that a file was added while the manifest was being built.</summary>
    public const int MaxTurns = 5;

    public async Task<Outcome<PackageView>> Finalize(Principal caller, PackageId id, CancellationToken cancellation)
    {
        for (var turn = 0; turn < MaxTurns; turn++)
        {
            var found = await views.RequirePackage(caller.Tenant, id, cancellation);
            if (!found.Succeeded) return found.Error;
            var package = found.Value;
            if (package.Status != PackageStatus.Created) return package;

            var outcome = await Attempt(caller, package, cancellation);
            if (outcome.Succeeded || outcome.Error.Code != ErrorCatalogue.PackageBusy.Code) return outcome;
        }
        return Busy(id);
    }

    private async Task<Outcome<PackageView>> Attempt(Principal caller, PackageView package, CancellationToken cancellation)
    {
        var appendId = new AppendId(ids.Next());
        try
        {
            await using var manifest = manifests.Open(package, cancellation);
            var incoming = new IncomingContent(caller.Tenant, package.Backend, manifest, SizeHint: null, ExpectedDigests.None);
            return await contents.Ingest(incoming, Claim, cancellation);
        }
        catch (PackageMovedException)
        {
            return Busy(package.Id);
        }

        async Task<Outcome<Claim<PackageView>>> Claim(ContentDigests digests, Placement placement)
        {
            var command = new Command(
                appendId, caller.Tenant, package.Id, caller.Actor, time.GetUtcNow(), package.Version, digests, placement);
            var answer = await grains.Call<IPackageGrain, Outcome<PackageAnswer>>(
                PackageKey.Of(caller.Tenant, package.Id), grain => grain.Finalize(command));
            if (!answer.Succeeded) return answer.Error;
            return answer.Value switch
            {
                PackageAnswer.Done done => new Claim<PackageView>.Made(done.Package),
                // Somebody else closed it: this manifest is referred to by nobody.
                PackageAnswer.AlreadySo already => new Claim<PackageView>.AlreadySo(already.Package),
                PackageAnswer.PlaceAgain => new Claim<PackageView>.PlaceAgain(),
                // As a refusal, so that the manifest of the older version is given up on the way out.
                PackageAnswer.Stale => Busy(package.Id),
                _ => throw new InvalidOperationException($"unexpected answer {answer.Value.GetType().Name}"),
            };
        }
    }

    private static Error Busy(PackageId id) =>
        ErrorCatalogue.PackageBusy.With($"files kept being added to package {id} while it was being finalized");
}
