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
    private fixed uint chain[8];
    private fixed byte block[BlockBytes];
    private uint length;
    private ulong counter;
    private Blake3Flags flags;

    /// <param name="input">At most one chunk; shorter only at the end of the whole input.</param>
    [SkipLocalsInit]
    public static void Chunk(ReadOnlySpan<byte> input, uint* key, Blake3Flags mode, ulong counter, out Blake3Node node)
    {
        Unsafe.SkipInit(out node);
        node.counter = counter;
        node.flags = mode | Blake3Flags.ChunkStart;
        fixed (byte* bytes = input)
        fixed (byte* last = node.block)
        fixed (uint* words = node.chain)
        {
            Unsafe.CopyBlock(words, key, ChainBytes);
            var at = bytes;
            var left = input.Length;
            for (; left > BlockBytes; left -= BlockBytes, at += BlockBytes)
            {
                Blake3Compression.Chain(words, at, BlockBytes, counter, node.flags);
                node.flags = mode;
            }
            new Span<byte>(last, BlockBytes).Clear();
            new ReadOnlySpan<byte>(at, left).CopyTo(new Span<byte>(last, BlockBytes));
            node.length = (uint)left;
            node.flags |= Blake3Flags.ChunkEnd;
        }
    }

    public static void Parent(byte* left, byte* right, uint* key, Blake3Flags mode, out Blake3Node node)
    {
        Unsafe.SkipInit(out node);
        node.length = BlockBytes;
        node.counter = 0;
        node.flags = mode | Blake3Flags.Parent;
        fixed (byte* pair = node.block)
        fixed (uint* words = node.chain)
        {
            Unsafe.CopyBlock(words, key, ChainBytes);
            Unsafe.CopyBlock(pair, left, ChainBytes);
            Unsafe.CopyBlock(pair + ChainBytes, right, ChainBytes);
        }
    }

    /// <summary>The 32 bytes that stand for this node in its parent.</summary>
    public readonly void Chain(byte* output)
    {
        fixed (byte* bytes = block)
        fixed (uint* words = chain)
        {
            var result = stackalloc uint[8];
            Unsafe.CopyBlock(result, words, ChainBytes);
            Blake3Compression.Chain(result, bytes, length, counter, flags);
            Unsafe.CopyBlock(output, result, ChainBytes);
        }
    }

    /// <summary>As the root: a digest of any length (specification, section 2.6).</summary>
    public readonly void Root(Span<byte> output)
    {
        var extended = stackalloc byte[BlockBytes];
        fixed (byte* bytes = block)
        fixed (uint* words = chain)
        {
            for (ulong part = 0; !output.IsEmpty; part++)
            {
                Extend(words, bytes, length, part, flags | Blake3Flags.Root, extended);
                var take = Math.Min(output.Length, BlockBytes);
                new ReadOnlySpan<byte>(extended, take).CopyTo(output);
                output = output[take..];
            }
        }
    }
}
