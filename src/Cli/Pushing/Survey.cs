using ArtifactStore.Cli.Disk;

namespace ArtifactStore.Cli.Pushing;

/// <summary>
/// A first look at the directory, before anything is created: what cannot be pushed is said at once, and the bar knows its end. Only names
/// and sizes are read.
/// </summary>
internal sealed record Survey(long Files, long Bytes, long Skipped)
{
    private const int MaxNamed = 10;

    public static Survey Of(Session session, DirectoryWalk walk, PushRequest request, CancellationToken cancellation)
    {
        long files = 0, bytes = 0, skipped = 0, refusals = 0;
        foreach (var file in walk.Files(Refused))
        {
            cancellation.ThrowIfCancellationRequested();
            files++;
            bytes += file.Stamp.Size;
        }
        if (skipped > MaxNamed) session.Warn($"{skipped - MaxNamed} more were skipped");
        if (refusals == 0) return new(files, bytes, skipped);
        if (refusals > MaxNamed) session.Host.Error.WriteLine($"and {refusals - MaxNamed} more");
        throw new CliFailureException(
            ExitCode.Failed, $"{Sentence.Count(refusals, "entry", "entries")} of {request.Directory} cannot be pushed; nothing was pushed");

        void Refused(RefusedEntry entry)
        {
            var text = $"{Sentence.Printable(entry.FullPath)} {entry.Reason}";
            if (entry.Kind == EntryKind.Special || (entry.Kind == EntryKind.SymbolicLink && request.SkipLinks))
            {
                if (++skipped <= MaxNamed) session.Warn($"skipped: {text}");
                return;
            }
            var advice = entry.Kind == EntryKind.SymbolicLink ? " (--skip-links leaves links out)" : "";
            if (++refusals <= MaxNamed) session.Host.Error.WriteLine($"{text}{advice}");
        }
    }
}
