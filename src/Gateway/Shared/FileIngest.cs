using ArtifactStore.Interfaces.Access;
using ArtifactStore.Interfaces.Contents;
using ArtifactStore.Interfaces.Errors;
using ArtifactStore.Interfaces.Hashing;
using ArtifactStore.Interfaces.Hosting;
using ArtifactStore.Interfaces.Ids;
using ArtifactStore.Interfaces.Packages;
using ArtifactStore.Interfaces.Views;

namespace ArtifactStore.Gateway.Shared;

/// <summary>A file that is to be: who puts it where.</summary>
public sealed record NewFile(Principal Caller, PackageId Package, RelativePath Path, MediaType MediaType);

/// <summary>Makes files of packages, from bytes or from contents that are already here.</summary>
public sealed class FileIngest(ContentIngest contents, ContentReader reader, IGrains grains, IViews views, IIds ids, TimeProvider time)
{
    /// <summary>From here on reading the body costs more than asking first whether the path is free.</summary>
    private const long LargeBodyBytes = 64 * 1024;

    private const int MaxLinkTurns = 4;

    /// <summary>
    /// What can be refused before the first byte is read is refused then. The answer is a courtesy: the grain decides again, with guards.
    /// </summary>
    public async Task<Outcome<PackageView>> Expect(NewFile file, long? sizeHint, CancellationToken cancellation)
    {
        var package = await ExpectOpen(file.Caller, file.Package, cancellation);
        if (!package.Succeeded || sizeHint is <= LargeBodyBytes) return package;
        return await views.FileAt(file.Caller.Tenant, file.Package, file.Path, cancellation) is null
            ? package
            : ErrorCatalogue.PathTaken.With($"package {file.Package} already has a file at '{file.Path}'");
    }

    /// <summary>As <see cref="Expect"/>, for callers with many paths or none yet.</summary>
    public async Task<Outcome<PackageView>> ExpectOpen(Principal caller, PackageId id, CancellationToken cancellation)
    {
        var found = await views.RequirePackage(caller.Tenant, id, cancellation);
        if (!found.Succeeded) return found.Error;
        var package = found.Value;
        return package.Status == PackageStatus.Created
            ? package
            : ErrorCatalogue.PackageNotOpen.With($"package {id} is finalized and never changes");
    }

    /// <param name="package">The answer of <see cref="Expect"/>: it names the backend.</param>
    public Task<Outcome<FileView>> Ingest(
        NewFile file, PackageView package, Stream bytes, long? sizeHint, ExpectedDigests expected, CancellationToken cancellation)
    {
        var incoming = new IncomingContent(file.Caller.Tenant, package.Backend, bytes, sizeHint, expected);
        return contents.Ingest(incoming, ClaimFor(file), cancellation);
    }

    /// <summary>
    /// Refers to bytes the store has and the caller may read; they are copied only when the package lives in another backend.
    /// </summary>
    /// <param name="package">The answer of <see cref="Expect"/>, asked once for any number of links.</param>
    public async Task<Outcome<FileView>> Link(NewFile file, PackageView package, ContentAddress address, CancellationToken cancellation)
    {
        var claim = ClaimFor(file);
        for (var turn = 0; turn < MaxLinkTurns; turn++)
        {
            var found = await reader.Find(file.Caller.Scope, address, cancellation);
            if (!found.Succeeded) return found.Error;
            var here = found.Value.Locations.FirstOrDefault(location =>
                location.State == LocationState.Live && location.Backend == package.Backend);
            if (here is null) return await Copy(file, package, found.Value, cancellation);

            var claimed = await claim(found.Value.Digests, new Placement.Live(here));
            if (!claimed.Succeeded) return claimed.Error;
            if (claimed.Value is Claim<FileView>.Made made) return made.Value;
        }
        return ErrorCatalogue.Overloaded.With($"{address} moved {MaxLinkTurns} times while it was being linked");
    }

    private async Task<Outcome<FileView>> Copy(NewFile file, PackageView package, ContentView content, CancellationToken cancellation)
    {
        var opened = await reader.Open(file.Caller.Scope, content, 0, content.Digests.Size, cancellation);
        if (!opened.Succeeded) return opened.Error;
        await using var bytes = opened.Value;
        var expected = ExpectedDigests.Of(ContentAddress.Blake3(content.Digests.Blake3));
        return await Ingest(file, package, bytes, content.Digests.Size, expected, cancellation);
    }

    /// <summary>
    /// The ids are made once, so that a claim that is repeated for another placement is the same file and the same append.
    /// </summary>
    private Func<ContentDigests, Placement, Task<Outcome<Claim<FileView>>>> ClaimFor(NewFile file)
    {
        var appendId = new AppendId(ids.Next());
        var fileId = new FileId(ids.Next());
        return async (digests, placement) =>
        {
            var command = new IngestFile(
                appendId, file.Caller.Tenant, file.Package, file.Caller.Actor, time.GetUtcNow(), fileId, file.Path, file.MediaType,
                digests, placement);
            var answer = await grains.Call<IPackageGrain, Outcome<PackageAnswer>>(
                PackageKey.Of(file.Caller.Tenant, file.Package), grain => grain.Ingest(command));
            if (!answer.Succeeded) return answer.Error;
            return answer.Value switch
            {
                PackageAnswer.FileDone done => new Claim<FileView>.Made(done.File),
                PackageAnswer.PlaceAgain => new Claim<FileView>.PlaceAgain(),
                _ => throw new InvalidOperationException($"unexpected answer {answer.Value.GetType().Name}"),
            };
        };
    }
}
