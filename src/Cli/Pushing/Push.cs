using ArtifactStore.Cli.Disk;
using ArtifactStore.Cli.Output;
using ArtifactStore.Client;
using ArtifactStore.Interfaces.Ids;

namespace ArtifactStore.Cli.Pushing;

/// <summary>One push from the first look to the manifest digest.</summary>
internal sealed class Push(Session session, PushRequest request)
{
    private readonly CliHost _host = session.Host;
    private readonly DirectoryWalk _walk = new(request.Directory);
    private readonly Tally _tally = new();

    public async Task<int> Run(CancellationToken cancellation)
    {
        if (!Directory.Exists(request.Directory))
            throw new CliFailureException(ExitCode.Usage, $"{Sentence.Printable(request.Directory)} is not a directory");
        var survey = Survey.Of(session, _walk, request, cancellation);
        _tally.TotalFiles = survey.Files;
        _tally.TotalBytes = survey.Bytes;

        var cache = HashCache.Open(request.UseCache ? _host.StateDirectory() : null, request.Directory, _host.Clock);
        try
        {
            if (request.DryRun)
            {
                await Transfer(null, cache, cancellation);
                return Report(null, survey);
            }
            var note = request.Resume is null ? ResumeNote.Open(_host.StateDirectory(), session.Url, request) : null;
            var package = await Open(note, cancellation);
            await TransferOrSayHowToContinue(package, cache, note, cancellation);
            var finalized = await session.Store.FinalizeAsync(package.Id, cancellation);
            note?.Delete();
            return Report(finalized, survey);
        }
        finally
        {
            cache.Save();
        }
    }

    /// <summary>The package of an interrupted run, the one that was named, or a new one.</summary>
    private async Task<Package> Open(ResumeNote? note, CancellationToken cancellation)
    {
        if (request.Resume is { } named) return await session.Store.GetPackageAsync(named, cancellation);
        if (note!.Package is { } begun)
        {
            if (await Interrupted(begun, cancellation) is { } open)
            {
                _host.Error.WriteLine($"continuing package {begun} (begun {open.CreatedAt:yyyy-MM-dd HH:mm}Z; --new starts another)");
                return open;
            }
            note.Renew();
        }
        note.Save();
        var package = await session.Store.CreatePackageAsync(request.Package!, note.Content.IdempotencyKey, cancellation);
        note.Created(package.Id);
        return package;
    }

    private async Task<Package?> Interrupted(PackageId id, CancellationToken cancellation)
    {
        try
        {
            var package = await session.Store.GetPackageAsync(id, cancellation);
            return package.Status == Package.Open ? package : null;
        }
        catch (ArtifactStoreException gone) when (gone.Failure == StoreFailure.NotFound)
        {
            return null;
        }
    }

    private async Task TransferOrSayHowToContinue(Package package, HashCache cache, ResumeNote? note, CancellationToken cancellation)
    {
        try
        {
            await Transfer(package, cache, cancellation);
        }
        catch
        {
            var again = note?.Save() == true ? "run the same command again, or: " : "";
            _host.Error.WriteLine(
                $"{_tally.Files} of {Sentence.Count(_tally.TotalFiles, "file")} are in package {package.Id}; " +
                $"to continue: {again}artifactstore push --resume {package.Id} {Sentence.Printable(request.Directory)}");
            throw;
        }
    }

    private Task Transfer(Package? package, HashCache cache, CancellationToken cancellation)
    {
        var pipeline = new PushPipeline(session.Store, package, new FileHasher(cache), _walk, _tally, request.Jobs);
        return Progress.Show(_host, request.DryRun ? "looking at" : "pushing", _tally, () => pipeline.Run(cancellation));
    }

    private int Report(Package? package, Survey survey)
    {
        session.Document(
            new(
                package?.Id.ToString(), package?.ManifestDigest?.ToString(), _tally.Files, _tally.Bytes, _tally.MovedFiles, _tally.MovedBytes,
                _tally.LinkedFiles, _tally.KeptFiles, survey.Skipped, request.DryRun),
            CliJson.Default.PushDocument);
        var did = request.DryRun ? "would upload" : "uploaded";
        session.Say(
            $"{Sentence.Count(_tally.Files, "file")}, {Sentence.Bytes(_tally.Bytes)}: {did} {_tally.MovedFiles} " +
            $"({Sentence.Bytes(_tally.MovedBytes)}), {_tally.LinkedFiles} already in the store" +
            (_tally.KeptFiles > 0 ? $", {_tally.KeptFiles} from before" : ""));
        if (package is null) return ExitCode.Ok;
        session.Say($"package  {package.Id}");
        session.Say($"manifest {package.ManifestDigest}");
        return ExitCode.Ok;
    }
}
