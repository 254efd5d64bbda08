using System.Collections.Concurrent;
using ArtifactStore.Cli.Disk;
using ArtifactStore.Interfaces.Ids;

namespace ArtifactStore.Cli.Pulling;

/// <summary>
/// Where a package is pulled to. Invariant: nothing is written outside it. Paths hold no ".." by their type; here every directory below the
/// root is looked at without following links, so that a link which lies in the target already cannot lead out of it.
/// </summary>
internal sealed class TargetDirectory(string root)
{
    private readonly string _root = Path.GetFullPath(root);
    private readonly ConcurrentDictionary<string, bool> _checked = new();

    public void Create()
    {
        try
        {
            Directory.CreateDirectory(_root);
        }
        catch (Exception refused) when (refused is IOException or UnauthorizedAccessException)
        {
            throw new CliFailureException(ExitCode.Failed, $"cannot create {Sentence.Printable(_root)}: {Sentence.Of(refused)}", refused);
        }
    }

    /// <summary>The full path of a file, below directories that are there and are directories.</summary>
    public string Place(RelativePath path)
    {
        var text = path.Value;
        for (var slash = text.IndexOf('/'); slash >= 0; slash = text.IndexOf('/', slash + 1)) Ensure(text[..slash]);
        return Path.Combine(_root, text);
    }

    private void Ensure(string directory)
    {
        if (_checked.ContainsKey(directory)) return;
        var full = Path.Combine(_root, directory);
        if (Stat.Of(full) is null)
        {
            try
            {
                Directory.CreateDirectory(full);
            }
            catch (IOException)
            {
                // Somebody was faster, or something else is there by now: the look below tells.
            }
        }
        switch (Stat.Of(full))
        {
            case (EntryKind.Directory, _):
                _checked[directory] = true;
                return;
            case (EntryKind.SymbolicLink, _):
                throw new CliFailureException(ExitCode.Failed, $"{Sentence.Printable(full)} is a symbolic link; pull does not write through links");
            default:
                throw new CliFailureException(ExitCode.Failed, $"{Sentence.Printable(full)} is needed as a directory, but is none");
        }
    }
}
