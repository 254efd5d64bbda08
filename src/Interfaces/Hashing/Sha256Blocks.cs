using System.Buffers.Binary;
using System.Numerics;
using System.Runtime.InteropServices;

namespace ArtifactStore.Interfaces.Hashing;

/// <summary>
/// The one part of SHA-256 that costs time: hashing whole blocks into the eight words of its state. libcrypto does it at the speed of
/// the machine; where it cannot be loaded, or answers wrongly, plain code does. Padding and counting are not here: they are
/// <see cref="ResumableSha256"/>'s, so that its saved state depends on neither.
/// </summary>
internal static unsafe class Sha256Blocks
{
    public const int BlockBytes = 64;
    public const int StateWords = 8;

    // Debian's and Alpine's names. These entry points take a plain struct in both versions, and will as long as the library is 3.x.
    private static readonly string[] Libraries = ["libcrypto.so.3", "libcrypto.so.1.1"];
    private static readonly delegate* unmanaged<Context*, byte*, nuint, int> LibcryptoUpdate = FindLibcrypto();

    public static ReadOnlySpan<uint> InitialState =>
        [0x6A09E667, 0xBB67AE85, 0x3C6EF372, 0xA54FF53A, 0x510E527F, 0x9B05688C, 0x1F83D9AB, 0x5BE0CD19];

    public static bool Native => LibcryptoUpdate != null;

    public static void Hash(Span<uint> state, ReadOnlySpan<byte> blocks)
    {
        if (LibcryptoUpdate != null)
            HashNative(LibcryptoUpdate, state, blocks);
        else
            HashManaged(state, blocks);
    }

    internal static void HashManaged(Span<uint> state, ReadOnlySpan<byte> blocks)
    {
        Span<uint> w = stackalloc uint[64];
        for (; blocks.Length >= BlockBytes; blocks = blocks[BlockBytes..])
        {
            for (var i = 0; i < 16; i++)
                w[i] = BinaryPrimitives.ReadUInt32BigEndian(blocks[(4 * i)..]);
            // FIPS 180-4, section 6.2.2.
            for (var i = 16; i < 64; i++)
            {
                var s0 = BitOperations.RotateRight(w[i - 15], 7) ^ BitOperations.RotateRight(w[i - 15], 18) ^ (w[i - 15] >> 3);
                var s1 = BitOperations.RotateRight(w[i - 2], 17) ^ BitOperations.RotateRight(w[i - 2], 19) ^ (w[i - 2] >> 10);
                w[i] = w[i - 16] + s0 + w[i - 7] + s1;
            }
            var (a, b, c, d) = (state[0], state[1], state[2], state[3]);
            var (e, f, g, h) = (state[4], state[5], state[6], state[7]);
            for (var i = 0; i < 64; i++)
            {
                var sum1 = BitOperations.RotateRight(e, 6) ^ BitOperations.RotateRight(e, 11) ^ BitOperations.RotateRight(e, 25);
                var t1 = h + sum1 + ((e & f) ^ (~e & g)) + RoundConstants[i] + w[i];
                var sum0 = BitOperations.RotateRight(a, 2) ^ BitOperations.RotateRight(a, 13) ^ BitOperations.RotateRight(a, 22);
                var t2 = sum0 + ((a & b) ^ (a & c) ^ (b & c));
                (h, g, f, e, d, c, b, a) = (g, f, e, d + t1, c, b, a, t1 + t2);
            }
            state[0] += a;
            state[1] += b;
            state[2] += c;
            state[3] += d;
            state[4] += e;
            state[5] += f;
            state[6] += g;
            state[7] += h;
        }
    }

    private static void HashNative(
        delegate* unmanaged<Context*, byte*, nuint, int> update, Span<uint> state, ReadOnlySpan<byte> blocks)
    {
        // With nothing buffered and whole blocks given, the library only turns the eight words.
        var context = default(Context);
        context.DigestLength = 32;
        state.CopyTo(new Span<uint>(context.State, StateWords));
        fixed (byte* bytes = blocks)
        {
            if (update(&context, bytes, (nuint)blocks.Length) != 1)
                throw new InvalidOperationException("libcrypto refused to hash.");
        }
        new Span<uint>(context.State, StateWords).CopyTo(state);
    }

    private static delegate* unmanaged<Context*, byte*, nuint, int> FindLibcrypto()
    {
        foreach (var name in Libraries)
        {
            if (!NativeLibrary.TryLoad(name, out var library))
                continue;
            if (NativeLibrary.TryGetExport(library, "SHA256_Update", out var export))
            {
                var update = (delegate* unmanaged<Context*, byte*, nuint, int>)export;
                if (AgreesWithManaged(update))
                    return update;
            }
            NativeLibrary.Free(library);
        }
        return null;
    }

    /// <summary>A library whose struct were laid out differently would be found here, not in a stored address.</summary>
    private static bool AgreesWithManaged(delegate* unmanaged<Context*, byte*, nuint, int> update)
    {
        Span<byte> blocks = stackalloc byte[3 * BlockBytes];
        for (var i = 0; i < blocks.Length; i++)
            blocks[i] = (byte)(i * 7);
        Span<uint> native = stackalloc uint[StateWords];
        Span<uint> managed = stackalloc uint[StateWords];
        InitialState.CopyTo(native);
        InitialState.CopyTo(managed);
        HashNative(update, native, blocks);
        HashManaged(managed, blocks);
        return native.SequenceEqual(managed);
    }

    /// <summary>libcrypto's SHA256_CTX, with room behind it in case a later version needs more.</summary>
    [StructLayout(LayoutKind.Sequential)]
    private struct Context
    {
        public fixed uint State[StateWords];
        public uint BitsLow;
        public uint BitsHigh;
        public fixed byte Buffer[BlockBytes];
        public uint Buffered;
        public uint DigestLength;
        public fixed byte Spare[128];
    }

    private static ReadOnlySpan<uint> RoundConstants =>
    [
        0x428A2F98, 0x71374491, 0xB5C0FBCF, 0xE9B5DBA5, 0x3956C25B, 0x59F111F1, 0x923F82A4, 0xAB1C5ED5,
        0xD807AA98, 0x12835B01, 0x243185BE, 0x550C7DC3, 0x72BE5D74, 0x80DEB1FE, 0x9BDC06A7, 0xC19BF174,
        0xE49B69C1, 0xEFBE4786, 0x0FC19DC6, 0x240CA1CC, 0x2DE92C6F, 0x4A7484AA, 0x5CB0A9DC, 0x76F988DA,
        0x983E5152, 0xA831C66D, 0xB00327C8, 0xBF597FC7, 0xC6E00BF3, 0xD5A79147, 0x06CA6351, 0x14292967,
        0x27B70A85, 0x2E1B2138, 0x4D2C6DFC, 0x53380D13, 0x650A7354, 0x766A0ABB, 0x81C2C92E, 0x92722C85,
        0xA2BFE8A1, 0xA81A664B, 0xC24B8B70, 0xC76C51A3, 0xD192E819, 0xD6990624, 0xF40E3585, 0x106AA070,
        0x19A4C116, 0x1E376C08, 0x2748774C, 0x34B0BCB5, 0x391C0CB3, 0x4ED8AA4A, 0x5B9CCA4F, 0x682E6FF3,
        0x748F82EE, 0x78A5636F, 0x84C87814, 0x8CC70208, 0x90BEFFFA, 0xA4506CEB, 0xBEF9A3F7, 0xC67178F2,
    ];
}
