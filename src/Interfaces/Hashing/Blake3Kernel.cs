using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics.X86;
using static ArtifactStore.Interfaces.Hashing.Blake3Compression;

namespace ArtifactStore.Interfaces.Hashing;

/// <summary>Inputs of equal length that lie at equal distances: the chunks of a span, or the pairs of a level of the tree.</summary>
internal readonly unsafe struct Blake3Inputs
{
    public byte* First { get; init; }
    public int Stride { get; init; }
    public int Blocks { get; init; }
    public uint* Key { get; init; }
    public Blake3Flags Flags { get; init; }
    public Blake3Flags FirstBlock { get; init; }
    public Blake3Flags LastBlock { get; init; }
    /// <summary>Number of the first chunk, counting up from lane to lane; parents do not count.</summary>
    public ulong Counter { get; init; }
    public bool Counting { get; init; }

    public Blake3Flags BlockFlags(int block) =>
        Flags | (block == 0 ? FirstBlock : Blake3Flags.None) | (block == Blocks - 1 ? LastBlock : Blake3Flags.None);

    public ulong CounterOf(int input) => Counting ? Counter + (ulong)input : 0;
}

/// <summary>
/// The compression function on as many inputs at once as a vector has lanes: word i of every input's state lies in vector i, so
/// that no step of the rounds ever crosses lanes. Written once for every width.
/// </summary>
internal static unsafe class Blake3Kernel<TVector, TLanes>
    where TVector : unmanaged
    where TLanes : struct, ILanes<TVector>
{
    private const int MaxLanes = 16;

    /// <summary>
    /// Hashes inputs <paramref name="from"/> and following, <paramref name="count"/> of them (at most one per lane), and writes
    /// exactly that many chains of 32 bytes. All inputs are read before any output is written, so the two may overlap.
    /// </summary>
    // Optimized at once: in the first tier a short-lived process would hash a hundred times slower.
    [MethodImpl(MethodImplOptions.AggressiveOptimization), SkipLocalsInit]
    public static void Hash(in Blake3Inputs inputs, int from, int count, byte* output)
    {
        var offsets = stackalloc nuint[MaxLanes];
        var counters = stackalloc uint[2 * MaxLanes];
        PlaceLanes(inputs, from, count, offsets, counters);
        // Message words are used as memory operands: aligned, none of them crosses a cache line.
        var unaligned = stackalloc byte[16 * sizeof(TVector) + sizeof(TVector)];
        var m = (TVector*)(((nuint)unaligned + (nuint)sizeof(TVector) - 1) & ~((nuint)sizeof(TVector) - 1));
        var counterLow = TLanes.Load(counters);
        var counterHigh = TLanes.Load(counters + MaxLanes);

        var v0 = TLanes.Broadcast(inputs.Key[0]);
        var v1 = TLanes.Broadcast(inputs.Key[1]);
        var v2 = TLanes.Broadcast(inputs.Key[2]);
        var v3 = TLanes.Broadcast(inputs.Key[3]);
        var v4 = TLanes.Broadcast(inputs.Key[4]);
        var v5 = TLanes.Broadcast(inputs.Key[5]);
        var v6 = TLanes.Broadcast(inputs.Key[6]);
        var v7 = TLanes.Broadcast(inputs.Key[7]);
        fixed (byte* schedule = Schedule)
        {
            for (var block = 0; block < inputs.Blocks; block++)
            {
                LoadMessage(inputs.First + block * BlockBytes, offsets, m);
                if (Sse.IsSupported && inputs.Blocks > 1)
                    Prefetch(inputs.First + block * BlockBytes + TLanes.Count * inputs.Stride, offsets);
                var v8 = TLanes.Broadcast(0x6A09E667);
                var v9 = TLanes.Broadcast(0xBB67AE85);
                var v10 = TLanes.Broadcast(0x3C6EF372);
                var v11 = TLanes.Broadcast(0xA54FF53A);
                var v12 = counterLow;
                var v13 = counterHigh;
                var v14 = TLanes.Broadcast(BlockBytes);
                var v15 = TLanes.Broadcast((uint)inputs.BlockFlags(block));
                for (var s = schedule; s < schedule + 7 * 16; s += 16)
                {
                    MixFour(
                        ref v0, ref v1, ref v2, ref v3, ref v4, ref v5, ref v6, ref v7,
                        ref v8, ref v9, ref v10, ref v11, ref v12, ref v13, ref v14, ref v15, m, s);
                    MixFour(
                        ref v0, ref v1, ref v2, ref v3, ref v5, ref v6, ref v7, ref v4,
                        ref v10, ref v11, ref v8, ref v9, ref v15, ref v12, ref v13, ref v14, m, s + 8);
                }
                v0 = TLanes.Xor(v0, v8);
                v1 = TLanes.Xor(v1, v9);
                v2 = TLanes.Xor(v2, v10);
                v3 = TLanes.Xor(v3, v11);
                v4 = TLanes.Xor(v4, v12);
                v5 = TLanes.Xor(v5, v13);
                v6 = TLanes.Xor(v6, v14);
                v7 = TLanes.Xor(v7, v15);
            }
        }
        StoreChains(v0, v1, v2, v3, (byte*)m, count, output);
        StoreChains(v4, v5, v6, v7, (byte*)m, count, output + 16);
    }

    private static void PlaceLanes(in Blake3Inputs inputs, int from, int count, nuint* offsets, uint* counters)
    {
        // A lane without an input of its own repeats the last one; nobody reads its output.
        for (var lane = 0; lane < TLanes.Count; lane++)
        {
            var input = from + Math.Min(lane, count - 1);
            offsets[lane] = (nuint)input * (nuint)inputs.Stride;
            var counter = inputs.CounterOf(input);
            counters[lane] = (uint)counter;
            counters[MaxLanes + lane] = (uint)(counter >> 32);
        }
    }

    /// <summary>Four columns, or four diagonals, step by step side by side: none waits for the result of the one before it.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void MixFour(
        ref TVector a0, ref TVector a1, ref TVector a2, ref TVector a3, ref TVector b0, ref TVector b1, ref TVector b2, ref TVector b3,
        ref TVector c0, ref TVector c1, ref TVector c2, ref TVector c3, ref TVector d0, ref TVector d1, ref TVector d2, ref TVector d3,
        TVector* m, byte* s)
    {
        a0 = TLanes.Add(TLanes.Add(a0, m[s[0]]), b0);
        a1 = TLanes.Add(TLanes.Add(a1, m[s[2]]), b1);
        a2 = TLanes.Add(TLanes.Add(a2, m[s[4]]), b2);
        a3 = TLanes.Add(TLanes.Add(a3, m[s[6]]), b3);
        d0 = TLanes.RotateRight16(TLanes.Xor(d0, a0));
        d1 = TLanes.RotateRight16(TLanes.Xor(d1, a1));
        d2 = TLanes.RotateRight16(TLanes.Xor(d2, a2));
        d3 = TLanes.RotateRight16(TLanes.Xor(d3, a3));
        c0 = TLanes.Add(c0, d0);
        c1 = TLanes.Add(c1, d1);
        c2 = TLanes.Add(c2, d2);
        c3 = TLanes.Add(c3, d3);
        b0 = TLanes.RotateRight12(TLanes.Xor(b0, c0));
        b1 = TLanes.RotateRight12(TLanes.Xor(b1, c1));
        b2 = TLanes.RotateRight12(TLanes.Xor(b2, c2));
        b3 = TLanes.RotateRight12(TLanes.Xor(b3, c3));
        a0 = TLanes.Add(TLanes.Add(a0, m[s[1]]), b0);
        a1 = TLanes.Add(TLanes.Add(a1, m[s[3]]), b1);
        a2 = TLanes.Add(TLanes.Add(a2, m[s[5]]), b2);
        a3 = TLanes.Add(TLanes.Add(a3, m[s[7]]), b3);
        d0 = TLanes.RotateRight8(TLanes.Xor(d0, a0));
        d1 = TLanes.RotateRight8(TLanes.Xor(d1, a1));
        d2 = TLanes.RotateRight8(TLanes.Xor(d2, a2));
        d3 = TLanes.RotateRight8(TLanes.Xor(d3, a3));
        c0 = TLanes.Add(c0, d0);
        c1 = TLanes.Add(c1, d1);
        c2 = TLanes.Add(c2, d2);
        c3 = TLanes.Add(c3, d3);
        b0 = TLanes.RotateRight7(TLanes.Xor(b0, c0));
        b1 = TLanes.RotateRight7(TLanes.Xor(b1, c1));
        b2 = TLanes.RotateRight7(TLanes.Xor(b2, c2));
        b3 = TLanes.RotateRight7(TLanes.Xor(b3, c3));
    }

    /// <summary>Turns one block of every input into 16 vectors, vector i holding word i of each.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void LoadMessage(byte* at, nuint* offsets, TVector* m)
    {
        for (var column = 0; column < 4; column++)
        {
            var a = TLanes.LoadGroups(at, offsets);
            var b = TLanes.LoadGroups(at, offsets + 1);
            var c = TLanes.LoadGroups(at, offsets + 2);
            var d = TLanes.LoadGroups(at, offsets + 3);
            Transpose(ref a, ref b, ref c, ref d);
            m[0] = a;
            m[1] = b;
            m[2] = c;
            m[3] = d;
            at += 16;
            m += 4;
        }
    }

    /// <summary>
    /// Asks for the same block of the following inputs: as many streams as lanes are more than the machine's own prefetching follows.
    /// Past the end of the inputs it asks in vain; a prefetch never faults.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Prefetch(byte* at, nuint* offsets)
    {
        for (var lane = 0; lane < TLanes.Count; lane++)
            Sse.Prefetch0(at + offsets[lane]);
    }

    /// <summary>Writes four words of every input's chain, through <paramref name="scratch"/>, which holds four vectors.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void StoreChains(TVector a, TVector b, TVector c, TVector d, byte* scratch, int count, byte* output)
    {
        Transpose(ref a, ref b, ref c, ref d);
        TLanes.StoreGroups(a, scratch);
        TLanes.StoreGroups(b, scratch + sizeof(TVector));
        TLanes.StoreGroups(c, scratch + 2 * sizeof(TVector));
        TLanes.StoreGroups(d, scratch + 3 * sizeof(TVector));
        for (var lane = 0; lane < count; lane++)
            Unsafe.CopyBlockUnaligned(output + lane * ChainBytes, scratch + lane % 4 * sizeof(TVector) + lane / 4 * 16, 16);
    }

    /// <summary>Transposes the 4 x 4 words of each group: four lanes of four words become four words of four lanes, and back.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Transpose(ref TVector a, ref TVector b, ref TVector c, ref TVector d)
    {
        var ab = TLanes.InterleaveLow32(a, b);
        var ab2 = TLanes.InterleaveHigh32(a, b);
        var cd = TLanes.InterleaveLow32(c, d);
        var cd2 = TLanes.InterleaveHigh32(c, d);
        a = TLanes.InterleaveLow64(ab, cd);
        b = TLanes.InterleaveHigh64(ab, cd);
        c = TLanes.InterleaveLow64(ab2, cd2);
        d = TLanes.InterleaveHigh64(ab2, cd2);
    }
}
