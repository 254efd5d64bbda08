using System.Buffers;
using System.Buffers.Binary;

namespace ArtifactStore.Interfaces.Hashing;

/// <summary>
/// Both digests and the size of a content, in one pass over its bytes. The two hashes always stand at the same byte. Not safe for use
/// by two threads at once.
/// </summary>
public sealed class ContentHasher
{
    /// <summary>No saved state is longer.</summary>
    public const int MaxStateBytes = SavedState.FrameBytes + 2 + Hashing.Blake3.MaxStateBytes + ResumableSha256.MaxStateBytes;

    // Small enough that the second hash finds the bytes in the core's own cache.
    private const int SliceBytes = 256 * 1024;
    private const byte StateVersion = 1;
    private static ReadOnlySpan<byte> StateMagic => "ASCH"u8;

    public ContentHasher() : this(new Blake3(), new ResumableSha256())
    {
    }

    private ContentHasher(Blake3 blake3, ResumableSha256 sha256)
    {
        Blake3 = blake3;
        Sha256 = sha256;
    }

    /// <summary>Bytes hashed so far.</summary>
    public long Size => Blake3.Length;

    internal Blake3 Blake3 { get; }

    internal ResumableSha256 Sha256 { get; }

    public static ContentDigests Hash(ReadOnlySpan<byte> content)
    {
        Span<byte> blake3 = stackalloc byte[Digest256.Bytes];
        Span<byte> sha256 = stackalloc byte[Digest256.Bytes];
        Hashing.Blake3.Hash(content, blake3);
        System.Security.Cryptography.SHA256.HashData(content, sha256);
        return new ContentDigests(Digest256.FromBytes(blake3), Digest256.FromBytes(sha256), content.Length);
    }

    /// <summary>Hashes from the stream's position to its end, reading the next buffer while the last one is hashed on two lanes.</summary>
    public static async Task<ContentDigests> HashStreamAsync(Stream stream, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(stream);
        var hasher = new ContentHasher();
        var lanes = new TwoLaneHasher(hasher);
        var current = ArrayPool<byte>.Shared.Rent(TwoLaneHasher.BestBufferBytes);
        byte[]? next = null;
        var filled = await stream.ReadAtLeastAsync(current, current.Length, throwOnEndOfStream: false, cancellation);
        while (filled == current.Length)
        {
            next ??= ArrayPool<byte>.Shared.Rent(current.Length);
            var reading = stream.ReadAtLeastAsync(next, current.Length, throwOnEndOfStream: false, cancellation);
            await lanes.UpdateAsync(current);
            filled = await reading;
            (current, next) = (next, current);
        }
        await lanes.UpdateAsync(current.AsMemory(0, filled));
        // Only here: after a failure a read may still be under way, and its buffer is left to the garbage collector.
        ArrayPool<byte>.Shared.Return(current);
        if (next is not null)
            ArrayPool<byte>.Shared.Return(next);
        return hasher.Finish();
    }

    public void Update(ReadOnlySpan<byte> content)
    {
        while (!content.IsEmpty)
        {
            var slice = content[..Math.Min(content.Length, SliceBytes)];
            Blake3.Update(slice);
            Sha256.Update(slice);
            content = content[slice.Length..];
        }
    }

    /// <summary>The digests of all bytes so far. Changes nothing: more bytes may follow.</summary>
    public ContentDigests Finish() => new(Blake3.Finish(), Sha256.Finish(), Size);

    public void Reset()
    {
        Blake3.Reset();
        Sha256.Reset();
    }

    /// <summary>
    /// What <see cref="Restore"/> needs to go on in another process, at most <see cref="MaxStateBytes"/>. The body:
    /// <code>
    /// length of the first 2 | state of BLAKE3 | state of SHA-256
    /// </code>
    /// </summary>
    public byte[] Save()
    {
        var blake3 = Blake3.SaveState();
        var sha256 = Sha256.SaveState();
        var state = new byte[SavedState.FrameBytes + 2 + blake3.Length + sha256.Length];
        var body = state.AsSpan(SavedState.HeaderBytes);
        BinaryPrimitives.WriteUInt16LittleEndian(body, (ushort)blake3.Length);
        blake3.CopyTo(body[2..]);
        sha256.CopyTo(body[(2 + blake3.Length)..]);
        SavedState.Seal(state, StateMagic, StateVersion);
        return state;
    }

    /// <exception cref="FormatException">The bytes are not an undamaged state of this version: hash the content again.</exception>
    public static ContentHasher Restore(ReadOnlySpan<byte> state)
    {
        var body = SavedState.Open(state, StateMagic, StateVersion);
        var length = body.Length >= 2 ? BinaryPrimitives.ReadUInt16LittleEndian(body) : int.MaxValue;
        if (length > body.Length - 2)
            throw new FormatException("The saved state of a content's hashes is cut off.");
        var blake3 = Hashing.Blake3.Restore(body.Slice(2, length));
        var sha256 = ResumableSha256.Restore(body[(2 + length)..]);
        if (blake3.Length != sha256.Length)
            throw new FormatException("The two hashes of the saved state stand at different bytes.");
        return new ContentHasher(blake3, sha256);
    }
}
