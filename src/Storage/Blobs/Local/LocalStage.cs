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
    public abstract DurableFile MakeDurable();

    /// <summary>Fills the span with the bytes from the offset on.</summary>
    public abstract void Read(Span<byte> destination, long offset);

    public abstract ValueTask DisposeAsync();
}

/// <summary>A durable file without a key: open and nameless, or named in staging.</summary>
internal readonly struct DurableFile(SafeFileHandle handle, string? name, bool owned) : IDisposable
{
    public SafeFileHandle Handle { get; } = handle;

    public int LinkTo(string path) => name is null ? Posix.Link(Handle, path) : Posix.Link(name, path);

    public void Dispose()
    {
        if (!owned) return;
        Handle.Dispose();
        if (name is not null) Posix.Unlink(name);
    }
}

/// <summary>Costs the disk nothing until it is promoted, so that bytes the store already has cost it nothing at all.</summary>
internal sealed class MemoryStage(LocalRoot root, AttemptId attempt, ContentDigests digests, byte[] bytes)
    : LocalStage(root, attempt, digests)
{
    private int copies;

    public override DurableFile MakeDurable()
    {
        var file = Create(out var name);
        try
        {
            var path = name ?? Root.Staging;
            LocalRoot.Check(Posix.Write(file.Handle, bytes, 0), "write to", path);
            Root.Sync(file.Handle, path);
            return file;
        }
        catch
        {
            file.Dispose();
            throw;
        }
    }

    public override void Read(Span<byte> destination, long offset) => bytes.AsSpan((int)offset, destination.Length).CopyTo(destination);

    public override ValueTask DisposeAsync() => ValueTask.CompletedTask;

    private DurableFile Create(out string? name)
    {
        name = Root.HasUnnamedFiles ? null : $"{Root.Staging}/{Attempt}.{Interlocked.Increment(ref copies)}";
        var flags = Posix.WriteOnly | (name is null ? Posix.Unnamed : Posix.Create | Posix.Exclusive);
        var handle = StagingFile.Open(Root, name ?? Root.Staging, flags);
        return new DurableFile(handle, name, owned: true);
    }
}

/// <summary>
/// Keeps its descriptor open: the kernel reports a failed write-back only to descriptors that were open when it failed, so a sync through
/// another one could call lost bytes durable.
/// </summary>
internal sealed class FileStage(LocalRoot root, StagingFile file, AttemptId attempt, ContentDigests digests)
    : LocalStage(root, attempt, digests)
{
    private readonly object gate = new();
    private bool durable;
    private BlobStoreException? broken;

    public override DurableFile MakeDurable()
    {
        lock (gate)
        {
            // After a failed sync the kernel drops the dirty pages and a second sync succeeds without them: the stage is lost for good.
            if (broken is not null) throw new BlobStoreException(broken.Failure, broken.Message, broken);
            if (!durable) SyncOnce();
            return new DurableFile(file.Handle, file.Path, owned: false);
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

    public override async ValueTask DisposeAsync() => await file.DisposeAsync();

    private void SyncOnce()
    {
        try
        {
            Root.Sync(file.Handle, file.Path);
            durable = true;
        }
        catch (BlobStoreException failure)
        {
            broken = failure;
            throw;
        }
    }
}
