using System.Security.Cryptography;
using ArtifactStore.Interfaces.Blobs;
using ArtifactStore.Interfaces.Hashing;
using ArtifactStore.Interfaces.Ids;
using ArtifactStore.Storage.Native;
using Microsoft.Win32.SafeHandles;

namespace ArtifactStore.Storage.Blobs.Local;

/// <summary>Staged bytes of this backend: in memory when they are few, else in a file of the staging directory.</summary>
internal abstract class LocalStage(LocalRoot root, AttemptId attempt, ContentDigests digests) : IStagedBlob
{
    public LocalRoot Root { get; } = root;

    public AttemptId Attempt { get; } = attempt;

    public ContentDigests Digests { get; } = digests;

    /// <summary>A file with these bytes, durable, ready to be linked. Disposing it leaves the stage and all links as they are.</summary>
    public abstract KeylessFile MakeDurable();

    /// <summary>Fills the span with the bytes from the offset on.</summary>
    public abstract void Read(Span<byte> destination, long offset);

    public abstract ValueTask DisposeAsync();
}

/// <summary>An open file without a key: without any name, or with one in staging. It ends with its use, unless a stage keeps it.</summary>
internal readonly struct KeylessFile(SafeFileHandle handle, string? name, StagingFile? owned) : IDisposable
{
    public SafeFileHandle Handle { get; } = handle;

    /// <summary>It had a name in staging and somebody else removed it. Without a name it cannot be given a key any more.</summary>
    public bool IsGone => name is not null && Posix.Stat(name, out _) == Posix.Enoent;

    public int LinkTo(string path) => name is null ? Posix.Link(Handle, path) : Posix.Link(name, path);

    public void Dispose()
    {
        if (owned is not null) owned.Dispose();
        else if (name is null) Handle.Dispose();
    }
}

/// <summary>Costs the disk nothing until it is promoted, so that bytes the store already has cost it nothing at all.</summary>
internal sealed class MemoryStage(LocalRoot root, AttemptId attempt, ContentDigests digests, byte[] bytes)
    : LocalStage(root, attempt, digests)
{
    public override KeylessFile MakeDurable()
    {
        var file = Written();
        try
        {
            Root.Sync(file.Handle, Root.Staging);
            return file;
        }
        catch
        {
            file.Dispose();
            throw;
        }
    }

    /// <summary>A file with these bytes, not yet durable.</summary>
    public KeylessFile Written()
    {
        var file = Root.HasUnnamedFiles ? Unnamed() : Named();
        var error = Posix.Write(file.Handle, bytes, 0);
        if (error == 0) return file;
        file.Dispose();
        throw LocalRoot.Failure(error, "write to", Root.Staging);
    }

    public override void Read(Span<byte> destination, long offset) => bytes.AsSpan((int)offset, destination.Length).CopyTo(destination);

    public override ValueTask DisposeAsync() => ValueTask.CompletedTask;

    private KeylessFile Unnamed() =>
        new(StagingFile.Open(Root, Root.Staging, Posix.WriteOnly | Posix.Unnamed), name: null, owned: null);

    private KeylessFile Named()
    {
        // Never a name that was used before: one that a crash left behind would be in the way.
        var file = StagingFile.Create(Root, $"{Attempt}.{RandomNumberGenerator.GetHexString(16, lowercase: true)}");
        return new KeylessFile(file.Handle, file.Path, file);
    }
}

/// <summary>
/// Keeps its descriptor open: the kernel reports a failed write-back only to descriptors that were open when it failed, so a sync through
/// another one could call lost bytes durable.
/// </summary>
internal sealed class FileStage(
    LocalRoot root, StagingFile file, SystemCallThreads threads, AttemptId attempt, ContentDigests digests)
    : LocalStage(root, attempt, digests)
{
    private readonly object _gate = new();
    private bool _durable;
    private BlobStoreException? _broken;

    public override KeylessFile MakeDurable()
    {
        lock (_gate)
        {
            // After a failed sync the kernel drops the dirty pages and a second sync succeeds without them: the stage is lost for good.
            if (_broken is not null) throw new BlobStoreException(_broken.Failure, _broken.Message, _broken);
            if (!_durable) SyncOnce();
            return new KeylessFile(file.Handle, file.Path, owned: null);
        }
    }

    public override void Read(Span<byte> destination, long offset)
    {
        while (!destination.IsEmpty)
        {
            LocalRoot.Check(Posix.Read(file.Handle, destination, offset, out var read), "read", file.Path);
            if (read == 0) throw new BlobStoreException(BlobFailure.Unavailable, $"The staged file {file.Path} was cut off.");
            destination = destination[read..];
            offset += read;
        }
    }

    /// <summary>The last name of a gigabyte takes the file system a while to remove.</summary>
    public override async ValueTask DisposeAsync() => await threads.Run(file.Dispose);

    private void SyncOnce()
    {
        try
        {
            Root.Sync(file.Handle, file.Path);
            _durable = true;
        }
        catch (BlobStoreException failure)
        {
            _broken = failure;
            throw;
        }
    }
}
