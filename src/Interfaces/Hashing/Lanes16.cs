using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace ArtifactStore.Interfaces.Hashing;

/// <summary>Sixteen lanes: AVX-512, with rotations in one instruction.</summary>
internal readonly unsafe struct Lanes16 : ILanes<Vector512<uint>>
{
    public static int Count => 16;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<uint> Broadcast(uint value) => Vector512.Create(value);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<uint> Load(uint* lanes) => Vector512.Load(lanes);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<uint> Add(Vector512<uint> a, Vector512<uint> b) => a + b;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<uint> Xor(Vector512<uint> a, Vector512<uint> b) => a ^ b;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<uint> RotateRight16(Vector512<uint> a) => Avx512F.RotateRight(a, 16);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<uint> RotateRight12(Vector512<uint> a) => Avx512F.RotateRight(a, 12);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<uint> RotateRight8(Vector512<uint> a) => Avx512F.RotateRight(a, 8);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<uint> RotateRight7(Vector512<uint> a) => Avx512F.RotateRight(a, 7);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<uint> LoadGroups(byte* at, nuint* offsets)
    {
        var groups = Vector128.Load((uint*)(at + offsets[0])).ToVector256Unsafe().ToVector512Unsafe();
        groups = Avx512F.InsertVector128(groups, Vector128.Load((uint*)(at + offsets[4])), 1);
        groups = Avx512F.InsertVector128(groups, Vector128.Load((uint*)(at + offsets[8])), 2);
        return Avx512F.InsertVector128(groups, Vector128.Load((uint*)(at + offsets[12])), 3);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void StoreGroups(Vector512<uint> a, byte* groups) => a.AsByte().Store(groups);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<uint> InterleaveLow32(Vector512<uint> a, Vector512<uint> b) => Avx512F.UnpackLow(a, b);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<uint> InterleaveHigh32(Vector512<uint> a, Vector512<uint> b) => Avx512F.UnpackHigh(a, b);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<uint> InterleaveLow64(Vector512<uint> a, Vector512<uint> b) =>
        Avx512F.UnpackLow(a.AsUInt64(), b.AsUInt64()).AsUInt32();

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<uint> InterleaveHigh64(Vector512<uint> a, Vector512<uint> b) =>
        Avx512F.UnpackHigh(a.AsUInt64(), b.AsUInt64()).AsUInt32();
}
