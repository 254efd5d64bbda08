using System.Buffers.Binary;
using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using static ArtifactStore.Interfaces.Hashing.Blake3Compression;

namespace ArtifactStore.Interfaces.Hashing;

/// <summary>
/// BLAKE3, incremental and resumable. Chunks of 1 KiB are the leaves of a binary tree; the stack holds the chains of the subtrees
/// that are complete so far, left to right. Not safe for use by two threads at once.
/// <para>
/// Invariant between calls: no merge has been done that could still turn out to be the root's. So a first chunk stays in the buffer
/// until a byte follows it, and while no byte follows the last whole chunk, two chains stay apart. The depth of the stack is thereby
/// a function of the length (<see cref="DepthAt"/>), whatever the sizes of the updates were.
/// </para>
/// </summary>
public sealed unsafe class Blake3
{
    public const int DigestBytes = ChainBytes;

    /// <summary>No saved state is longer.</summary>
    public const int MaxStateBytes = SavedState.FrameBytes + 10 + MaxDepth * ChainBytes + ChunkBytes;

    // 2^54 chunks make 2^64 bytes; a batch is pushed as two chains before it is merged.
    private const int MaxDepth = 56;
    private const byte StateVersion = 1;
    private static ReadOnlySpan<byte> StateMagic => "ASB3"u8;

    private readonly uint[] _keyWords;
    private readonly Blake3Flags _mode;
    private readonly Blake3Width _width;
    private readonly byte[] _stack = new byte[MaxDepth * ChainBytes];
    private readonly byte[] _buffer = new byte[ChunkBytes];
    private ulong _chunks;
    private int _depth;
    private int _buffered;

    public Blake3() : this(InitialChain, Blake3Flags.None, Blake3Tree.Widest)
    {
    }

    internal Blake3(Blake3Width width) : this(InitialChain, Blake3Flags.None, width)
    {
    }

    private Blake3(ReadOnlySpan<uint> key, Blake3Flags mode, Blake3Width width)
    {
        _keyWords = key.ToArray();
        _mode = mode;
        _width = width;
    }

    /// <summary>Bytes hashed so far.</summary>
    public long Length => (long)_chunks * ChunkBytes + _buffered;

    public static byte[] Hash(ReadOnlySpan<byte> input)
    {
        var digest = new byte[DigestBytes];
        Hash(input, digest);
        return digest;
    }

    public static void Hash(ReadOnlySpan<byte> input, Span<byte> digest) => Hash(input, digest, Blake3Tree.Widest);

    [SkipLocalsInit]
    internal static void Hash(ReadOnlySpan<byte> input, Span<byte> digest, Blake3Width width)
    {
        if (input.Length > Blake3Tree.BatchBytes)
        {
            var hash = new Blake3(width);
            hash.Update(input);
            hash.Finish(digest);
            return;
        }
        fixed (uint* key = InitialChain)
        {
            if (input.Length <= ChunkBytes)
            {
                Blake3Node.Chunk(input, key, Blake3Flags.None, 0, out var only);
                only.Root(digest);
                return;
            }
            var chains = stackalloc byte[Blake3Tree.BatchChunks * ChainBytes];
            var count = input.Length / ChunkBytes;
            fixed (byte* bytes = input)
                Blake3Tree.Chunks(bytes, count, key, Blake3Flags.None, 0, chains, width);
            var tail = input[(count * ChunkBytes)..];
            if (!tail.IsEmpty)
            {
                Blake3Node.Chunk(tail, key, Blake3Flags.None, (ulong)count, out var last);
                last.Chain(chains + count++ * ChainBytes);
            }
            Blake3Tree.Reduce(chains, count, key, Blake3Flags.None, width);
            Blake3Node.Parent(chains, chains + ChainBytes, key, Blake3Flags.None, out var root);
            root.Root(digest);
        }
    }

    internal static Blake3 Keyed(ReadOnlySpan<byte> key, Blake3Width width)
    {
        return new Blake3(MemoryMarshal.Cast<byte, uint>(key[..DigestBytes]), Blake3Flags.KeyedHash, width);
    }

    internal static Blake3 ForKeyDerivation(ReadOnlySpan<byte> context, Blake3Width width)
    {
        var derivation = new Blake3(InitialChain, Blake3Flags.DeriveKeyContext, width);
        derivation.Update(context);
        Span<byte> key = stackalloc byte[DigestBytes];
        derivation.Finish(key);
        return new Blake3(MemoryMarshal.Cast<byte, uint>(key), Blake3Flags.DeriveKeyMaterial, width);
    }

    [SkipLocalsInit]
    public void Update(ReadOnlySpan<byte> input)
    {
        if (_buffered > 0)
        {
            var taken = Math.Min(ChunkBytes - _buffered, input.Length);
            input[..taken].CopyTo(_buffer.AsSpan(_buffered));
            _buffered += taken;
            input = input[taken..];
            if (input.IsEmpty)
                return;
            _buffered = 0;
            AppendChunks(_buffer);
        }
        while (input.Length >= ChunkBytes && !(_chunks == 0 && input.Length == ChunkBytes))
        {
            var batch = Math.Min(input.Length / ChunkBytes, Blake3Tree.BatchChunks) * ChunkBytes;
            AppendChunks(input[..batch]);
            input = input[batch..];
        }
        input.CopyTo(_buffer);
        _buffered = input.Length;
        Merge(DepthAt(_chunks, _buffered));
    }

    /// <summary>
    /// Writes the digest of all bytes so far: 32 bytes, or BLAKE3's extended output when the span is longer. Changes nothing:
    /// more bytes may follow.
    /// </summary>
    public void Finish(Span<byte> digest)
    {
        var chain = stackalloc byte[ChainBytes];
        fixed (byte* chains = _stack)
        fixed (uint* key = _keyWords)
        {
            var left = _depth;
            Blake3Node node;
            if (_buffered > 0 || _chunks == 0)
            {
                Blake3Node.Chunk(_buffer.AsSpan(0, _buffered), key, _mode, _chunks, out node);
            }
            else
            {
                left -= 2;
                Blake3Node.Parent(chains + left * ChainBytes, chains + (left + 1) * ChainBytes, key, _mode, out node);
            }
            while (left > 0)
            {
                left--;
                node.Chain(chain);
                Blake3Node.Parent(chains + left * ChainBytes, chain, key, _mode, out node);
            }
            node.Root(digest);
        }
    }

    public Digest256 Finish()
    {
        Span<byte> digest = stackalloc byte[DigestBytes];
        Finish(digest);
        return Digest256.FromBytes(digest);
    }

    /// <summary>Forgets every byte, to hash another input.</summary>
    public void Reset()
    {
        _chunks = 0;
        _depth = 0;
        _buffered = 0;
    }

    public byte[] SaveState()
    {
        var state = new byte[StateBytes];
        SaveState(state);
        return state;
    }

    /// <summary>
    /// Writes what <see cref="Restore"/> needs to go on, at most <see cref="MaxStateBytes"/>, and says how many bytes that is. The body:
    /// <code>
    /// whole chunks 8 | buffered bytes 2 | chains, 32 each | the buffered bytes
    /// </code>
    /// little-endian. The number of chains follows from the number of chunks.
    /// </summary>
    public int SaveState(Span<byte> destination)
    {
        if (_mode != Blake3Flags.None)
            throw new InvalidOperationException("The state of a keyed hash would carry its key: it is not saved.");
        var state = destination[..StateBytes];
        var body = state[SavedState.HeaderBytes..^SavedState.CheckBytes];
        BinaryPrimitives.WriteUInt64LittleEndian(body, _chunks);
        BinaryPrimitives.WriteUInt16LittleEndian(body[8..], (ushort)_buffered);
        _stack.AsSpan(0, _depth * ChainBytes).CopyTo(body[10..]);
        _buffer.AsSpan(0, _buffered).CopyTo(body[^_buffered..]);
        SavedState.Seal(state, StateMagic, StateVersion);
        return state.Length;
    }

    /// <exception cref="FormatException">The bytes are not an undamaged state of this version.</exception>
    public static Blake3 Restore(ReadOnlySpan<byte> state) => Restore(state, Blake3Tree.Widest);

    internal static Blake3 Restore(ReadOnlySpan<byte> state, Blake3Width width)
    {
        var body = SavedState.Open(state, StateMagic, StateVersion);
        if (body.Length < 10)
            throw new FormatException("The saved state of a BLAKE3 hash is cut off.");
        var hash = new Blake3(width)
        {
            _chunks = BinaryPrimitives.ReadUInt64LittleEndian(body),
            _buffered = BinaryPrimitives.ReadUInt16LittleEndian(body[8..]),
        };
        hash._depth = DepthAt(hash._chunks, hash._buffered);
        if (hash._chunks >= 1UL << 53 || hash._buffered > ChunkBytes || (hash._chunks == 1 && hash._buffered == 0)
            || body.Length != 10 + hash._depth * ChainBytes + hash._buffered)
        {
            throw new FormatException("The saved state of a BLAKE3 hash contradicts itself.");
        }
        body.Slice(10, hash._depth * ChainBytes).CopyTo(hash._stack);
        body[(10 + hash._depth * ChainBytes)..].CopyTo(hash._buffer);
        return hash;
    }

    private int StateBytes => SavedState.FrameBytes + 10 + _depth * ChainBytes + _buffered;

    private static int DepthAt(ulong chunks, int buffered)
    {
        var subtrees = BitOperations.PopCount(chunks);
        return buffered > 0 || chunks == 0 ? subtrees : Math.Max(2, subtrees);
    }

    /// <summary>Takes whole chunks, at most a batch, that are known not to be the whole input.</summary>
    [SkipLocalsInit]
    private void AppendChunks(ReadOnlySpan<byte> input)
    {
        var chains = stackalloc byte[Blake3Tree.BatchChunks * ChainBytes];
        var left = input.Length / ChunkBytes;
        fixed (uint* key = _keyWords)
        {
            fixed (byte* bytes = input)
                Blake3Tree.Chunks(bytes, left, key, _mode, _chunks, chains, _width);
            while (left > 0)
            {
                // The largest full subtree that may begin at this chunk.
                var size = 1 << BitOperations.Log2((uint)left);
                if (_chunks != 0)
                    size = (int)Math.Min((ulong)size, 1UL << BitOperations.TrailingZeroCount(_chunks));
                Merge(BitOperations.PopCount(_chunks));
                var count = Blake3Tree.Reduce(chains, size, key, _mode, _width);
                new ReadOnlySpan<byte>(chains, count * ChainBytes).CopyTo(_stack.AsSpan(_depth * ChainBytes));
                _depth += count;
                _chunks += (ulong)size;
                chains += size * ChainBytes;
                left -= size;
            }
        }
    }

    /// <summary>Merges the last two subtrees of the stack until <paramref name="target"/> are left.</summary>
    private void Merge(int target)
    {
        fixed (byte* chains = _stack)
        fixed (uint* key = _keyWords)
        {
            for (; _depth > target; _depth--)
            {
                var left = chains + (_depth - 2) * ChainBytes;
                Blake3Node.Parent(left, left + ChainBytes, key, _mode, out var parent);
                parent.Chain(left);
            }
        }
    }
}
