using System.Threading.Channels;
using ArtifactStore.Cli.Disk;
using ArtifactStore.Cli.Output;
using ArtifactStore.Client;
using ArtifactStore.Interfaces.Errors;
using ArtifactStore.Interfaces.Ids;

namespace ArtifactStore.Cli.Pushing;

/// <summary>
/// walk -> hash -> ask what is missing -> link what is there, upload the rest. The stages run side by side between bounded queues, so
/// memory does not depend on the number of files. The asking stage takes whatever waits: the busier it is, the larger its batches.
/// </summary>
internal sealed class PushPipeline(
    ArtifactStoreClient store, Package? package, FileHasher hasher, DirectoryWalk walk, Tally tally, int jobs)
{
    private const int QueueLength = 4096;

    /// <summary>While the store commits one batch of links it already reads the next.</summary>
    private const int Linkers = 4;

    private readonly Channel<DiskFile> _found = Channel.CreateBounded<DiskFile>(new BoundedChannelOptions(QueueLength) { SingleWriter = true });
    private readonly Channel<HashedFile> _hashed = Channel.CreateBounded<HashedFile>(new BoundedChannelOptions(QueueLength) { SingleReader = true });
    private readonly Channel<Batch> _missing = Channel.CreateBounded<Batch>(new BoundedChannelOptions(QueueLength) { SingleWriter = true });

    private readonly Channel<HashedFile[]> _here = Channel.CreateBounded<HashedFile[]>(new BoundedChannelOptions(Linkers) { SingleWriter = true });

    /// <summary>Files with the same bytes: one is uploaded, the others are linked to it.</summary>
    private sealed record Batch(HashedFile First, IReadOnlyList<HashedFile> Others);

    public async Task Run(CancellationToken cancellation)
    {
        // The first failure stops every stage; it, not its consequences, is what the caller hears.
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        Exception? first = null;
        var hashers = Math.Max(1, Environment.ProcessorCount);
        await Task.WhenAll(
            Stage(1, Find, () => _found.Writer.Complete()),
            Stage(hashers, Hash, () => _hashed.Writer.Complete()),
            Stage(1, Sort, () =>
            {
                _missing.Writer.Complete();
                _here.Writer.Complete();
            }),
            Stage(Linkers, LinkAll, () => { }),
            Stage(jobs, Upload, () => { }));
        cancellation.ThrowIfCancellationRequested();
        if (first is not null) System.Runtime.ExceptionServices.ExceptionDispatchInfo.Throw(first);

        async Task Stage(int workers, Func<CancellationToken, Task> work, Action finished)
        {
            await Task.WhenAll(Enumerable.Range(0, workers).Select(_ => Task.Run(() => Guarded(work))));
            finished();
        }

        async Task Guarded(Func<CancellationToken, Task> work)
        {
            try
            {
                await work(stop.Token);
            }
            catch (Exception failure)
            {
                if (failure is not OperationCanceledException || !stop.IsCancellationRequested) Interlocked.CompareExchange(ref first, failure, null);
                await stop.CancelAsync();
            }
        }
    }

    /// <summary>Compares the directory with what the package has, side by side: both come in the same order.</summary>
    private async Task Find(CancellationToken cancellation)
    {
        var there = (package is { FileCount: > 0 } ? store.ListFilesAsync(package.Id, cancellation) : AsyncEnumerable.Empty<PackageFile>())
            .GetAsyncEnumerator(cancellation);
        await using var listing = there;
        var more = await there.MoveNextAsync();
        // What cannot be pushed was reported by the survey; what appeared since then is reported here.
        foreach (var file in walk.Files(RefuseUnlessSkippable))
        {
            while (more && PathOrder.Compare(there.Current.RelativePath, file.Path.Value) < 0) throw NotOnDisk(there.Current);
            if (more && there.Current.RelativePath == file.Path.Value)
            {
                Compare(file, there.Current, cancellation);
                more = await there.MoveNextAsync();
                continue;
            }
            await _found.Writer.WriteAsync(file, cancellation);
        }
        if (more) throw NotOnDisk(there.Current);
    }

    private void Compare(DiskFile file, PackageFile there, CancellationToken cancellation)
    {
        if (file.Stamp.Size != there.Size || ContentAddress.Blake3(hasher.Hash(file, cancellation).Digest) != there.ContentAddress)
            throw Differs(file.Path, "has other bytes on disk than in package");
        tally.Kept(there.Size);
    }

    private async Task Hash(CancellationToken cancellation)
    {
        await foreach (var file in _found.Reader.ReadAllAsync(cancellation))
            await _hashed.Writer.WriteAsync(hasher.Hash(file, cancellation), cancellation);
    }

    private async Task Sort(CancellationToken cancellation)
    {
        var waiting = new List<HashedFile>(ArtifactStoreClient.MaxBatch);
        while (await _hashed.Reader.WaitToReadAsync(cancellation))
        {
            waiting.Clear();
            while (waiting.Count < ArtifactStoreClient.MaxBatch && _hashed.Reader.TryRead(out var file)) waiting.Add(file);
            var groups = waiting.GroupBy(file => ContentAddress.Blake3(file.Digest)).ToList();
            var missing = await store.MissingAsync([.. groups.Select(group => group.Key)], cancellation);
            foreach (var group in groups.Where(group => missing.Contains(group.Key)))
            {
                var same = group.ToList();
                await _missing.Writer.WriteAsync(new(same[0], same[1..]), cancellation);
            }
            HashedFile[] here = [.. groups.Where(group => !missing.Contains(group.Key)).SelectMany(group => group)];
            if (here.Length > 0) await _here.Writer.WriteAsync(here, cancellation);
        }
    }

    private async Task LinkAll(CancellationToken cancellation)
    {
        await foreach (var files in _here.Reader.ReadAllAsync(cancellation)) await Link(files, cancellation);
    }

    private async Task Link(HashedFile[] files, CancellationToken cancellation)
    {
        if (package is null)
        {
            foreach (var file in files) tally.Linked(file.File.Stamp.Size);
            return;
        }
        var links = files.Select(file => new Link(file.File.Path.Value, ContentAddress.Blake3(file.Digest), MediaTypes.Of(file.File.Path).Value));
        var results = await store.LinkAsync(package.Id, [.. links], cancellation);
        for (var i = 0; i < files.Length; i++)
        {
            if (results[i].Error is { } error) await AfterRefusedLink(files[i], error, cancellation);
            else tally.Linked(files[i].File.Stamp.Size);
        }
    }

    private async Task AfterRefusedLink(HashedFile file, Problem error, CancellationToken cancellation)
    {
        // The last reference went between the question and the link: then it is missing after all.
        if (error.Code == ErrorCatalogue.ContentUnknown.Code || error.Code == ErrorCatalogue.BytesMissing.Code)
        {
            await Put(file, cancellation);
            return;
        }
        if (error.Code != ErrorCatalogue.PathTaken.Code) throw ArtifactStoreException.From(error, error.Status ?? 422);
        var there = await store.FindFileAsync(package!.Id, file.File.Path, cancellation);
        if (there?.ContentAddress != ContentAddress.Blake3(file.Digest)) throw Differs(file.File.Path, "has other bytes than in package");
        tally.Kept(there.Size);
    }

    private async Task Upload(CancellationToken cancellation)
    {
        await foreach (var batch in _missing.Reader.ReadAllAsync(cancellation))
        {
            await Put(batch.First, cancellation);
            foreach (var some in batch.Others.Chunk(ArtifactStoreClient.MaxBatch)) await Link(some, cancellation);
        }
    }

    private async Task Put(HashedFile file, CancellationToken cancellation)
    {
        if (package is null)
        {
            tally.Moving(file.File.Stamp.Size);
            tally.Moved(file.File.Stamp.Size);
            return;
        }
        try
        {
            await PutOnce(file, cancellation);
        }
        catch (Exception changed) when (SaysItChanged(changed))
        {
            // Once more with what it is now; a file that changes again is not at rest, and a package of it would prove nothing.
            var again = hasher.Hash(FileHasher.Again(file.File), cancellation);
            try
            {
                await PutOnce(again, cancellation);
            }
            catch (Exception unsteady) when (SaysItChanged(unsteady))
            {
                throw new CliFailureException(ExitCode.Failed, $"{Sentence.Printable(file.File.FullPath)} keeps changing while it is pushed", unsteady);
            }
        }
    }

    private async Task PutOnce(HashedFile file, CancellationToken cancellation)
    {
        long moved = 0;
        try
        {
            var upload = new Upload(ContentAddress.Blake3(file.Digest), file.File.Stamp.Size, MediaTypes.Of(file.File.Path), () => OpenUnchanged(file.File));
            await store.PutFileAsync(package!.Id, file.File.Path, upload, Moving, cancellation);
            tally.Moving(file.File.Stamp.Size - moved);
            tally.Moved(file.File.Stamp.Size);
        }
        catch
        {
            tally.Moving(-moved);
            throw;
        }

        void Moving(int bytes)
        {
            moved += bytes;
            tally.Moving(bytes);
        }
    }

    /// <summary>Saves sending what would be refused: a stamp that no longer fits means other bytes than the announced ones.</summary>
    private static FileStream OpenUnchanged(DiskFile file)
    {
        if (Stat.Of(file.FullPath) is not (EntryKind.File, var stamp) || stamp != file.Stamp)
            throw new SourceChangedException($"{file.FullPath} changed after it was hashed");
        return new(file.FullPath, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete, bufferSize: 0);
    }

    private CliFailureException NotOnDisk(PackageFile file) => new(
        ExitCode.Failed, $"{Sentence.Printable(file.RelativePath)} is in package {package!.Id} but no longer on disk; --new pushes into another package");

    private CliFailureException Differs(RelativePath path, string how) => new(
        ExitCode.Failed, $"{Sentence.Printable(path.Value)} {how} {package!.Id}; --new pushes into another package");

    private static void RefuseUnlessSkippable(RefusedEntry entry)
    {
        if (!entry.MayBeSkipped) throw new CliFailureException(ExitCode.Failed, $"{entry.FullPath} {entry.Reason}");
    }

    /// <summary>The file was another one when it was hashed than when it was sent; the store or this side noticed.</summary>
    private static bool SaysItChanged(Exception failure) =>
        failure is SourceChangedException || (failure is ArtifactStoreException refused && refused.Is(ErrorCatalogue.DigestMismatch));
}
