using System.Collections.Concurrent;
using ArtifactStore.Cli.Output;
using ArtifactStore.Interfaces.Hashing;

namespace ArtifactStore.Cli.Backups;

/// <summary>Reads everything that a backup should hold, and says what is not so. Writes nothing.</summary>
internal sealed class Verification(Session session, BackupDirectory directory, int jobs)
{
    /// <summary>As many are named one by one; the count says how many there are.</summary>
    private const int MaxNamed = 20;

    private readonly Tally _tally = new();
    private readonly ConcurrentQueue<string> _faults = new();

    public async Task<int> Run(CancellationToken cancellation)
    {
        var backup = directory.Require();
        var contents = await BackupContents.Of(directory, backup, cancellation);
        _tally.Restart(contents.Count, contents.Bytes);
        var options = new ParallelOptions { MaxDegreeOfParallelism = jobs, CancellationToken = cancellation };
        await Progress.Show(
            session.Host, "verifying", _tally,
            () => Parallel.ForEachAsync(contents.All(cancellation), options, async (content, token) => await One(content, token)));
        if (!_faults.IsEmpty) throw Damaged(contents.Count);
        session.Document(
            new(directory.Root, backup.StoreId, backup.Incarnation, backup.HeadSequence, contents.Count, contents.Bytes),
            CliJson.Default.VerifyAnswer);
        session.Say(
            $"the backup of store {backup.StoreId}, incarnation {backup.Incarnation}, is whole: {Sentence.Count(backup.HeadSequence, "event")}, "
            + $"{Sentence.Count(contents.Count, "content")}, {Sentence.Bytes(contents.Bytes)}, every byte verified");
        return ExitCode.Ok;
    }

    private async Task One(ContentDigests content, CancellationToken cancellation)
    {
        if (await FaultOf(directory, content, cancellation) is { } fault) _faults.Enqueue(fault);
        else _tally.Kept(content.Size);
    }

    private static async Task<string?> FaultOf(BackupDirectory directory, ContentDigests content, CancellationToken cancellation)
    {
        var path = directory.Content(content.Blake3);
        try
        {
            await using var file = new FileStream(
                path, FileMode.Open, FileAccess.Read, FileShare.Read, bufferSize: 0, FileOptions.Asynchronous | FileOptions.SequentialScan);
            return await ContentHasher.HashStreamAsync(file, cancellation) == content ? null : $"{path} is damaged";
        }
        catch (Exception absent) when (absent is FileNotFoundException or DirectoryNotFoundException)
        {
            return $"{path} is missing";
        }
        catch (Exception unreadable) when (unreadable is IOException or UnauthorizedAccessException)
        {
            return $"{path} cannot be read: {Sentence.Of(unreadable)}";
        }
    }

    private CliFailureException Damaged(long contents)
    {
        var named = _faults.Order(StringComparer.Ordinal).ToList();
        foreach (var fault in named.Skip(1).Take(MaxNamed)) session.Warn(Sentence.Printable(fault));
        return new(
            ExitCode.VerificationFailed,
            $"the backup is damaged: {Sentence.Printable(named[0])}{(named.Count > 1 ? $", and {named.Count - 1} more" : "")} "
            + $"of {Sentence.Count(contents, "content")}; delete what is damaged and run 'artifactstore backup' again");
    }
}
