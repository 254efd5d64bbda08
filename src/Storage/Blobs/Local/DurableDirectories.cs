using ArtifactStore.Storage.Native;

namespace ArtifactStore.Storage.Blobs.Local;

/// <summary>
/// Which shard directories are known to survive a power loss, so that a promotion syncs the parents of its directory only the first
/// time.
/// <para>
/// Invariant: a directory in the set has a durable entry in its parent, and so have its ancestors. Two rules keep it, and both need the
/// count of removals: a directory leaves the set before it is removed; and it enters only when nothing was removed since before it was
/// synced, for the synced entry may be gone and another of the same name, never synced, be in its place. Whoever asks after placing an
/// object in the directory may trust the answer, for a directory that holds an object cannot be removed.
/// </para>
/// </summary>
internal sealed class DurableDirectories(LocalRoot root)
{
    /// <summary>All shards of one tenant fit. When it is full it is emptied, which costs syncs and nothing else.</summary>
    private const int MaxKnown = 100_000;

    private readonly HashSet<string> _known = new(StringComparer.Ordinal);
    private readonly object _gate = new();
    private long _removals;

    public long Removals
    {
        get { lock (_gate) return _removals; }
    }

    public bool IsDurable(string directory)
    {
        lock (_gate) return _known.Contains(directory);
    }

    /// <summary>
    /// Makes what is missing between the root and the directory; the names are not durable yet. False: something was removed meanwhile.
    /// </summary>
    public bool TryCreate(string directory)
    {
        foreach (var step in Chain(directory))
        {
            var error = Posix.MakeDirectory(step, LocalRoot.DirectoryMode);
            if (error == Posix.Enoent) return false;
            if (error is not (0 or Posix.Eexist)) throw LocalRoot.Failure(error, "create", step);
        }
        return true;
    }

    /// <summary>Makes the names between the root and the directory durable.</summary>
    /// <param name="directory">A directory that holds something, so that it stays.</param>
    /// <param name="removalsBefore">The count of removals before that something was placed.</param>
    public void MakeDurable(string directory, long removalsBefore)
    {
        if (IsDurable(directory)) return;
        // The deepest parent first: its commit usually carries the others, whose syncs then find nothing to do.
        var chain = Chain(directory);
        for (var i = chain.Count - 1; i >= 0; i--)
        {
            if (!IsDurable(chain[i])) root.SyncDirectory(ParentOf(chain[i]));
        }
        lock (_gate)
        {
            if (_removals != removalsBefore) return;
            if (_known.Count + chain.Count > MaxKnown) _known.Clear();
            _known.UnionWith(chain);
        }
    }

    /// <summary>Somebody else removed it: the whole chain has to be made and synced again.</summary>
    public void Forget(string directory)
    {
        lock (_gate)
        {
            _removals++;
            _known.ExceptWith(Chain(directory));
        }
    }

    /// <summary>
    /// Removes the directory and its ancestors as far as they are empty. Nothing durable is lost when a power loss brings them back.
    /// </summary>
    public void RemoveEmptied(string directory)
    {
        for (var step = directory; step.Length > root.Path.Length && IsEmpty(step); step = ParentOf(step))
        {
            lock (_gate)
            {
                _removals++;
                _known.Remove(step);
            }
            if (Posix.RemoveDirectory(step) != 0) return;
        }
    }

    private static bool IsEmpty(string directory)
    {
        try
        {
            return !Directory.EnumerateFileSystemEntries(directory).Any();
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            return false;
        }
    }

    private List<string> Chain(string directory)
    {
        var steps = new List<string>(4);
        for (var i = root.Path.Length + 1; i < directory.Length; i++)
        {
            if (directory[i] == '/') steps.Add(directory[..i]);
        }
        if (directory.Length > root.Path.Length) steps.Add(directory);
        return steps;
    }

    private static string ParentOf(string directory) => directory[..directory.LastIndexOf('/')];
}
