using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using static ArtifactStore.Interfaces.Hashing.Blake3Compression;

namespace ArtifactStore.Interfaces.Hashing;

/// <summary>
/// A chunk or a parent before its last compression. Whether it is the root, which hashes differently, is known only when the input
/// has ended; until then the node waits in this form.
/// </summary>
[StructLayout(LayoutKind.Sequential)]
internal unsafe struct Blake3Node
{
    private fixed uint _chain[8];
    private fixed byte _block[BlockBytes];
    private uint _length;
    private ulong _counter;
    private Blake3Flags _flags;

    /// <param name="input">At most one chunk; shorter only at the end of the whole input.</param>
    [SkipLocalsInit]
    public static void Chunk(ReadOnlySpan<byte> input, uint* key, Blake3Flags mode, ulong counter, out Blake3Node node)
    {
        Unsafe.SkipInit(out node);
        node._counter = counter;
        node._flags = mode | Blake3Flags.ChunkStart;
        fixed (byte* bytes = input)
        fixed (byte* last = node._block)
        fixed (uint* words = node._chain)
        {
            Unsafe.CopyBlock(words, key, ChainBytes);
            var at = bytes;
            var left = input.Length;
            for (; left > BlockBytes; left -= BlockBytes, at += BlockBytes)
            {
                Blake3Compression.Chain(words, at, BlockBytes, counter, node._flags);
                node._flags = mode;
            }
            new Span<byte>(last, BlockBytes).Clear();
            new ReadOnlySpan<byte>(at, left).CopyTo(new Span<byte>(last, BlockBytes));
            node._length = (uint)left;
            node._flags |= Blake3Flags.ChunkEnd;
        }
    }

    public static void Parent(byte* left, byte* right, uint* key, Blake3Flags mode, out Blake3Node node)
    {
        Unsafe.SkipInit(out node);
        node._length = BlockBytes;
        node._counter = 0;
        node._flags = mode | Blake3Flags.Parent;
        fixed (byte* pair = node._block)
        fixed (uint* words = node._chain)
        {
            Unsafe.CopyBlock(words, key, ChainBytes);
            Unsafe.CopyBlock(pair, left, ChainBytes);
            Unsafe.CopyBlock(pair + ChainBytes, right, ChainBytes);
        }
    }

    /// <summary>The 32 bytes that stand for this node in its parent.</summary>
    public readonly void Chain(byte* output)
    {
        fixed (byte* bytes = _block)
        fixed (uint* words = _chain)
        {
            var result = stackalloc uint[8];
            Unsafe.CopyBlock(result, words, ChainBytes);
            Blake3Compression.Chain(result, bytes, _length, _counter, _flags);
            Unsafe.CopyBlock(output, result, ChainBytes);
        }
    }

    /// <summary>As the root: a digest of any length (specification, section 2.6).</summary>
    public readonly void Root(Span<byte> output)
    {
        var extended = stackalloc byte[BlockBytes];
        fixed (byte* bytes = _block)
        fixed (uint* words = _chain)
        {
            for (ulong part = 0; !output.IsEmpty; part++)
            {
                Extend(words, bytes, _length, part, _flags | Blake3Flags.Root, extended);
                var take = Math.Min(output.Length, BlockBytes);
                new ReadOnlySpan<byte>(extended, take).CopyTo(output);
                output = output[take..];
            }
        }
    }
}
