namespace ArtifactStore.Interfaces.Hashing;

/// <summary>
/// The frame around the saved state of a hash:
/// <code>
/// magic 4 | version 1 | body | check 8: the first bytes of the BLAKE3 of all before it
/// </code>
/// The check matters more than it does for most records: a hash resumed from a damaged state ends in a digest that looks like any
/// other, and bytes would be stored for ever under an address that is not theirs.
/// </summary>
internal static class SavedState
{
    public const int HeaderBytes = 5;
    public const int CheckBytes = 8;
    public const int FrameBytes = HeaderBytes + CheckBytes;

    /// <summary>Fills the frame around a body that already lies in its place.</summary>
    public static void Seal(Span<byte> state, ReadOnlySpan<byte> magic, byte version)
    {
        magic.CopyTo(state);
        state[4] = version;
        Check(state[..^CheckBytes], state[^CheckBytes..]);
    }

    /// <summary>The body of a sound state.</summary>
    /// <exception cref="FormatException">It is not a state of this kind and version, or it is damaged.</exception>
    public static ReadOnlySpan<byte> Open(ReadOnlySpan<byte> state, ReadOnlySpan<byte> magic, byte version)
    {
        if (state.Length < FrameBytes || !state.StartsWith(magic))
            throw new FormatException("This is not the saved state of such a hash.");
        if (state[4] != version)
            throw new FormatException($"The saved state of a hash has version {state[4]}; this program reads version {version}.");
        Span<byte> expected = stackalloc byte[CheckBytes];
        Check(state[..^CheckBytes], expected);
        if (!state[^CheckBytes..].SequenceEqual(expected))
            throw new FormatException("The saved state of a hash is damaged.");
        return state[HeaderBytes..^CheckBytes];
    }

    private static void Check(ReadOnlySpan<byte> content, Span<byte> check) => Blake3.Hash(content, check);
}
