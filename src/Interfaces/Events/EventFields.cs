using System.Globalization;
using ArtifactStore.Interfaces.Canonical;
using ArtifactStore.Interfaces.Hashing;
using ArtifactStore.Interfaces.Ids;

namespace ArtifactStore.Interfaces.Events;

/// <summary>
/// How the typed values are spelled in a payload. Text everywhere, never byte strings: a payload then has a JSON form that loses nothing.
/// </summary>
internal static class EventFields
{
    private const string TimeFormat = "yyyy-MM-dd'T'HH:mm:ss.ffffff'Z'";

    /// <summary><c>{"blake3": hex, "sha256": hex, "size": n}</c></summary>
    public static CborMapWriter Content(this CborMapWriter map, string name, ContentDigests content) =>
        map.Map(name, content, static (fields, value) => fields
            .Text("blake3", value.Blake3.ToHex())
            .Text("sha256", value.Sha256.ToHex())
            .Int64("size", value.Size));

    public static ContentDigests Content(this CborMapReader map, string name)
    {
        var fields = map.Map(name);
        return new(fields.Digest("blake3"), fields.Digest("sha256"), fields.Int64("size"));
    }

    public static Digest256 Digest(this CborMapReader map, string name) =>
        Digest256.TryParseHex(map.Text(name), out var digest) ? digest : throw new FormatException($"Field \"{name}\" is not a digest.");

    /// <summary>RFC 3339 in UTC with six digits, always.</summary>
    public static CborMapWriter Time(this CborMapWriter map, string name, DateTimeOffset? time) =>
        map.Text(name, time is { } value ? EventTime.Cut(value).UtcDateTime.ToString(TimeFormat, CultureInfo.InvariantCulture) : null);

    public static DateTimeOffset? OptionalTime(this CborMapReader map, string name)
    {
        if (map.OptionalText(name) is not { } text) return null;
        return DateTimeOffset.TryParseExact(text, TimeFormat, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var time)
            ? time
            : throw new FormatException($"Field \"{name}\" is not a time.");
    }

    public static FileId? OptionalFile(this CborMapReader map, string name) =>
        map.OptionalText(name) is { } text ? FileId.Parse(text, null) : null;

    public static BackendId Backend(this CborMapReader map, string name) => new(map.Text(name));

    public static int Generation(this CborMapReader map, string name) => checked((int)map.Int64(name));
}
