using System.Security.Cryptography;
using ArtifactStore.Interfaces.Hashing;
using ArtifactStore.Interfaces.Ids;
using ArtifactStore.Storage.Native;
using Digest256 = ArtifactStore.Interfaces.Hashing.Digest256;

namespace ArtifactStore.Storage.Blobs.Local;

/// <summary>
/// A body on its way into a staging file. Unless it is finished, disposing it removes the file: a source that fails leaves nothing.
/// </summary>
internal sealed class LargeBody : IAsyncDisposable
{
    // Writing begins this often, so that the sync at the end finds little left to do and a burst does not fill the page cache with dirty pages.
    private const long WriteBehindBytes = 8 * 1024 * 1024;

    private readonly LocalRoot root;
    private readonly SystemCallThreads threads;
    private readonly AttemptId attempt;
    private readonly Blake3 blake3 = new();
    private readonly IncrementalHash sha256 = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
    private StagingFile? file;
    private long size;
    private long begun;

    public LargeBody(LocalRoot root, LiveStages live, SystemCallThreads threads, AttemptId attempt, long? sizeHint)
    {
        this.root = root;
        this.threads = threads;
        this.attempt = attempt;
        file = StagingFile.Create(root, attempt.ToString(), live, threads);
    }

    /// <summary>Hashes and writes one piece, on two lanes. The caller keeps the piece untouched until the task ends, however it ends.</summary>
    public async Task Take(ReadOnlyMemory<byte> piece)
    {
        // This one first: it may refuse at once, and then no lane may be reading the piece.
        var writing = threads.Run(() => Write(piece.Span));
        var hashing = Task.Run(() => sha256.AppendData(piece.Span));
        await Task.WhenAll(writing, hashing);
    }

    public FileStage Finish()
    {
        Span<byte> digest = stackalloc byte[Digest256.Bytes];
        sha256.GetHashAndReset(digest);
        var stage = new FileStage(root, file!, attempt, new ContentDigests(blake3.Finish(), Digest256.FromBytes(digest), size));
        file = null;
        return stage;
    }

    public async ValueTask DisposeAsync()
    {
        sha256.Dispose();
        if (file is not null) await file.DisposeAsync();
    }

    private void Write(ReadOnlySpan<byte> piece)
    {
        LocalRoot.Check(Posix.Write(file!.Handle, piece, size), "write to", file.Path);
        size += piece.Length;
        if (size - begun >= WriteBehindBytes)
        {
            Posix.BeginWriting(file.Handle, begun, size - begun);
            begun = size;
        }
        blake3.Update(piece);
    }
}
