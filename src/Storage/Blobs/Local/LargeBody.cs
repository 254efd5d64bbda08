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

    private readonly LocalRoot _root;
    private readonly SystemCallThreads _threads;
    private readonly AttemptId _attempt;
    private readonly TwoLaneHasher _hasher = new(new ContentHasher());
    private StagingFile? _file;
    private long _size;
    private long _begun;

    public LargeBody(LocalRoot root, SystemCallThreads threads, AttemptId attempt)
    {
        _root = root;
        _threads = threads;
        _attempt = attempt;
        _file = StagingFile.Create(root, attempt.ToString());
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
            await _threads.Run(() =>
            {
                hashing = _hasher.UpdateAsync(piece);
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
        var stage = new FileStage(_root, _file!, _threads, _attempt, _hasher.Hasher.Finish());
        _file = null;
        return stage;
    }

    public async ValueTask DisposeAsync()
    {
        if (_file is not null) await _threads.Run(_file.Dispose);
    }

    private void Write(ReadOnlySpan<byte> piece)
    {
        LocalRoot.Check(Posix.Write(_file!.Handle, piece, _size), "write to", _file.Path);
        _size += piece.Length;
        if (_size - _begun < WriteBehindBytes) return;
        Posix.BeginWriting(_file.Handle, _begun, _size - _begun);
        _begun = _size;
    }
}
