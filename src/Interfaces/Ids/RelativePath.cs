using System.Text;

namespace ArtifactStore.Interfaces.Ids;

/// <summary>
/// Where a file stands in its package. Invariant: joining it below any directory stays below that directory, on every system: no empty, "."
/// or ".." segment, no leading slash, no backslash, no control character. It is a name only and never decides where bytes lie.
/// </summary>
public sealed partial record RelativePath
{
    public const int MaxBytes = 1024;
    public const int MaxSegmentBytes = 255;

    private RelativePath(string value) => Value = value;

    public string Value { get; }

    public override string ToString() => Value;

    /// <summary>Null and a path when it is acceptable, else the reason in words.</summary>
    public static string? TryCreate(string? text, out RelativePath? path)
    {
        path = null;
        if (string.IsNullOrEmpty(text)) return "the path is empty";
        if (text[0] == '/') return "the path is absolute; it must be relative to the package";
        // A lone surrogate has no UTF-8 form: GetByteCount would count a replacement character instead of failing.
        if (!IsWellFormed(text)) return "the path is not valid Unicode";
        if (Encoding.UTF8.GetByteCount(text) > MaxBytes) return $"the path is longer than {MaxBytes} bytes";
        foreach (var c in text)
        {
            if (c < ' ' || c == '\u007f') return "the path contains a control character";
            if (c == '\\') return "the path contains a backslash; segments are separated by '/'";
        }
        foreach (var range in text.AsSpan().Split('/'))
        {
            var segment = text.AsSpan(range);
            if (segment.IsEmpty) return "the path has an empty segment";
            if (segment is "." or "..") return "the path has a '.' or '..' segment";
            if (Encoding.UTF8.GetByteCount(segment) > MaxSegmentBytes) return $"a segment of the path is longer than {MaxSegmentBytes} bytes";
        }
        path = new(text);
        return null;
    }

    /// <summary>For text that the store itself wrote (events, views): a refusal here means damage.</summary>
    public static RelativePath FromStored(string text) =>
        TryCreate(text, out var path) is { } reason ? throw new FormatException($"stored path refused: {reason}") : path!;

    private static bool IsWellFormed(string text)
    {
        for (var i = 0; i < text.Length; i++)
        {
            if (!char.IsSurrogate(text[i])) continue;
            if (i + 1 >= text.Length || !char.IsSurrogatePair(text[i], text[i + 1])) return false;
            i++;
        }
        return true;
    }
}
