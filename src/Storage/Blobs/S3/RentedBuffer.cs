using System.Buffers;

namespace ArtifactStore.Storage.Blobs.S3;

/// <summary>A buffer of the pool that is handed from owner to owner. Returning it twice would give it to two others at once: it does not.</summary>
internal sealed class RentedBuffer(int minimumBytes) : IDisposable
{
    private byte[]? _bytes = ArrayPool<byte>.Shared.Rent(minimumBytes);

    public byte[] Bytes => _bytes ?? throw new ObjectDisposedException(nameof(RentedBuffer));

    public void Dispose()
    {
        if (Interlocked.Exchange(ref _bytes, null) is { } bytes) ArrayPool<byte>.Shared.Return(bytes);
    }
}
