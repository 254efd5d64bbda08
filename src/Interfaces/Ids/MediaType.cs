namespace ArtifactStore.Interfaces.Ids;

/// <summary><c>type/subtype</c> with optional parameters, kept as it was given; only its shape is checked (RFC 9110 §8.3.1).</summary>
public sealed partial record MediaType
{
    public const int MaxLength = 255;

    public static readonly MediaType OctetStream = new("application/octet-stream");

    private MediaType(string value) => Value = value;

    public string Value { get; }

    public override string ToString() => Value;

    public static string? TryCreate(string? text, out MediaType? mediaType)
    {
        mediaType = null;
        if (string.IsNullOrWhiteSpace(text)) return "the media type is empty";
        text = text.Trim();
        if (text.Length > MaxLength) return $"the media type is longer than {MaxLength} characters";
        foreach (var c in text)
        {
            if (c is < ' ' or > '~') return "the media type contains a character outside printable ASCII";
        }
        var parameters = text.IndexOf(';');
        var essence = (parameters < 0 ? text : text[..parameters]).AsSpan().TrimEnd();
        var slash = essence.IndexOf('/');
        if (slash <= 0 || slash == essence.Length - 1 || essence[(slash + 1)..].Contains('/')) return "the media type is not of the form type/subtype";
        foreach (var c in essence)
        {
            if (c != '/' && !IsTokenCharacter(c)) return "the media type is not of the form type/subtype";
        }
        mediaType = new(text);
        return null;
    }

    public static MediaType FromStored(string text) =>
        TryCreate(text, out var mediaType) is { } reason ? throw new FormatException($"stored media type refused: {reason}") : mediaType!;

    private static bool IsTokenCharacter(char c) => char.IsAsciiLetterOrDigit(c) || "!#$%&'*+-.^_`|~".Contains(c);
}
