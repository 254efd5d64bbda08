using System.Collections.Concurrent;
using ArtifactStore.Cli.Output;
using ArtifactStore.Client;
using ArtifactStore.Interfaces.Hashing;
using ArtifactStore.Interfaces.Ids;
using ArtifactStore.Interfaces.Journal;

namespace ArtifactStore.Cli.Backups;

/// <summary>
/// One run of a backup. Invariant: backup.json names a prefix of the store's log, and every content that is live at its end lies beside it;
/// it is replaced only when that is true again, and durable, for a longer prefix.
/// </summary>
/// <remarks>
/// The log is read first, then the bytes that it names. Bytes can go between the two only by events that come later, so who misses some
/// reads on in the log. Until a collector deletes bytes this is rare; when there is one, a hold on everything begins before the log is
/// read and ends after backup.json is written, and the rounds are for what had been condemned before.
/// </remarks>
internal sealed class Backup(Session session, IBackupSource source, BackupDirectory directory, int jobs)
{
    /// <summary>How often the log is read on because contents had gone; a store that still calls them live then is damaged.</summary>
    private const int MaxRounds = 3;

    private readonly Tally _tally = new();
    private readonly LiveLocations _live = new();
    private readonly ConcurrentQueue<ContentDigests> _gone = new();
    private readonly ConcurrentQueue<ContentDigests> _damaged = new();
    private readonly List<SegmentDocument> _segments = [];
    private LogProof _proof = new();
    private Guid _storeId;
    private int _incarnation;
    private long _lost;

    public async Task<int> Run(CancellationToken cancellation)
    {
        await using var taken = directory.Take();
        var before = directory.Read();
        Prepare(before);
        await Recall(before, cancellation);
        var known = _proof.Head;
        BackupContents contents;
        for (var round = 1; ; round++)
        {
            await ReadLog(cancellation);
            contents = new BackupContents(directory, Draft(0, 0), _live);
            await contents.Measure(cancellation);
            await Fetch(contents, cancellation);
            if (!_damaged.IsEmpty) throw Damaged();
            if (_gone.IsEmpty) break;
            if (round == MaxRounds) throw Missing();
            session.Warn($"{Sentence.Count(_gone.Count, "content")} had no bytes any more; looking what the log says of it by now");
            _lost += _gone.Count;
            _gone.Clear();
        }
        DurableFiles.SyncFileSystem(directory.Log);
        DurableFiles.SyncFileSystem(directory.Contents);
        directory.Write(Draft(contents.Count, contents.Bytes));
        Directory.Delete(directory.Incoming, recursive: true);
        return Report(contents, _proof.Head - known);
    }

    /// <summary>What an interrupted run left of the log is dropped: without backup.json nothing says whose it is. Contents prove themselves.</summary>
    private void Prepare(BackupDocument? before)
    {
        if (Directory.Exists(directory.Incoming)) Directory.Delete(directory.Incoming, recursive: true);
        foreach (var part in new[] { directory.Log, directory.Contents, directory.Incoming }) DurableFiles.MakeDirectory(part);
        var listed = (before?.Segments ?? []).Select(directory.Segment).ToHashSet(StringComparer.Ordinal);
        foreach (var file in Directory.GetFiles(directory.Log).Where(file => !listed.Contains(file))) File.Delete(file);
    }

    /// <summary>Is this the store that the directory holds, in the same life, with the same events? Else nothing is written.</summary>
    private async Task Recall(BackupDocument? before, CancellationToken cancellation)
    {
        var page = await source.Log(0, cancellation);
        (_storeId, _incarnation) = (page.StoreId, page.Incarnation);
        if (before is null) return;
        if (before.StoreId != _storeId)
            throw Refused($"{directory.Root} holds a backup of store {before.StoreId}, and this is store {_storeId}: name another directory");
        if (before.Incarnation != _incarnation)
            throw Refused(
                $"{directory.Root} holds a backup of incarnation {before.Incarnation} of this store, which is in incarnation {_incarnation} "
                + "since it was restored: name another directory");
        if (page.Head < before.HeadSequence)
            throw Refused(
                $"the log of the store ends at event {page.Head}, and the backup in {directory.Root} at event {before.HeadSequence}: "
                + "the store has lost events, keep this backup and restore it");
        await foreach (var line in LogSegments.Read(directory, before, cancellation)) _live.Learn(line);
        _segments.AddRange(before.Segments);
        if (before.HeadSequence > 0)
        {
            var known = (await source.Log(before.HeadSequence - 1, cancellation)).Events;
            if (known.Count == 0 || known[0].Sequence != before.HeadSequence || known[0].LeafDigest != before.HeadLeaf)
                throw Refused(
                    $"event {before.HeadSequence} of the store is another one than that of the backup in {directory.Root}: "
                    + "they are two lives of one log, keep both and find out why");
        }
        _proof = new(before.HeadSequence, before.HeadLeaf);
    }

    /// <summary>To the end as the first page tells it, so that a busy store is not followed for ever.</summary>
    private async Task ReadLog(CancellationToken cancellation)
    {
        using var writer = new SegmentWriter(directory);
        long? end = null;
        while (end is null || _proof.Head < end || !_proof.AtEndOfAppend)
        {
            var page = await source.Log(_proof.Head, cancellation);
            if ((page.StoreId, page.Incarnation) != (_storeId, _incarnation))
                throw Refused("another store answers than at the beginning of this backup: run it again when you know which one it shall be");
            end ??= page.Head;
            if (page.Events.Count == 0 && _proof.Head < end)
                throw new CliFailureException(ExitCode.VerificationFailed, $"the store shows nothing after event {_proof.Head}, but its log ends at {end}");
            if (page.Events.Count == 0) break;
            foreach (var line in page.Events.TakeWhile(_ => _proof.Head < end || !_proof.AtEndOfAppend))
            {
                if (_proof.Accept(line) is { } fault)
                    throw new CliFailureException(ExitCode.VerificationFailed, $"the log of the store is damaged: {Sentence.Printable(fault)}");
                writer.Write(line);
                _live.Learn(line);
            }
        }
        _segments.AddRange(writer.Finish());
    }

    private async Task Fetch(BackupContents contents, CancellationToken cancellation)
    {
        _tally.Restart(contents.Count, contents.Bytes);
        var options = new ParallelOptions { MaxDegreeOfParallelism = jobs, CancellationToken = cancellation };
        await Progress.Show(
            session.Host, "backing up", _tally,
            () => Parallel.ForEachAsync(contents.All(cancellation), options, async (content, token) => await One(content, token)));
    }

    private async Task One(ContentDigests content, CancellationToken cancellation)
    {
        var place = directory.Content(content.Blake3);
        var there = new FileInfo(place);
        if (there.Exists && there.Length == content.Size)
        {
            _tally.Kept(content.Size);
            return;
        }
        var partial = Path.Combine(directory.Incoming, content.Blake3.ToHex());
        await using var file = DurableFiles.Create(partial);
        var copied = new CopiedContent(file, content, _tally);
        if (await Copy(content, copied, cancellation) is not { } present)
        {
            _damaged.Enqueue(content);
        }
        else if (!present)
        {
            _gone.Enqueue(content);
        }
        else
        {
            DurableFiles.MakeDirectory(Path.GetDirectoryName(place)!);
            DurableFiles.Publish(file, place);
            _tally.Moved(content.Size);
            return;
        }
        _tally.Moving(-copied.Moved);
        File.Delete(partial);
    }

    /// <summary>Null: these are not the bytes that the log promises.</summary>
    private async Task<bool?> Copy(ContentDigests content, CopiedContent copied, CancellationToken cancellation)
    {
        try
        {
            if (!await source.Copy(content, copied, cancellation)) return false;
            return copied.IsWhole ? true : null;
        }
        catch (ArtifactStoreException wrong) when (wrong.Failure == StoreFailure.VerificationFailed)
        {
            return null;
        }
    }

    private BackupDocument Draft(long contents, long bytes) => new(
        BackupDocument.Current, _storeId, _incarnation, _proof.Head, _proof.HeadLeaf.ToHex(), session.Host.Clock.GetUtcNow(),
        session.Host.Version, contents, bytes, _segments);

    private int Report(BackupContents contents, long newEvents)
    {
        session.Document(
            new(
                directory.Root, _storeId, _incarnation, _proof.Head, contents.Count, contents.Bytes, newEvents, _tally.MovedFiles,
                _tally.MovedBytes, _lost),
            CliJson.Default.BackupAnswer);
        if (_lost > 0)
            session.Warn($"{Sentence.Count(_lost, "content")} had lost its bytes before this backup; the log says so, and 'artifactstore health' too");
        session.Say(
            $"store {_storeId}, incarnation {_incarnation}, is backed up to event {_proof.Head}: "
            + $"{Sentence.Count(contents.Count, "content")}, {Sentence.Bytes(contents.Bytes)}");
        session.Say(
            $"new since the last time: {Sentence.Count(newEvents, "event")}, {Sentence.Count(_tally.MovedFiles, "content")}, "
            + Sentence.Bytes(_tally.MovedBytes));
        return ExitCode.Ok;
    }

    private CliFailureException Damaged()
    {
        _damaged.TryPeek(out var first);
        return new(
            ExitCode.VerificationFailed,
            $"the store holds other bytes than it promises for {Sentence.Count(_damaged.Count, "content")}, "
            + $"{ContentAddress.Blake3(first!.Blake3)} first: everything else is copied, but the backup is not complete until that is repaired");
    }

    private CliFailureException Missing()
    {
        _gone.TryPeek(out var first);
        return new(
            ExitCode.Failed,
            $"the log calls {Sentence.Count(_gone.Count, "content")} live whose bytes the store does not give, {ContentAddress.Blake3(first!.Blake3)} "
            + "first: everything else is copied, but the backup is not complete; look at 'artifactstore health'");
    }

    private static CliFailureException Refused(string sentence) => new(ExitCode.Failed, sentence);
}
