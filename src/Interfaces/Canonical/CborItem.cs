namespace ArtifactStore.Interfaces.Canonical;

/// <summary>Where one data item ends. Walks heads only, without recursion, so hostile nesting costs no stack.</summary>
internal static class CborItem
{
    /// <summary>Length in bytes of the item at the start of <paramref name="source"/>; Truncated when it goes on past the end.</summary>
    public static CborFault TryMeasure(ReadOnlySpan<byte> source, out int length)
    {
        length = 0;
        var position = 0;
        for (var pending = 1UL; pending > 0; pending--)
        {
            var fault = CborHead.TryRead(source[position..], out var head);
            if (fault != CborFault.None)
                return fault;
            position += head.Length;
            var remaining = (ulong)(source.Length - position);
            if (head.Major is CborMajor.Bytes or CborMajor.Text)
            {
                if (head.Argument > remaining)
                    return CborFault.Truncated;
                position += (int)head.Argument;
            }
            else if (head.Major == CborMajor.Tag)
                pending++;
            else if (head.Major is CborMajor.Array or CborMajor.Map)
            {
                // Every child takes at least one byte: refusing early keeps the sums from overflowing.
                if (head.Argument > remaining || head.Children > remaining)
                    return CborFault.Truncated;
                pending += head.Children;
            }
        }

        length = position;
        return CborFault.None;
    }

    /// <summary>Length of the item at the start of bytes already known to be canonical.</summary>
    public static int Measure(ReadOnlySpan<byte> canonical)
    {
        var fault = TryMeasure(canonical, out var length);
        return fault == CborFault.None ? length : throw new FormatException(CborHead.Describe(fault));
    }
}
