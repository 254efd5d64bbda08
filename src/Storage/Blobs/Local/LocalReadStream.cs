using ArtifactStore.Interfaces.Blobs;
using ArtifactStore.Storage.Native;
using Microsoft.Win32.SafeHandles;

namespace ArtifactStore.Storage.Blobs.Local;

/// <summary>
/// Bytes of one object, straight from the file into the caller's buffer: no buffer of its own. Small reads are answered at once, because
/// switching threads costs more than they do; large ones leave the caller's thread free.
/// </summary>
internal sealed class LocalReadStream(SafeFileHandle file, string path, long offset, long length, SystemCallThreads threads) : ForwardStream
{
    private const int InlineBytes = 64 * 1024;
    private const int CopyBytes = 1024 * 1024;

    private long _left = length;
    private long _position = offset;

    public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        if (cancellationToken.IsCancellationRequested) return ValueTask.FromCanceled<int>(cancellationToken);
        if (Math.Min(buffer.Length, _left) > InlineBytes) return new(threads.Run(() => ReadNow(buffer.Span), cancellationToken));
        try
        {
            return new(ReadNow(buffer.Span));
        }
        catch (BlobStoreException failure)
        {
            return ValueTask.FromException<int>(failure);
        }
    }

    public override Task CopyToAsync(Stream destination, int bufferSize, CancellationToken cancellationToken) =>
        base.CopyToAsync(destination, (int)Math.Clamp(_left, 1, CopyBytes), cancellationToken);

    protected override void Dispose(bool disposing)
    {
        if (disposing) file.Dispose();
        base.Dispose(disposing);
    }

    private int ReadNow(Span<byte> buffer)
    {
        if (buffer.Length > _left) buffer = buffer[..(int)_left];
        if (buffer.IsEmpty) return 0;
        LocalRoot.Check(Posix.Read(file, buffer, _position, out var read), "read", path);
        // An object never shrinks: to end early, as if it were whole, would hand out a cut-off body.
        if (read == 0) throw new BlobStoreException(BlobFailure.Unavailable, $"The object {path} was cut off.");
        _position += read;
        _left -= read;
        return read;
    }
}
