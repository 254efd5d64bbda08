using System.IO.Enumeration;
using ArtifactStore.Client;
using ArtifactStore.Interfaces.Ids;

namespace ArtifactStore.Cli.Disk;

/// <summary>A file that can become part of a package.</summary>
internal sealed record DiskFile(RelativePath Path, string FullPath, FileStamp Stamp);

/// <summary>An entry that cannot, and why.</summary>
internal sealed record RefusedEntry(string FullPath, EntryKind Kind, string Reason)
{
    /// <summary>True for what may be left out with a warning; a file that cannot be read or named must not be.</summary>
    public bool MayBeSkipped => Kind is EntryKind.SymbolicLink or EntryKind.Special;
}

/// <summary>
/// All files below a directory in byte order of their relative paths, which is the order in which the store lists a package: so the two are
/// compared side by side without holding either. Memory: the names of the directories between the root and the place where the walk is.
/// </summary>
internal sealed class DirectoryWalk(string root)
{
    private static readonly EnumerationOptions Everything = new()
    {
        AttributesToSkip = FileAttributes.None,
        IgnoreInaccessible = false,
        RecurseSubdirectories = false,
    };

    private readonly string _root = Path.GetFullPath(root);

    /// <summary>Files, and through <paramref name="refused"/> everything that is not one. Links are never followed.</summary>
    public IEnumerable<DiskFile> Files(Action<RefusedEntry> refused)
    {
        var open = new Stack<IEnumerator<string>>();
        open.Push(Names("", refused).GetEnumerator());
        while (open.TryPeek(out var names))
        {
            if (!names.MoveNext())
            {
                open.Pop();
                continue;
            }
            var relative = names.Current;
            if (relative.EndsWith('/'))
            {
                open.Push(Names(relative, refused).GetEnumerator());
                continue;
            }
            if (Look(relative, refused) is { } file) yield return file;
        }
    }

    private DiskFile? Look(string relative, Action<RefusedEntry> refused)
    {
        var full = Path.Combine(_root, relative);
        if (RelativePath.TryCreate(relative, out var path) is { } reason)
        {
            refused(new(full, EntryKind.File, reason));
            return null;
        }
        switch (Stat.Of(full))
        {
            case (EntryKind.File, var stamp):
                return new(path!, full, stamp);
            case (EntryKind.SymbolicLink, _):
                refused(new(full, EntryKind.SymbolicLink, "is a symbolic link"));
                return null;
            case (EntryKind.Special, _):
                refused(new(full, EntryKind.Special, "is neither a file nor a directory"));
                return null;
            case null when relative.Contains('\ufffd'):
                refused(new(full, EntryKind.File, "has a name that is not UTF-8"));
                return null;
            default:
                refused(new(full, EntryKind.File, "changed while the directory was read"));
                return null;
        }
    }

    /// <summary>
    /// The entries of one directory; a directory's name ends in '/', which is also what puts it into the order of whole paths.
    /// </summary>
    private List<string> Names(string prefix, Action<RefusedEntry> refused)
    {
        var directory = Path.Combine(_root, prefix);
        try
        {
            var names = new FileSystemEnumerable<string>(directory, (ref FileSystemEntry entry) => NameOf(prefix, ref entry), Everything).ToList();
            names.Sort(PathOrder.Comparer);
            return names;
        }
        catch (Exception unreadable) when (unreadable is IOException or UnauthorizedAccessException)
        {
            refused(new(directory, EntryKind.Directory, $"cannot be read: {Sentence.Of(unreadable)}"));
            return [];
        }
    }

    private static string NameOf(string prefix, ref FileSystemEntry entry)
    {
        // A link to a directory says that it is a directory, too.
        var isDirectory = entry.IsDirectory && !entry.Attributes.HasFlag(FileAttributes.ReparsePoint);
        return isDirectory ? $"{prefix}{entry.FileName}/" : $"{prefix}{entry.FileName}";
    }
}
