using System.Buffers;
using ArtifactStore.Interfaces.Blobs;
using ArtifactStore.Interfaces.Hashing;
using ArtifactStore.Interfaces.Ids;
using ArtifactStore.Storage.Native;

namespace ArtifactStore.Storage.Blobs.Local;

/// <summary>
/// Brings bytes in: reads the source once, hashes and writes as it goes. A small body stays in memory. A large one runs through two
/// buffers: while one is being filled from the source, the other is on two lanes, SHA-256 on one, BLAKE3 and the file on the other.
/// Memory per body is the two buffers, whatever its size.
/// </summary>
internal sealed class Staging(LocalRoot root, SystemCallThreads threads)
{
    /// <summary>Up to this size bytes wait in memory for their promotion.</summary>
    public const int MaxMemoryBytes = 64 * 1024;

    private const int MaxPieceBytes = 1024 * 1024;

    public async Task<IStagedBlob> Stage(AttemptId attempt, Stream source, long? sizeHint, CancellationToken cancellation)
    {
        root.Prepare();
        var first = ArrayPool<byte>.Shared.Rent(MaxMemoryBytes);
        byte[]? second = null;
        try
        {
            var length = await Fill(source, first.AsMemory(0, MaxMemoryBytes), cancellation);
            var more = 0;
            if (length == MaxMemoryBytes)
            {
                second = ArrayPool<byte>.Shared.Rent(PieceBytes(sizeHint));
                more = await Fill(source, second, cancellation);
            }
            if (more == 0) return InMemory(attempt, first.AsSpan(0, length));
            if (sizeHint is { } announced) root.RequireRoom(announced);
            await using var body = new LargeBody(root, threads, attempt);
            await body.Take(first.AsMemory(0, length));
            return await Pump(body, source, second!, more, cancellation);
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(first);
            if (second is not null) ArrayPool<byte>.Shared.Return(second);
        }
    }

    private MemoryStage InMemory(AttemptId attempt, ReadOnlySpan<byte> bytes) =>
        new(root, attempt, ContentHasher.Hash(bytes), bytes.ToArray());

    private static async Task<IStagedBlob> Pump(LargeBody body, Stream source, byte[] filled, int length, CancellationToken cancellation)
    {
        var rented = ArrayPool<byte>.Shared.Rent(filled.Length);
        var work = Task.CompletedTask;
        try
        {
            var (current, next) = (filled, rented);
            while (length > 0)
            {
                work = body.Take(current.AsMemory(0, length));
                length = await Fill(source, next, cancellation);
                await work;
                (current, next) = (next, current);
            }
            return body.Finish();
        }
        finally
        {
            // The lanes may still read a buffer when the source has failed: it goes back to the pool only after them.
            await work.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            ArrayPool<byte>.Shared.Return(rented);
        }
    }

    private static async ValueTask<int> Fill(Stream source, Memory<byte> buffer, CancellationToken cancellation) =>
        await source.ReadAtLeastAsync(buffer, buffer.Length, throwOnEndOfStream: false, cancellation);

    private static int PieceBytes(long? sizeHint) => (int)Math.Clamp(sizeHint ?? MaxPieceBytes, MaxMemoryBytes, MaxPieceBytes);
}
