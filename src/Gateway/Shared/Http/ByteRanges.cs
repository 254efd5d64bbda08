using System.Globalization;

namespace ArtifactStore.Gateway.Shared.Http;

/// <summary>A part of a content: not empty, and inside it.</summary>
public readonly record struct ByteRange(long Offset, long Length)
{
    public long Last => Offset + Length - 1;

    public string ContentRange(long size) => $"bytes {Offset}-{Last}/{size}";
}

/// <summary>
/// RFC 9110 §14.2. A header that is not understood is ignored, as the section asks; one that is understood and asks for too much is
/// refused. Invariant: what is answered is never larger than the content, whatever was asked for: ranges that overlap are merged
/// (§15.3.7.2).
/// </summary>
public static class ByteRanges
{
    public const int MaxRanges = 64;

    public enum Verdict
    {
        /// <summary>Answer with the whole content.</summary>
        Ignore,
        Satisfiable,
        Unsatisfiable,
        TooMany,
    }

    public static Verdict Parse(string? header, long size, out IReadOnlyList<ByteRange> ranges)
    {
        ranges = [];
        const string unit = "bytes=";
        if (header is null || !header.StartsWith(unit, StringComparison.OrdinalIgnoreCase)) return Verdict.Ignore;
        var found = new List<ByteRange>();
        var count = 0;
        var specs = header.AsSpan(unit.Length);
        foreach (var part in specs.Split(','))
        {
            var spec = specs[part].Trim();
            if (spec.IsEmpty) continue;
            if (++count > MaxRanges) return Verdict.TooMany;
            if (!TryParseSpec(spec, size, out var range)) return Verdict.Ignore;
            if (range is { } satisfiable) found.Add(satisfiable);
        }
        if (count == 0) return Verdict.Ignore;
        if (found.Count == 0) return Verdict.Unsatisfiable;
        ranges = MergeIfOverlapping(found);
        return Verdict.Satisfiable;
    }

    /// <summary>False: malformed. True with null: well-formed, but no byte of the content is in it.</summary>
    private static bool TryParseSpec(ReadOnlySpan<char> spec, long size, out ByteRange? range)
    {
        range = null;
        var dash = spec.IndexOf('-');
        if (dash < 0) return false;
        var first = spec[..dash].Trim();
        var last = spec[(dash + 1)..].Trim();
        if (first.IsEmpty)
        {
            if (!TryParsePosition(last, out var suffix)) return false;
            var length = Math.Min(suffix, size);
            if (length > 0) range = new(size - length, length);
            return true;
        }
        if (!TryParsePosition(first, out var from)) return false;
        var to = long.MaxValue;
        if (!last.IsEmpty && !TryParsePosition(last, out to)) return false;
        if (to < from) return false;
        if (from < size) range = new(from, Math.Min(to, size - 1) - from + 1);
        return true;
    }

    /// <summary>Positions beyond 64 bits are legal and lie behind every content.</summary>
    private static bool TryParsePosition(ReadOnlySpan<char> digits, out long position)
    {
        position = long.MaxValue;
        if (digits.IsEmpty || digits.ContainsAnyExceptInRange('0', '9')) return false;
        if (long.TryParse(digits, NumberStyles.None, CultureInfo.InvariantCulture, out var parsed)) position = parsed;
        return true;
    }

    private static List<ByteRange> MergeIfOverlapping(List<ByteRange> ranges)
    {
        if (ranges.Count < 2) return ranges;
        var sorted = ranges.OrderBy(range => range.Offset).ToList();
        var merged = new List<ByteRange> { sorted[0] };
        foreach (var range in sorted.Skip(1))
        {
            var open = merged[^1];
            if (range.Offset > open.Last) merged.Add(range);
            else merged[^1] = new(open.Offset, Math.Max(open.Last, range.Last) - open.Offset + 1);
        }
        // Nothing overlapped: the order that was asked for is the order of the answer.
        return merged.Count == ranges.Count ? ranges : merged;
    }
}
