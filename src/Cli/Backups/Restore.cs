using ArtifactStore.Cli.Output;
using ArtifactStore.Interfaces.Blobs;
using ArtifactStore.Interfaces.Contents;
using ArtifactStore.Interfaces.Events;
using ArtifactStore.Interfaces.Hashing;
using ArtifactStore.Interfaces.Ids;
using ArtifactStore.Interfaces.Journal;

namespace ArtifactStore.Cli.Backups;

/// <summary>Where a backup goes: a database that is still empty, and the backends that are configured.</summary>
/// <param name="Open">Takes the database for this import; refuses one that holds anything else.</param>
public sealed record RestoreTarget(Func<ImportTarget, Task<ILogImport>> Open, IBlobStores Blobs, IIds Ids);

/// <summary>
/// Makes a store of a backup. Invariant: nothing can be opened as a store before every line of the log is in, every live location has been
/// read back with both digests, and a replay found the views to be what the log says. Interrupted at any moment, the same command goes on.
/// </summary>
public sealed class Restore(Session session, BackupDirectory directory, RestoreTarget target, int jobs)
{
    private const int LinesPerImport = 10_000;
    private const long BytesPerImport = 8 * 1024 * 1024;

    /// <summary>The only encoding there is: the object is the content's bytes.</summary>
    private const string Identity = "identity";

    private readonly Tally _tally = new();

    /// <param name="incarnation">Of the restored store; null is the backup's and one.</param>
    /// <param name="cancellation">Stops it; it can be continued.</param>
    public async Task<int> Run(int? incarnation, CancellationToken cancellation)
    {
        var backup = directory.Require();
        var next = incarnation ?? backup.Incarnation + 1;
        if (next <= backup.Incarnation)
            throw new CliFailureException(
                ExitCode.Usage, $"--incarnation {next}: the backup is of incarnation {backup.Incarnation}, and a restored store needs a greater one");
        var contents = await BackupContents.Of(directory, backup, cancellation);
        await RequirePossible(contents, cancellation);

        await using var import = await target.Open(new(backup.StoreId, next, backup.HeadSequence, backup.HeadLeaf));
        if (import.Resumed) session.Host.Error.WriteLine($"going on with the restore that was begun, after event {import.Head}");
        await ClaimRoots(import, new(backup.StoreId, next), cancellation);
        await ImportLog(import, backup, cancellation);
        await Show("restoring", contents, Place, cancellation);
        await import.Replay(progress: null, cancellation);
        var replay = await import.Replay(progress: null, cancellation);
        if (!replay.Identical) throw Failed("a second replay gave other views than the first: this is a bug, report it");
        await Show("checking", contents, Check, cancellation);
        await import.Complete(cancellation);
        return Report(backup, next, contents);
    }

    /// <summary>What would stop it halfway is found before anything is written.</summary>
    private async Task RequirePossible(BackupContents contents, CancellationToken cancellation)
    {
        var configured = target.Blobs.All.Select(backend => backend.Id).ToHashSet();
        await foreach (var (sequence, location) in contents.Locations(cancellation))
        {
            if (!configured.Contains(location.Backend))
                throw Failed(
                    $"the backup has bytes in the backend '{location.Backend}' (event {sequence}), which is not configured: "
                    + "name it in ARTIFACTSTORE_STORAGE_BACKENDS");
            if (location.Encoding != Identity)
                throw Failed($"event {sequence} has a location of encoding '{location.Encoding}', which this program does not know");
            var file = new FileInfo(directory.Content(location.Content.Blake3));
            if (!file.Exists) throw Damaged($"{file.FullName} is missing");
            if (file.Length != location.Content.Size) throw Damaged($"{file.FullName} is damaged: it should have {location.Content.Size} bytes");
        }
    }

    /// <summary>Objects come only after the whole log, so a root that has some while the log is empty belongs to something else.</summary>
    private async Task ClaimRoots(ILogImport import, BackendIdentity identity, CancellationToken cancellation)
    {
        foreach (var backend in target.Blobs.All)
        {
            await backend.Claim(identity, holdsBytes: false, cancellation);
            if (import.Head > 0) continue;
            await foreach (var listing in backend.List(after: null, cancellation))
                throw Failed($"the root of the backend '{backend.Id}' holds objects ({listing.Key} first): a backup is restored into an empty one");
        }
    }

    private async Task ImportLog(ILogImport import, BackupDocument backup, CancellationToken cancellation)
    {
        var chunk = new List<EventRecord>();
        var bytes = 0L;
        await foreach (var line in LogSegments.Read(directory, backup, cancellation))
        {
            if (line.Sequence <= import.Head) continue;
            chunk.Add(line);
            bytes += line.Payload.Length;
            if (chunk.Count < LinesPerImport && bytes < BytesPerImport) continue;
            await import.Import(chunk, cancellation);
            if (!session.Json) session.Host.Error.WriteLine($"{import.Head} of {Sentence.Count(backup.HeadSequence, "event")}");
            chunk.Clear();
            bytes = 0;
        }
        await import.Import(chunk, cancellation);
    }

    private async Task Show(
        string what, BackupContents contents, Func<LocationSettled, CancellationToken, Task> each, CancellationToken cancellation)
    {
        _tally.Restart(contents.Count, contents.Bytes);
        var options = new ParallelOptions { MaxDegreeOfParallelism = jobs, CancellationToken = cancellation };
        await Progress.Show(
            session.Host, what, _tally,
            () => Parallel.ForEachAsync(
                contents.Locations(cancellation), options, async (item, token) => await each(item.Location, token)));
    }

    private async Task Place(LocationSettled location, CancellationToken cancellation)
    {
        var backend = target.Blobs.Get(location.Backend);
        // A key never names torn bytes, and what lies under it is read back before the end.
        if (await backend.Size(location.PhysicalKey, cancellation) == location.Content.Size)
        {
            _tally.Kept(location.Content.Size);
            return;
        }
        var path = directory.Content(location.Content.Blake3);
        await using var file = new FileStream(
            path, FileMode.Open, FileAccess.Read, FileShare.Read, bufferSize: 0, FileOptions.Asynchronous | FileOptions.SequentialScan);
        await using var staged = await backend.Stage(new AttemptId(target.Ids.Next()), file, location.Content.Size, cancellation);
        if (staged.Digests != location.Content) throw Damaged($"{path} is damaged");
        await backend.Promote(staged, location.PhysicalKey, cancellation);
        _tally.Linked(location.Content.Size);
    }

    private async Task Check(LocationSettled location, CancellationToken cancellation)
    {
        var backend = target.Blobs.Get(location.Backend);
        await using var bytes = await backend.Open(location.PhysicalKey, cancellation: cancellation)
            ?? throw Failed($"the backend '{location.Backend}' does not have {location.PhysicalKey}, which was put there");
        if (await ContentHasher.HashStreamAsync(bytes, cancellation) != location.Content)
            throw new CliFailureException(
                ExitCode.VerificationFailed, $"the backend '{location.Backend}' gives other bytes for {location.PhysicalKey} than were put there");
        _tally.Kept(location.Content.Size);
    }

    private int Report(BackupDocument backup, int incarnation, BackupContents contents)
    {
        session.Document(
            new(directory.Root, backup.StoreId, incarnation, backup.HeadSequence, contents.Count, contents.Bytes, Identical: true),
            CliJson.Default.RestoreAnswer);
        session.Say(
            $"store {backup.StoreId} is restored as incarnation {incarnation}: {Sentence.Count(backup.HeadSequence, "event")}, "
            + $"{Sentence.Count(contents.Count, "content")}, {Sentence.Bytes(contents.Bytes)}, every byte read back; a replay found identical views");
        return ExitCode.Ok;
    }

    private static CliFailureException Failed(string sentence) => new(ExitCode.Failed, sentence);

    private static CliFailureException Damaged(string what) => new(
        ExitCode.VerificationFailed, $"the backup is damaged: {what}; 'artifactstore backup --verify' tells what else is");
}
