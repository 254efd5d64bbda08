using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.Arm;
using System.Runtime.Intrinsics.X86;

namespace ArtifactStore.Interfaces.Hashing;

/// <summary>Four lanes: the portable path. SSE or NEON where there is one, the runtime's own emulation elsewhere.</summary>
internal readonly unsafe struct Lanes4 : ILanes<Vector128<uint>>
{
    public static int Count => 4;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<uint> Broadcast(uint value) => Vector128.Create(value);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<uint> Load(uint* lanes) => Vector128.Load(lanes);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<uint> Add(Vector128<uint> a, Vector128<uint> b) => a + b;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<uint> Xor(Vector128<uint> a, Vector128<uint> b) => a ^ b;

    // One instruction where AVX-512 has brought it; else a shuffle for whole bytes, and shifts for the rest.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<uint> RotateRight16(Vector128<uint> a) => Avx512F.VL.IsSupported
        ? Avx512F.VL.RotateRight(a, 16)
        : Vector128.Shuffle(
        a.AsByte(), Vector128.Create((byte)2, 3, 0, 1, 6, 7, 4, 5, 10, 11, 8, 9, 14, 15, 12, 13)).AsUInt32();

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<uint> RotateRight12(Vector128<uint> a) => Avx512F.VL.IsSupported
        ? Avx512F.VL.RotateRight(a, 12)
        : (a >>> 12) | (a << 20);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<uint> RotateRight8(Vector128<uint> a) => Avx512F.VL.IsSupported
        ? Avx512F.VL.RotateRight(a, 8)
        : Vector128.Shuffle(
        a.AsByte(), Vector128.Create((byte)1, 2, 3, 0, 5, 6, 7, 4, 9, 10, 11, 8, 13, 14, 15, 12)).AsUInt32();

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<uint> RotateRight7(Vector128<uint> a) => Avx512F.VL.IsSupported
        ? Avx512F.VL.RotateRight(a, 7)
        : (a >>> 7) | (a << 25);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<uint> LoadGroups(byte* at, nuint* offsets) => Vector128.Load(at + offsets[0]).AsUInt32();

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void StoreGroups(Vector128<uint> a, byte* groups) => a.AsByte().Store(groups);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<uint> InterleaveLow32(Vector128<uint> a, Vector128<uint> b)
    {
        if (Sse2.IsSupported)
            return Sse2.UnpackLow(a, b);
        if (AdvSimd.Arm64.IsSupported)
            return AdvSimd.Arm64.ZipLow(a, b);
        return Vector128.Create(a[0], b[0], a[1], b[1]);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<uint> InterleaveHigh32(Vector128<uint> a, Vector128<uint> b)
    {
        if (Sse2.IsSupported)
            return Sse2.UnpackHigh(a, b);
        if (AdvSimd.Arm64.IsSupported)
            return AdvSimd.Arm64.ZipHigh(a, b);
        return Vector128.Create(a[2], b[2], a[3], b[3]);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<uint> InterleaveLow64(Vector128<uint> a, Vector128<uint> b) =>
        Vector128.Create(a.GetLower(), b.GetLower());

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<uint> InterleaveHigh64(Vector128<uint> a, Vector128<uint> b) =>
        Vector128.Create(a.GetUpper(), b.GetUpper());
}
