using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace ArtifactStore.Interfaces.Hashing;

/// <summary>The domain flags of BLAKE3 (specification, table 3): they keep a chunk, a parent and a root from ever hashing alike.</summary>
[Flags]
internal enum Blake3Flags : uint
{
    None = 0,
    ChunkStart = 1,
    ChunkEnd = 2,
    Parent = 4,
    Root = 8,
    KeyedHash = 16,
    DeriveKeyContext = 32,
    DeriveKeyMaterial = 64,
}

/// <summary>
/// The compression function for one input at a time (specification, section 2.2): the four rows of the state in four vectors.
/// It is bound by latency, not by the machine's width, so it serves single chunks, roots and lone parents only.
/// </summary>
internal static unsafe class Blake3Compression
{
    public const int BlockBytes = 64;
    public const int ChunkBytes = 1024;
    public const int ChainBytes = 32;

    public static ReadOnlySpan<uint> InitialChain =>
        [0x6A09E667, 0xBB67AE85, 0x3C6EF372, 0xA54FF53A, 0x510E527F, 0x9B05688C, 0x1F83D9AB, 0x5BE0CD19];

    /// <summary>Which message word goes where in each of the seven rounds (specification, table 2, applied repeatedly).</summary>
    public static ReadOnlySpan<byte> Schedule =>
    [
        0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15,
        2, 6, 3, 10, 7, 0, 4, 13, 1, 11, 12, 5, 9, 14, 15, 8,
        3, 4, 10, 12, 13, 2, 7, 14, 6, 5, 9, 0, 11, 15, 8, 1,
        10, 7, 12, 9, 14, 3, 13, 15, 4, 0, 11, 2, 5, 8, 1, 6,
        12, 13, 9, 11, 15, 10, 14, 8, 7, 2, 5, 3, 0, 1, 6, 4,
        9, 14, 11, 5, 8, 12, 15, 1, 13, 3, 0, 10, 2, 6, 4, 7,
        11, 15, 5, 0, 1, 9, 8, 6, 14, 10, 2, 12, 3, 4, 7, 13,
    ];

    /// <summary>Compresses one block into the chain of 8 words, in place.</summary>
    public static void Chain(uint* chain, byte* block, uint length, ulong counter, Blake3Flags flags)
    {
        Rounds(chain, block, length, counter, flags, out var r0, out var r1, out var r2, out var r3);
        (r0 ^ r2).Store(chain);
        (r1 ^ r3).Store(chain + 4);
    }

    /// <summary>Compresses one block into 64 bytes of extended output; the chain is only read.</summary>
    public static void Extend(uint* chain, byte* block, uint length, ulong counter, Blake3Flags flags, byte* output)
    {
        Rounds(chain, block, length, counter, flags, out var r0, out var r1, out var r2, out var r3);
        (r0 ^ r2).AsByte().Store(output);
        (r1 ^ r3).AsByte().Store(output + 16);
        (r2 ^ Vector128.Load(chain)).AsByte().Store(output + 32);
        (r3 ^ Vector128.Load(chain + 4)).AsByte().Store(output + 48);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Rounds(
        uint* chain, byte* block, uint length, ulong counter, Blake3Flags flags,
        out Vector128<uint> row0, out Vector128<uint> row1, out Vector128<uint> row2, out Vector128<uint> row3)
    {
        var r0 = Vector128.Load(chain);
        var r1 = Vector128.Load(chain + 4);
        var r2 = Vector128.Create(0x6A09E667u, 0xBB67AE85u, 0x3C6EF372u, 0xA54FF53Au);
        var r3 = Vector128.Create((uint)counter, (uint)(counter >> 32), length, (uint)flags);
        var m = (uint*)block;
        fixed (byte* schedule = Schedule)
        {
            for (var s = schedule; s < schedule + 7 * 16; s += 16)
            {
                Mix(ref r0, ref r1, ref r2, ref r3, Words(m, s), Words(m, s + 1));
                // Diagonals become columns by turning rows 1 to 3, and turn back afterwards.
                r1 = Vector128.Shuffle(r1, Vector128.Create(1u, 2, 3, 0));
                r2 = Vector128.Shuffle(r2, Vector128.Create(2u, 3, 0, 1));
                r3 = Vector128.Shuffle(r3, Vector128.Create(3u, 0, 1, 2));
                Mix(ref r0, ref r1, ref r2, ref r3, Words(m, s + 8), Words(m, s + 9));
                r1 = Vector128.Shuffle(r1, Vector128.Create(3u, 0, 1, 2));
                r2 = Vector128.Shuffle(r2, Vector128.Create(2u, 3, 0, 1));
                r3 = Vector128.Shuffle(r3, Vector128.Create(1u, 2, 3, 0));
            }
        }
        (row0, row1, row2, row3) = (r0, r1, r2, r3);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector128<uint> Words(uint* m, byte* s) => Vector128.Create(m[s[0]], m[s[2]], m[s[4]], m[s[6]]);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Mix(
        ref Vector128<uint> a, ref Vector128<uint> b, ref Vector128<uint> c, ref Vector128<uint> d, Vector128<uint> x, Vector128<uint> y)
    {
        // a + x first: it does not wait for b, which the previous step has only just made.
        a = a + x + b;
        d = Lanes4.RotateRight16(d ^ a);
        c += d;
        b = Lanes4.RotateRight12(b ^ c);
        a = a + y + b;
        d = Lanes4.RotateRight8(d ^ a);
        c += d;
        b = Lanes4.RotateRight7(b ^ c);
    }
}
