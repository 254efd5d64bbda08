using System.Buffers.Binary;

namespace ArtifactStore.Interfaces.Hashing;

/// <summary>
/// SHA-256 whose state can be saved and resumed after a restart, which the framework's cannot, at the same speed. Not safe for use by
/// two threads at once.
/// </summary>
public sealed class ResumableSha256
{
    public const int DigestBytes = 32;

    /// <summary>No saved state is longer.</summary>
    public const int MaxStateBytes = SavedState.FrameBytes + BodyBytes + Sha256Blocks.BlockBytes - 1;

    private const int BodyBytes = 8 + 4 * Sha256Blocks.StateWords;
    private const byte StateVersion = 1;
    private static ReadOnlySpan<byte> StateMagic => "ASS2"u8;

    private readonly uint[] _state = new uint[Sha256Blocks.StateWords];
    private readonly byte[] _buffer = new byte[Sha256Blocks.BlockBytes];
    private readonly bool _managed;

    public ResumableSha256() : this(managed: false)
    {
    }

    /// <param name="managed">Never use libcrypto, as where there is none.</param>
    internal ResumableSha256(bool managed)
    {
        _managed = managed;
        Reset();
    }

    /// <summary>Bytes hashed so far.</summary>
    public long Length { get; private set; }

    // A full block never waits: the buffer holds what is over.
    private int Buffered => (int)(Length % Sha256Blocks.BlockBytes);

    public void Reset()
    {
        Length = 0;
        Sha256Blocks.InitialState.CopyTo(_state);
    }

    public void Update(ReadOnlySpan<byte> input)
    {
        var buffered = Buffered;
        Length += input.Length;
        if (buffered > 0)
        {
            var taken = Math.Min(Sha256Blocks.BlockBytes - buffered, input.Length);
            input[..taken].CopyTo(_buffer.AsSpan(buffered));
            input = input[taken..];
            if (buffered + taken < Sha256Blocks.BlockBytes)
                return;
            HashBlocks(_state, _buffer);
        }
        var whole = input.Length - input.Length % Sha256Blocks.BlockBytes;
        if (whole > 0)
            HashBlocks(_state, input[..whole]);
        input[whole..].CopyTo(_buffer);
    }

    /// <summary>Writes the 32 bytes of the digest of all bytes so far. Changes nothing: more bytes may follow.</summary>
    public void Finish(Span<byte> digest)
    {
        // FIPS 180-4, section 5.1.1: a one bit, zeros, and the length in bits at the end of a block.
        Span<byte> padded = stackalloc byte[2 * Sha256Blocks.BlockBytes];
        padded.Clear();
        var buffered = Buffered;
        _buffer.AsSpan(0, buffered).CopyTo(padded);
        padded[buffered] = 0x80;
        padded = padded[..(buffered + 9 <= Sha256Blocks.BlockBytes ? Sha256Blocks.BlockBytes : 2 * Sha256Blocks.BlockBytes)];
        BinaryPrimitives.WriteUInt64BigEndian(padded[^8..], (ulong)Length << 3);
        Span<uint> last = stackalloc uint[Sha256Blocks.StateWords];
        _state.CopyTo(last);
        HashBlocks(last, padded);
        for (var i = 0; i < last.Length; i++)
            BinaryPrimitives.WriteUInt32BigEndian(digest[(4 * i)..], last[i]);
    }

    public Digest256 Finish()
    {
        Span<byte> digest = stackalloc byte[DigestBytes];
        Finish(digest);
        return Digest256.FromBytes(digest);
    }

    public byte[] SaveState()
    {
        var saved = new byte[SavedState.FrameBytes + BodyBytes + Buffered];
        SaveState(saved);
        return saved;
    }

    /// <summary>
    /// Writes what <see cref="Restore"/> needs to go on, at most <see cref="MaxStateBytes"/>, and says how many bytes that is. The body:
    /// <code>
    /// length 8 | state words 32 | the bytes over after the last whole block
    /// </code>
    /// little-endian.
    /// </summary>
    public int SaveState(Span<byte> destination)
    {
        var saved = destination[..(SavedState.FrameBytes + BodyBytes + Buffered)];
        var body = saved[SavedState.HeaderBytes..^SavedState.CheckBytes];
        BinaryPrimitives.WriteInt64LittleEndian(body, Length);
        for (var i = 0; i < _state.Length; i++)
            BinaryPrimitives.WriteUInt32LittleEndian(body[(8 + 4 * i)..], _state[i]);
        _buffer.AsSpan(0, Buffered).CopyTo(body[BodyBytes..]);
        SavedState.Seal(saved, StateMagic, StateVersion);
        return saved.Length;
    }

    /// <exception cref="FormatException">The bytes are not an undamaged state of this version.</exception>
    public static ResumableSha256 Restore(ReadOnlySpan<byte> saved)
    {
        var body = SavedState.Open(saved, StateMagic, StateVersion);
        var length = body.Length >= BodyBytes ? BinaryPrimitives.ReadInt64LittleEndian(body) : -1;
        if (length < 0 || body.Length != BodyBytes + (int)(length % Sha256Blocks.BlockBytes))
            throw new FormatException("The saved state of a SHA-256 hash contradicts itself.");
        var hash = new ResumableSha256 { Length = length };
        for (var i = 0; i < hash._state.Length; i++)
            hash._state[i] = BinaryPrimitives.ReadUInt32LittleEndian(body[(8 + 4 * i)..]);
        body[BodyBytes..].CopyTo(hash._buffer);
        return hash;
    }

    private void HashBlocks(Span<uint> words, ReadOnlySpan<byte> blocks)
    {
        if (_managed)
            Sha256Blocks.HashManaged(words, blocks);
        else
            Sha256Blocks.Hash(words, blocks);
    }
}
