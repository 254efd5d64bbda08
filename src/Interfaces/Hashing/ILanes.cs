namespace ArtifactStore.Interfaces.Hashing;

/// <summary>
/// The arithmetic of one vector width, so that the BLAKE3 kernel is written once. Each of the <see cref="Count"/> 32-bit lanes
/// belongs to another input. Implementations are empty structs: the JIT compiles the kernel once per width, with every call inlined.
/// </summary>
internal unsafe interface ILanes<TVector> where TVector : unmanaged
{
    /// <summary>Lanes per vector; a multiple of four, because transposing works on groups of four.</summary>
    static abstract int Count { get; }

    static abstract TVector Broadcast(uint value);

    static abstract TVector Load(uint* lanes);

    static abstract TVector Add(TVector a, TVector b);

    static abstract TVector Xor(TVector a, TVector b);

    static abstract TVector RotateRight16(TVector a);

    static abstract TVector RotateRight12(TVector a);

    static abstract TVector RotateRight8(TVector a);

    static abstract TVector RotateRight7(TVector a);

    /// <summary>Group g of the result is the 16 bytes at <c>at + offsets[4 * g]</c>.</summary>
    static abstract TVector LoadGroups(byte* at, nuint* offsets);

    /// <summary>Writes group g to <c>groups + 16 * g</c>.</summary>
    static abstract void StoreGroups(TVector a, byte* groups);

    // The four interleavings work inside each group, as the x86 unpack instructions do.
    static abstract TVector InterleaveLow32(TVector a, TVector b);

    static abstract TVector InterleaveHigh32(TVector a, TVector b);

    static abstract TVector InterleaveLow64(TVector a, TVector b);

    static abstract TVector InterleaveHigh64(TVector a, TVector b);
}
