using ArtifactStore.Interfaces.Blobs;
using ArtifactStore.Interfaces.Ids;
using ArtifactStore.Storage.Native;
using Microsoft.Win32.SafeHandles;

namespace ArtifactStore.Storage.Blobs.Local;

/// <summary>
/// The directory tree of one backend:
/// <code>
///   &lt;root&gt;/store.json            whose bytes these are (LocalIdentity)
///   &lt;root&gt;/staging/&lt;node&gt;/&lt;attempt&gt;   bytes on their way in, by the run of the process that brings them
///   &lt;root&gt;/&lt;key&gt;                 objects
/// </code>
/// Invariant: the root is created once, before its first use. A root that vanishes afterwards (an unmounted disk) is never made again,
/// because an empty store in its place would look healthy and answer "no such object" for every byte it had promised to keep.
/// </summary>
internal sealed class LocalRoot(string path, NodeId node, bool allowUnnamedFiles)
{
    public const int FileMode = 0x1A0;      // 0640
    public const int DirectoryMode = 0x1E8; // 0750
    public const string StagingName = "staging";
    public const string IdentityName = "store.json";

    // A file system's own directory, at the root of every ext4 mount.
    private const string LostAndFound = "lost+found";

    private readonly object _gate = new();
    private volatile bool _prepared;
    private volatile bool _claimed;
    private long _syncs;

    public string Path { get; } = System.IO.Path.TrimEndingDirectorySeparator(System.IO.Path.GetFullPath(path));

    /// <summary>The stages of all nodes.</summary>
    public string Stages => $"{Path}/{StagingName}";

    /// <summary>The stages of this node: no other one writes here, and none sweeps here while this one lives.</summary>
    public string Staging { get; } = $"{System.IO.Path.TrimEndingDirectorySeparator(System.IO.Path.GetFullPath(path))}/{StagingName}/{node}";

    public NodeId Node { get; } = node;

    public string Identity => $"{Path}/{IdentityName}";

    /// <summary>
    /// Whether the file system can make a file without a name and name it later (O_TMPFILE). Then small bodies leave no trace in
    /// staging.
    /// </summary>
    public bool HasUnnamedFiles { get; private set; }

    public LiveStages Live { get; } = new();

    /// <summary>How many syncs were asked for since the start.</summary>
    public long Syncs => Interlocked.Read(ref _syncs);

    public static bool IsReserved(string name) => name is StagingName or IdentityName or LostAndFound;

    /// <summary>The path of a key, which was checked to stay below the root.</summary>
    public string Of(string key)
    {
        BlobKey.Require(key);
        var slash = key.IndexOf('/', StringComparison.Ordinal);
        if (IsReserved(slash < 0 ? key : key[..slash]))
            throw new ArgumentException($"The key '{key}' is reserved for the store's own files.", nameof(key));
        return $"{Path}/{key}";
    }

    public void MarkClaimed() => _claimed = true;

    /// <summary>Makes the root on first use; afterwards one read of a flag.</summary>
    public void Prepare()
    {
        if (_prepared) return;
        lock (_gate)
        {
            if (_prepared) return;
            CreateWithParents(Path);
            _claimed = Posix.Stat(Identity, out _) == 0;
            MakeStaging();
            HasUnnamedFiles = allowUnnamedFiles && TryUnnamedFile();
            _prepared = true;
        }
    }

    /// <summary>Called whenever a name was not found, to tell "no such object" from "no such disk".</summary>
    public void RequirePresent()
    {
        var witness = _claimed ? Identity : Path;
        var error = Posix.Stat(witness, out _);
        if (error == 0) return;
        throw new BlobStoreException(
            BlobFailure.Unavailable,
            _claimed && error == Posix.Enoent
                ? $"The storage root {Path} has lost its {IdentityName}: the disk is gone or not mounted."
                : $"The storage root {Path} cannot be reached: {Posix.Describe(error)}.");
    }

    /// <summary>
    /// An operator may empty the staging directory while the store runs, and others sweep that of a node that seemed dead; it comes back only
    /// below a root that is ours.
    /// </summary>
    public void RestoreStaging()
    {
        RequirePresent();
        MakeStaging();
    }

    /// <summary>Refuses a body that announces itself as larger than what is free, before it fills the disk for everybody else.</summary>
    public void RequireRoom(long bytes)
    {
        RequirePresent();
        try
        {
            if (bytes <= new DriveInfo(Path).AvailableFreeSpace) return;
        }
        catch (IOException failure)
        {
            throw new BlobStoreException(BlobFailure.Unavailable, $"Cannot tell how much room {Path} has: {failure.Message}", failure);
        }
        throw new BlobStoreException(BlobFailure.Full, $"There is no room for {bytes} bytes in {Path}.");
    }

    public void Sync(SafeFileHandle file, string name)
    {
        Interlocked.Increment(ref _syncs);
        Check(Posix.Sync(file), "make durable", name);
    }

    public void SyncDirectory(string directory)
    {
        Check(Posix.Open(directory, Posix.ReadOnly | Posix.DirectoryOnly, 0, out var handle), "open", directory);
        using (handle) Sync(handle, directory);
    }

    public static void Check(int error, string action, string path)
    {
        if (error != 0) throw Failure(error, action, path);
    }

    public static BlobStoreException Failure(int error, string action, string path) => error is Posix.Enospc or Posix.Edquot
        ? new(BlobFailure.Full, $"There is no room to {action} {path}: {Posix.Describe(error)}.")
        : new(BlobFailure.Unavailable, $"Cannot {action} {path}: {Posix.Describe(error)}.");

    private void MakeStaging()
    {
        foreach (var directory in (ReadOnlySpan<string>)[Stages, Staging])
        {
            var error = Posix.MakeDirectory(directory, DirectoryMode);
            if (error is not (0 or Posix.Eexist)) throw Failure(error, "create", directory);
        }
    }

    private void CreateWithParents(string directory)
    {
        if (Posix.Stat(directory, out var status) == 0)
        {
            if (!status.IsDirectory && !Directory.Exists(directory))
                throw new BlobStoreException(BlobFailure.Unavailable, $"The storage root {directory} is not a directory.");
            return;
        }
        var parent = System.IO.Path.GetDirectoryName(directory) ?? "/";
        CreateWithParents(parent);
        var error = Posix.MakeDirectory(directory, DirectoryMode);
        if (error is not (0 or Posix.Eexist)) throw Failure(error, "create", directory);
        SyncDirectory(parent);
    }

    private bool TryUnnamedFile()
    {
        if (Posix.Open(Staging, Posix.WriteOnly | Posix.Unnamed, FileMode, out var file) != 0) return false;
        using (file)
        {
            // Naming it goes through /proc, which a container may lack.
            var name = $"{Staging}/probe-{Environment.ProcessId}";
            Posix.Unlink(name);
            return Posix.Link(file, name) == 0 && Posix.Unlink(name) == 0;
        }
    }
}
