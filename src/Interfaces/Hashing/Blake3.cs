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

    private readonly uint[] keyWords;
    private readonly Blake3Flags mode;
    private readonly Blake3Width width;
    private readonly byte[] stack = new byte[MaxDepth * ChainBytes];
    private readonly byte[] buffer = new byte[ChunkBytes];
    private ulong chunks;
    private int depth;
    private int buffered;

    public Blake3() : this(InitialChain, Blake3Flags.None, Blake3Tree.Widest)
    {
    }

    internal Blake3(Blake3Width width) : this(InitialChain, Blake3Flags.None, width)
    {
    }

    private Blake3(ReadOnlySpan<uint> key, Blake3Flags mode, Blake3Width width)
    {
        keyWords = key.ToArray();
        this.mode = mode;
        this.width = width;
    }

    /// <summary>Bytes hashed so far.</summary>
    public long Length => (long)chunks * ChunkBytes + buffered;

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
        if (buffered > 0)
        {
            var taken = Math.Min(ChunkBytes - buffered, input.Length);
            input[..taken].CopyTo(buffer.AsSpan(buffered));
            buffered += taken;
            input = input[taken..];
            if (input.IsEmpty)
                return;
            buffered = 0;
            AppendChunks(buffer);
        }
        while (input.Length >= ChunkBytes && !(chunks == 0 && input.Length == ChunkBytes))
        {
            var batch = Math.Min(input.Length / ChunkBytes, Blake3Tree.BatchChunks) * ChunkBytes;
            AppendChunks(input[..batch]);
            input = input[batch..];
        }
        input.CopyTo(buffer);
        buffered = input.Length;
        Merge(DepthAt(chunks, buffered));
    }

    /// <summary>
    /// Writes the digest of all bytes so far: 32 bytes, or BLAKE3's extended output when the span is longer. Changes nothing:
    /// more bytes may follow.
    /// </summary>
    public void Finish(Span<byte> digest)
    {
        var chain = stackalloc byte[ChainBytes];
        fixed (byte* chains = stack)
        fixed (uint* key = keyWords)
        {
            var left = depth;
            Blake3Node node;
            if (buffered > 0 || chunks == 0)
            {
                Blake3Node.Chunk(buffer.AsSpan(0, buffered), key, mode, chunks, out node);
            }
            else
            {
                left -= 2;
                Blake3Node.Parent(chains + left * ChainBytes, chains + (left + 1) * ChainBytes, key, mode, out node);
            }
            while (left > 0)
            {
                left--;
                node.Chain(chain);
                Blake3Node.Parent(chains + left * ChainBytes, chain, key, mode, out node);
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
        chunks = 0;
        depth = 0;
        buffered = 0;
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
        if (mode != Blake3Flags.None)
            throw new InvalidOperationException("The state of a keyed hash would carry its key: it is not saved.");
        var state = destination[..StateBytes];
        var body = state[SavedState.HeaderBytes..^SavedState.CheckBytes];
        BinaryPrimitives.WriteUInt64LittleEndian(body, chunks);
        BinaryPrimitives.WriteUInt16LittleEndian(body[8..], (ushort)buffered);
        stack.AsSpan(0, depth * ChainBytes).CopyTo(body[10..]);
        buffer.AsSpan(0, buffered).CopyTo(body[^buffered..]);
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
            chunks = BinaryPrimitives.ReadUInt64LittleEndian(body),
            buffered = BinaryPrimitives.ReadUInt16LittleEndian(body[8..]),
        };
        hash.depth = DepthAt(hash.chunks, hash.buffered);
        if (hash.chunks >= 1UL << 53 || hash.buffered > ChunkBytes || (hash.chunks == 1 && hash.buffered == 0)
            || body.Length != 10 + hash.depth * ChainBytes + hash.buffered)
        {
            throw new FormatException("The saved state of a BLAKE3 hash contradicts itself.");
        }
        body.Slice(10, hash.depth * ChainBytes).CopyTo(hash.stack);
        body[(10 + hash.depth * ChainBytes)..].CopyTo(hash.buffer);
        return hash;
    }

    private int StateBytes => SavedState.FrameBytes + 10 + depth * ChainBytes + buffered;

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
        fixed (uint* key = keyWords)
        {
            fixed (byte* bytes = input)
                Blake3Tree.Chunks(bytes, left, key, mode, chunks, chains, width);
            while (left > 0)
            {
                // The largest full subtree that may begin at this chunk.
                var size = 1 << BitOperations.Log2((uint)left);
                if (chunks != 0)
                    size = (int)Math.Min((ulong)size, 1UL << BitOperations.TrailingZeroCount(chunks));
                Merge(BitOperations.PopCount(chunks));
                var count = Blake3Tree.Reduce(chains, size, key, mode, width);
                new ReadOnlySpan<byte>(chains, count * ChainBytes).CopyTo(stack.AsSpan(depth * ChainBytes));
                depth += count;
                chunks += (ulong)size;
                chains += size * ChainBytes;
                left -= size;
            }
        }
    }

    /// <summary>Merges the last two subtrees of the stack until <paramref name="target"/> are left.</summary>
    private void Merge(int target)
    {
        fixed (byte* chains = stack)
        fixed (uint* key = keyWords)
        {
            for (; depth > target; depth--)
            {
                var left = chains + (depth - 2) * ChainBytes;
                Blake3Node.Parent(left, left + ChainBytes, key, mode, out var parent);
                parent.Chain(left);
            }
        }
    }
}
