using System.Buffers;
using System.Text;
using ArtifactStore.Cli.Disk;
using ArtifactStore.Cli.Output;
using ArtifactStore.Client;
using ArtifactStore.Interfaces.Hashing;
using ArtifactStore.Interfaces.Ids;

namespace ArtifactStore.Cli.Pulling;

internal sealed record PullRequest(PackageId Package, string Directory)
{
    public ContentAddress? Digest { get; init; }

    public int Jobs { get; init; }

    public bool Overwrite { get; init; }
}

/// <summary>
/// One pull. Invariant: a file appears under its name only when every byte of it is proved against the manifest, and the manifest against
/// its digest. What was received before an interruption lies beside it under a name made of path and address, and is continued.
/// </summary>
internal sealed class Pull(Session session, PullRequest request)
{
    private readonly CliHost _host = session.Host;
    private readonly ArtifactStoreClient _store = session.Store;
    private readonly TargetDirectory _target = new(request.Directory);
    private readonly FileHasher _hasher = new(HashCache.Open(null, request.Directory, session.Host.Clock));
    private readonly Tally _tally = new();

    public async Task<int> Run(CancellationToken cancellation)
    {
        var manifest = await _store.GetManifestAsync(request.Package, request.Digest, cancellation);
        // Read once before anything is written: a manifest with one bad path changes nothing on this disk.
        foreach (var file in ManifestFiles.Read(manifest))
        {
            _tally.TotalFiles++;
            _tally.TotalBytes += file.Size;
        }
        _target.Create();
        try
        {
            await Progress.Show(_host, "pulling", _tally, () => Parallel.ForEachAsync(
                ManifestFiles.Read(manifest),
                new ParallelOptions { MaxDegreeOfParallelism = request.Jobs, CancellationToken = cancellation },
                async (file, token) => await One(file, token)));
        }
        catch
        {
            _host.Error.WriteLine(
                $"{_tally.Files} of {Sentence.Count(_tally.TotalFiles, "file")} are in {Sentence.Printable(request.Directory)}; " +
                "run the same command again to continue");
            throw;
        }
        return Report(ContentAddress.Blake3(Digest256.FromBytes(Blake3.Hash(manifest))));
    }

    private async Task One(ManifestFile file, CancellationToken cancellation)
    {
        var place = _target.Place(file.Path);
        switch (Stat.Of(place))
        {
            case null:
                break;
            case (EntryKind.File, var stamp) when Holds(new(file.Path, place, stamp), file, cancellation):
                _tally.Kept(file.Size);
                return;
            case (EntryKind.File, _) when request.Overwrite:
                break;
            case (EntryKind.File, _):
                throw Failed($"{Sentence.Printable(place)} exists and has other content; --overwrite replaces such files");
            default:
                throw Failed($"{Sentence.Printable(place)} exists and is not a file");
        }
        await Fetch(file, place, cancellation);
        _tally.Moved(file.Size);
    }

    private bool Holds(DiskFile there, ManifestFile file, CancellationToken cancellation) =>
        there.Stamp.Size == file.Size && file.Address == ContentAddress.Blake3(_hasher.Hash(there, cancellation).Digest);

    private async Task Fetch(ManifestFile file, string place, CancellationToken cancellation)
    {
        var partial = PartialOf(file, place);
        try
        {
            await Continue(file, partial, cancellation);
        }
        catch (ArtifactStoreException wrong) when (wrong.Failure == StoreFailure.VerificationFailed)
        {
            // Of a damaged beginning nothing can be said about whose fault it is: drop it, so that the next run begins anew.
            File.Delete(partial);
            throw new ArtifactStoreException(StoreFailure.VerificationFailed, $"{Sentence.Printable(file.Path.Value)}: {wrong.Message}", wrong);
        }
        File.Move(partial, place, request.Overwrite);
    }

    private async Task Continue(ManifestFile file, string partial, CancellationToken cancellation)
    {
        await using var bytes = OpenPartial(partial);
        using (var received = new VerifiedDownload(file.Address, bytes, file.Size))
        {
            await Recall(received, bytes, cancellation);
            var resumed = received.Length > 0;
            _tally.Moving(received.Length);
            try
            {
                await _store.DownloadAsync(received, moved => _tally.Moving(moved), cancellation);
                return;
            }
            catch (ArtifactStoreException wrong) when (resumed && wrong.Failure == StoreFailure.VerificationFailed)
            {
                // What an earlier run left was not the beginning of this content.
                _tally.Moving(-received.Length);
            }
        }
        bytes.SetLength(0);
        using var anew = new VerifiedDownload(file.Address, bytes, file.Size);
        await _store.DownloadAsync(anew, moved => _tally.Moving(moved), cancellation);
    }

    private static FileStream OpenPartial(string partial)
    {
        // Looked at first, and created only where nothing is: so a link that somebody put there is never written through.
        var mode = Stat.Of(partial) switch
        {
            null => FileMode.CreateNew,
            (EntryKind.File, _) => FileMode.Open,
            _ => throw Failed($"{Sentence.Printable(partial)} is in the way"),
        };
        return new(partial, mode, FileAccess.ReadWrite, FileShare.None, bufferSize: 0, FileOptions.Asynchronous);
    }

    private static async Task Recall(VerifiedDownload received, FileStream bytes, CancellationToken cancellation)
    {
        if (bytes.Length == 0) return;
        var buffer = ArrayPool<byte>.Shared.Rent(256 * 1024);
        try
        {
            int read;
            while ((read = await bytes.ReadAsync(buffer, cancellation)) > 0) received.Recall(buffer.AsSpan(0, read));
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    /// <summary>Of fixed length, because a name may be as long as the file system allows already.</summary>
    private static string PartialOf(ManifestFile file, string place)
    {
        var name = Blake3.Hash(Encoding.UTF8.GetBytes($"{file.Path} {file.Address}")).AsSpan(0, 8);
        return Path.Combine(Path.GetDirectoryName(place)!, $".artifactstore-{Convert.ToHexStringLower(name)}.partial");
    }

    private int Report(ContentAddress digest)
    {
        session.Document(
            new(
                request.Package.ToString(), digest.ToString(), Path.GetFullPath(request.Directory), _tally.Files, _tally.TotalBytes,
                _tally.MovedFiles, _tally.KeptFiles),
            CliJson.Default.PullDocument);
        session.Say(
            $"{Sentence.Count(_tally.Files, "file")}, {Sentence.Bytes(_tally.TotalBytes)}, all verified: " +
            $"{_tally.MovedFiles} written, {_tally.KeptFiles} already there");
        session.Say($"manifest {digest}");
        return ExitCode.Ok;
    }

    private static CliFailureException Failed(string sentence) => new(ExitCode.Failed, sentence);
}
