using System.Buffers;
using ArtifactStore.Interfaces.Blobs;
using ArtifactStore.Storage.Native;
using Microsoft.Win32.SafeHandles;

namespace ArtifactStore.Storage.Blobs.Local;

/// <summary>
/// Gives staged bytes their key. The order is what keeps them safe: the file is durable before it has the key, so a key never names
/// torn bytes; the directory is durable before the caller hears of success. Nothing is ever replaced or renamed, and no failure removes
/// a key.
/// </summary>
internal sealed class Promotion(LocalRoot root, DurableDirectories directories)
{
    // A directory can be removed as emptied between being made and being used; a collector that wins this often is not a coincidence.
    private const int MaxRounds = 16;
    private const int CompareBytes = 256 * 1024;

    public void Run(LocalStage stage, string key, CancellationToken cancellation)
    {
        var path = root.Of(key);
        var directory = path[..path.LastIndexOf('/')];
        using var file = stage.MakeDurable();
        for (var round = 0; round < MaxRounds; round++)
        {
            cancellation.ThrowIfCancellationRequested();
            var removals = directories.Removals;
            if (!directories.IsDurable(directory) && !directories.TryCreate(directory))
            {
                Vanished(directory);
                continue;
            }
            var error = file.LinkTo(path);
            if (error == Posix.Enoent)
            {
                if (file.IsGone) throw StageGone(stage);
                Vanished(directory);
                continue;
            }
            if (error == Posix.Eexist) RequireSame(stage, file.Handle, path, key);
            else if (error == Posix.Eperm) throw NoHardLinks();
            else LocalRoot.Check(error, "link", path);

            root.SyncDirectory(directory);
            directories.MakeDurable(directory, removals);
            return;
        }
        throw new BlobStoreException(BlobFailure.Unavailable, $"The directory {directory}, or what is staged for it, keeps vanishing.");
    }

    private static BlobStoreException StageGone(LocalStage stage) => new(
        BlobFailure.Unavailable,
        $"What was staged as {stage.Attempt} is gone: this node was taken for dead and its stages were swept; send the bytes again.");

    private BlobStoreException NoHardLinks() =>
        new(BlobFailure.Unavailable, $"The file system of {root.Path} refuses hard links, which this backend needs.");

    private void Vanished(string directory)
    {
        root.RequirePresent();
        directories.Forget(directory);
    }

    /// <summary>
    /// The key is taken. An earlier try of ours, or of another owner of the same bytes, may not have lived to sync it: so it is synced
    /// here.
    /// </summary>
    private void RequireSame(LocalStage stage, SafeFileHandle staged, string path, string key)
    {
        LocalRoot.Check(Posix.Open(path, Posix.ReadOnly | Posix.NoFollow, 0, out var existing), "open", path);
        using (existing)
        {
            LocalRoot.Check(Posix.Stat(existing, out var there), "read", path);
            LocalRoot.Check(Posix.Stat(staged, out var ours), "read", root.Staging);
            var linked = there.Inode == ours.Inode && there.Device == ours.Device;
            if (!linked && !(there.IsFile && there.Size == stage.Digests.Size && SameBytes(stage, existing, path)))
                throw new BlobStoreException(BlobFailure.KeyOccupied, $"The key {key} holds other bytes than those to be stored there.");
            if (!linked) root.Sync(existing, path);
        }
    }

    private static bool SameBytes(LocalStage stage, SafeFileHandle existing, string path)
    {
        var theirs = ArrayPool<byte>.Shared.Rent(CompareBytes);
        var ours = ArrayPool<byte>.Shared.Rent(CompareBytes);
        try
        {
            for (var offset = 0L; offset < stage.Digests.Size;)
            {
                LocalRoot.Check(Posix.Read(existing, theirs.AsSpan(0, CompareBytes), offset, out var read), "read", path);
                read = (int)Math.Min(read, stage.Digests.Size - offset);
                if (read == 0) return false;
                stage.Read(ours.AsSpan(0, read), offset);
                if (!ours.AsSpan(0, read).SequenceEqual(theirs.AsSpan(0, read))) return false;
                offset += read;
            }
            return true;
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(theirs);
            ArrayPool<byte>.Shared.Return(ours);
        }
    }
}
