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

    private readonly LocalRoot root;
    private readonly SystemCallThreads threads;
    private readonly DurableDirectories directories;
    private readonly Staging staging;
    private readonly Promotion promotion;

    public LocalBlobStore(BackendId id, string path) : this(id, path, allowUnnamedFiles: true)
    {
    }

    internal LocalBlobStore(BackendId id, string path, bool allowUnnamedFiles)
    {
        if (!OperatingSystem.IsLinux()) throw new PlatformNotSupportedException("The local backend needs Linux; use an s3 backend here.");
        Id = id;
        root = new LocalRoot(path, allowUnnamedFiles);
        threads = new SystemCallThreads($"blobs {id}");
        directories = new DurableDirectories(root);
        staging = new Staging(root, threads);
        promotion = new Promotion(root, directories);
    }

    public BackendId Id { get; }

    /// <summary>How many times a file or directory was synced since the start: what durability costs.</summary>
    public long Syncs => root.Syncs;

    public Task<IStagedBlob> Stage(AttemptId attempt, Stream source, long? sizeHint, CancellationToken cancellation = default) =>
        staging.Stage(attempt, source, sizeHint, cancellation);

    public Task Promote(IStagedBlob staged, string key, CancellationToken cancellation = default)
    {
        if (staged is not LocalStage stage || stage.Root != root)
            throw new ArgumentException("Only bytes staged in this backend can be promoted in it.", nameof(staged));
        root.Of(key);
        return threads.Run(() => promotion.Run(stage, key, cancellation), cancellation);
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
        var path = root.Of(key);
        return threads.Run(() => DeleteFile(path), cancellation);
    }

    public IAsyncEnumerable<BlobListing> List(string? after, CancellationToken cancellation = default) =>
        new LocalListing(root, threads).List(after, cancellation);

    public Task<BackendHealth> Health(CancellationToken cancellation = default) =>
        threads.Run(new LocalHealth(root).Examine, cancellation);

    public Task<BackendIdentity> Claim(BackendIdentity identity, bool holdsBytes = false, CancellationToken cancellation = default) =>
        threads.Run(() => new LocalIdentity(root).Claim(identity, holdsBytes), cancellation);

    public Task<int> SweepStages(DateTimeOffset olderThan, CancellationToken cancellation = default) =>
        threads.Run(() => Sweep(olderThan, cancellation), cancellation);

    /// <summary>Looking up a name rarely waits for the disk, so it is done on the caller's thread.</summary>
    private Task<T> Answer<T>(string key, Func<string, T> look, CancellationToken cancellation)
    {
        if (cancellation.IsCancellationRequested) return Task.FromCanceled<T>(cancellation);
        var path = root.Of(key);
        try
        {
            root.Prepare();
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
        return new LocalReadStream(file, path, offset, left, threads);
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
        root.Prepare();
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
            root.Sync(handle, directory);
            if (deleted) directories.RemoveEmptied(directory);
            return deleted;
        }
    }

    /// <summary>A name that is not there is an answer only while the root is there.</summary>
    private bool IsAbsent(int error)
    {
        if (error is not (Posix.Enoent or Posix.Enotdir)) return false;
        root.RequirePresent();
        return true;
    }

    private int Sweep(DateTimeOffset olderThan, CancellationToken cancellation)
    {
        root.Prepare();
        root.RestoreStaging();
        var swept = 0;
        foreach (var path in Directory.EnumerateFiles(root.Staging))
        {
            cancellation.ThrowIfCancellationRequested();
            if (root.Live.Contains(Path.GetFileName(path))) continue;
            if (Posix.Stat(path, out var status) != 0 || !status.IsOlderThan(olderThan)) continue;
            if (Posix.Unlink(path) == 0) swept++;
        }
        return swept;
    }
}
