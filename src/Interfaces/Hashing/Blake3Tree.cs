using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;
using static ArtifactStore.Interfaces.Hashing.Blake3Compression;

namespace ArtifactStore.Interfaces.Hashing;

/// <summary>How many inputs the kernel takes at once.</summary>
internal enum Blake3Width
{
    Portable = 4,
    Avx2 = 8,
    Avx512 = 16,
}

/// <summary>
/// Whole levels of the tree at once. A level is an array of chains; hashing its pairs gives the next level, and the odd one at the
/// end moves up as it is. That is BLAKE3's tree, in which every left subtree is full.
/// </summary>
internal static unsafe class Blake3Tree
{
    /// <summary>Chunks per batch: 8 KiB of chains on the stack, and enough that nearly all parents fill the lanes.</summary>
    public const int BatchChunks = 256;
    public const int BatchBytes = BatchChunks * ChunkBytes;

    public static Blake3Width Widest { get; } =
        Vector512.IsHardwareAccelerated && Avx512F.IsSupported ? Blake3Width.Avx512
        : Avx2.IsSupported ? Blake3Width.Avx2
        : Blake3Width.Portable;

    /// <summary>Writes the chains of whole chunks, the first of which is number <paramref name="counter"/>.</summary>
    public static void Chunks(byte* input, int count, uint* key, Blake3Flags mode, ulong counter, byte* chains, Blake3Width width)
    {
        var inputs = new Blake3Inputs
        {
            First = input,
            Stride = ChunkBytes,
            Blocks = ChunkBytes / BlockBytes,
            Key = key,
            Flags = mode,
            FirstBlock = Blake3Flags.ChunkStart,
            LastBlock = Blake3Flags.ChunkEnd,
            Counter = counter,
            Counting = true,
        };
        HashAll(inputs, count, chains, width);
    }

    /// <summary>Replaces the chains, in place, by those of higher and higher levels until at most two are left; says how many.</summary>
    // Not until one is left: the last merge may be the root's.
    public static int Reduce(byte* chains, int count, uint* key, Blake3Flags mode, Blake3Width width)
    {
        var inputs = new Blake3Inputs
        {
            First = chains,
            Stride = 2 * ChainBytes,
            Blocks = 1,
            Key = key,
            Flags = mode | Blake3Flags.Parent,
        };
        while (count > 2)
        {
            var pairs = count / 2;
            HashAll(inputs, pairs, chains, width);
            if (count % 2 == 1)
                Unsafe.CopyBlock(chains + pairs * ChainBytes, chains + (count - 1) * ChainBytes, ChainBytes);
            count = pairs + count % 2;
        }
        return count;
    }

    private static void HashAll(in Blake3Inputs inputs, int count, byte* chains, Blake3Width width)
    {
        for (var from = 0; from < count;)
        {
            // A vector that is not quite full is still faster than two narrower ones.
            var left = count - from;
            int taken;
            if (width >= Blake3Width.Avx512 && left > 8)
            {
                taken = Math.Min(left, 16);
                Blake3Kernel<Vector512<uint>, Lanes16>.Hash(inputs, from, taken, chains);
            }
            else if (width >= Blake3Width.Avx2 && left > 4)
            {
                taken = Math.Min(left, 8);
                Blake3Kernel<Vector256<uint>, Lanes8>.Hash(inputs, from, taken, chains);
            }
            else if (left > 1)
            {
                taken = Math.Min(left, 4);
                Blake3Kernel<Vector128<uint>, Lanes4>.Hash(inputs, from, taken, chains);
            }
            else
            {
                taken = 1;
                HashOne(inputs, from, chains);
            }
            from += taken;
            chains += taken * ChainBytes;
        }
    }

    private static void HashOne(in Blake3Inputs inputs, int index, byte* output)
    {
        var chain = stackalloc uint[8];
        Unsafe.CopyBlock(chain, inputs.Key, ChainBytes);
        var at = inputs.First + (nint)index * inputs.Stride;
        for (var block = 0; block < inputs.Blocks; block++, at += BlockBytes)
            Chain(chain, at, BlockBytes, inputs.CounterOf(index), inputs.BlockFlags(block));
        Unsafe.CopyBlock(output, chain, ChainBytes);
    }
}
