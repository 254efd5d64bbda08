using ArtifactStore.Interfaces.Hashing;
using ArtifactStore.Interfaces.Ids;
using ArtifactStore.Storage.Native;

namespace ArtifactStore.Storage.Blobs.Local;

/// <summary>
/// A body on its way into a staging file. Unless it is finished, disposing it removes the file: a source that fails leaves nothing.
/// </summary>
internal sealed class LargeBody : IAsyncDisposable
{
    // Writing begins this often, so that the sync at the end finds little left to do and a burst does not fill the page cache with
    // dirty pages.
    private const long WriteBehindBytes = 8 * 1024 * 1024;

    private readonly LocalRoot root;
    private readonly SystemCallThreads threads;
    private readonly AttemptId attempt;
    private readonly TwoLaneHasher hasher = new(new ContentHasher());
    private StagingFile? file;
    private long size;
    private long begun;

    public LargeBody(LocalRoot root, SystemCallThreads threads, AttemptId attempt)
    {
        this.root = root;
        this.threads = threads;
        this.attempt = attempt;
        file = StagingFile.Create(root, attempt.ToString());
    }

    /// <summary>
    /// Hashes and writes one piece: SHA-256 on one lane, BLAKE3 and then the file on the other. The piece is the caller's again when
    /// the task has ended, however it ended.
    /// </summary>
    public async Task Take(ReadOnlyMemory<byte> piece)
    {
        var hashing = ValueTask.CompletedTask;
        try
        {
            await threads.Run(() =>
            {
                hashing = hasher.UpdateAsync(piece);
                Write(piece.Span);
            });
        }
        finally
        {
            await hashing;
        }
    }

    public FileStage Finish()
    {
        var stage = new FileStage(root, file!, threads, attempt, hasher.Hasher.Finish());
        file = null;
        return stage;
    }

    public async ValueTask DisposeAsync()
    {
        if (file is not null) await threads.Run(file.Dispose);
    }

    private void Write(ReadOnlySpan<byte> piece)
    {
        LocalRoot.Check(Posix.Write(file!.Handle, piece, size), "write to", file.Path);
        size += piece.Length;
        if (size - begun < WriteBehindBytes) return;
        Posix.BeginWriting(file.Handle, begun, size - begun);
        begun = size;
    }
}
