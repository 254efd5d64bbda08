using ArtifactStore.Interfaces.Blobs;
using ArtifactStore.Interfaces.Ids;
using ArtifactStore.Storage.Native;

namespace ArtifactStore.Storage.Blobs.Local;

/// <summary>
/// The <c>local</c> backend: objects are files of a directory tree on one file system of this Linux machine. The layout and what a
/// power loss leaves at each step are in <c>docs/formats/blobs.md</c>.
/// </summary>
public sealed class LocalBlobStore : IBlobStore
{
    // Below this the kernel's normal read-ahead already covers the file.
    private const long SequentialBytes = 1024 * 1024;

    private readonly LocalRoot _root;
    private readonly SystemCallThreads _threads;
    private readonly DurableDirectories _directories;
    private readonly Staging _staging;
    private readonly Promotion _promotion;

    /// <param name="id">As the settings name it.</param>
    /// <param name="path">The root.</param>
    /// <param name="node">This run of this process: what it stages lies in a directory of its own.</param>
    public LocalBlobStore(BackendId id, string path, NodeId node) : this(id, path, node, allowUnnamedFiles: true)
    {
    }

    /// <summary>
    /// Other processes use this root too. Each remembers which directories are durable, and none may take one away from the others: so
    /// emptied ones stay.
    /// </summary>
    public bool IsShared { get; init; }

    internal LocalBlobStore(BackendId id, string path, NodeId node, bool allowUnnamedFiles)
    {
        if (!OperatingSystem.IsLinux()) throw new PlatformNotSupportedException("The local backend needs Linux; use an s3 backend here.");
        Id = id;
        _root = new LocalRoot(path, node, allowUnnamedFiles);
        _threads = new SystemCallThreads($"blobs {id}");
        _directories = new DurableDirectories(_root);
        _staging = new Staging(_root, _threads);
        _promotion = new Promotion(_root, _directories);
    }

    public BackendId Id { get; }

    /// <summary>How many times a file or directory was synced since the start: what durability costs.</summary>
    public long Syncs => _root.Syncs;

    public Task<IStagedBlob> Stage(AttemptId attempt, Stream source, long? sizeHint, CancellationToken cancellation = default) =>
        _staging.Stage(attempt, source, sizeHint, cancellation);

    public Task Promote(IStagedBlob staged, string key, CancellationToken cancellation = default)
    {
        if (staged is not LocalStage stage || stage.Root != _root)
            throw new ArgumentException("Only bytes staged in this backend can be promoted in it.", nameof(staged));
        _root.Of(key);
        return _threads.Run(() => _promotion.Run(stage, key, cancellation), cancellation);
    }

    public Task<Stream?> Open(string key, long offset = 0, long? length = null, CancellationToken cancellation = default)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(offset);
        if (length is { } wanted) ArgumentOutOfRangeException.ThrowIfNegative(wanted, nameof(length));
        return Answer<Stream?>(key, path => OpenFile(path, offset, length), cancellation);
    }

    public Task<long?> Size(string key, CancellationToken cancellation = default) => Answer(key, SizeOf, cancellation);

    public Task<bool> Delete(string key, CancellationToken cancellation = default)
    {
        var path = _root.Of(key);
        return _threads.Run(() => DeleteFile(path), cancellation);
    }

    public IAsyncEnumerable<BlobListing> List(string? after, CancellationToken cancellation = default) =>
        new LocalListing(_root, _threads).List(after, cancellation);

    public Task<BackendHealth> Health(CancellationToken cancellation = default) =>
        _threads.Run(new LocalHealth(_root).Examine, cancellation);

    public Task<BackendIdentity> Claim(BackendIdentity identity, bool holdsBytes = false, CancellationToken cancellation = default) =>
        _threads.Run(() => new LocalIdentity(_root).Claim(identity, holdsBytes), cancellation);

    public Task<int> SweepStages(Func<CancellationToken, Task<IReadOnlySet<NodeId>>> living, CancellationToken cancellation = default) =>
        new StageSweep(_root, _threads).Run(living, cancellation);

    /// <summary>Looking up a name rarely waits for the disk, so it is done on the caller's thread.</summary>
    private Task<T> Answer<T>(string key, Func<string, T> look, CancellationToken cancellation)
    {
        if (cancellation.IsCancellationRequested) return Task.FromCanceled<T>(cancellation);
        var path = _root.Of(key);
        try
        {
            _root.Prepare();
            return Task.FromResult(look(path));
        }
        catch (BlobStoreException failure)
        {
            return Task.FromException<T>(failure);
        }
    }

    private LocalReadStream? OpenFile(string path, long offset, long? length)
    {
        var error = Posix.Open(path, Posix.ReadOnly | Posix.NoFollow, 0, out var file);
        if (IsAbsent(error)) return null;
        LocalRoot.Check(error, "open", path);
        error = Posix.Stat(file, out var status);
        if (error != 0 || !status.IsFile)
        {
            file.Dispose();
            LocalRoot.Check(error, "read", path);
            return null;
        }
        var left = Math.Max(0, Math.Min(length ?? long.MaxValue, status.Size - offset));
        if (left > SequentialBytes) Posix.AdviseSequentialReading(file);
        return new LocalReadStream(file, path, offset, left, _threads);
    }

    private long? SizeOf(string path)
    {
        var error = Posix.Stat(path, out var status);
        if (IsAbsent(error)) return null;
        LocalRoot.Check(error, "read", path);
        return status.IsFile ? status.Size : null;
    }

    private bool DeleteFile(string path)
    {
        _root.Prepare();
        var directory = path[..path.LastIndexOf('/')];
        var error = Posix.Open(directory, Posix.ReadOnly | Posix.DirectoryOnly, 0, out var handle);
        if (IsAbsent(error)) return false;
        LocalRoot.Check(error, "open", directory);
        using (handle)
        {
            error = Posix.Unlink(path);
            var deleted = !IsAbsent(error) && error != Posix.Eisdir;
            if (deleted) LocalRoot.Check(error, "delete", path);
            // Also when it was gone already: whoever removed it may not have lived to make that durable.
            _root.Sync(handle, directory);
            if (deleted && !IsShared) _directories.RemoveEmptied(directory);
            return deleted;
        }
    }

    /// <summary>A name that is not there is an answer only while the root is there.</summary>
    private bool IsAbsent(int error)
    {
        if (error is not (Posix.Enoent or Posix.Enotdir)) return false;
        _root.RequirePresent();
        return true;
    }
}
