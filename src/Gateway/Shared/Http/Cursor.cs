using System.Buffers.Binary;
using System.Buffers.Text;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace ArtifactStore.Gateway.Shared.Http;

/// <summary>
/// Where a keyset page ended, opaque to the caller:
/// <code>
///   byte 0      version, 1
///   bytes 1-8   the start of SHA-256 over route, filters and position
///   bytes 9-    position, UTF-8
/// </code>
/// The digest ties a cursor to the question it belongs to, so that one used with other filters, or typed by hand, is refused instead of
/// answering a page of something else. It is no secret and needs none: a cursor grants nothing.
/// </summary>
public static class Cursor
{
    private const byte Version = 1;
    private const int TagBytes = 8;
    private const int MaxTextLength = 4096;

    public static string Encode(string question, string position)
    {
        var payload = Encoding.UTF8.GetBytes(position);
        var bytes = new byte[1 + TagBytes + payload.Length];
        bytes[0] = Version;
        Tag(question, payload, bytes.AsSpan(1, TagBytes));
        payload.CopyTo(bytes, 1 + TagBytes);
        return Base64Url.EncodeToString(bytes);
    }

    public static string Encode(string question, long position) => Encode(question, position.ToString(CultureInfo.InvariantCulture));

    public static bool TryDecodeNumber(string question, string cursor, out long position)
    {
        position = 0;
        return TryDecode(question, cursor, out var text)
            && long.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out position);
    }

    public static bool TryDecode(string question, string cursor, out string position)
    {
        position = "";
        if (cursor.Length > MaxTextLength || !Base64Url.IsValid(cursor)) return false;
        var bytes = Base64Url.DecodeFromChars(cursor);
        if (bytes.Length < 1 + TagBytes || bytes[0] != Version) return false;
        var payload = bytes.AsSpan(1 + TagBytes);
        Span<byte> tag = stackalloc byte[TagBytes];
        Tag(question, payload, tag);
        if (!tag.SequenceEqual(bytes.AsSpan(1, TagBytes))) return false;
        position = Encoding.UTF8.GetString(payload);
        return true;
    }

    /// <summary>One text for a route and its filters; lengths before the parts, so that no two lists of parts give the same text.</summary>
    public static string Question(string route, params ReadOnlySpan<string?> filters)
    {
        var text = new StringBuilder(route);
        foreach (var filter in filters) text.Append('|').Append(filter?.Length ?? -1).Append(':').Append(filter);
        return text.ToString();
    }

    private static void Tag(string question, ReadOnlySpan<byte> payload, Span<byte> tag)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        var questionBytes = Encoding.UTF8.GetBytes(question);
        Span<byte> length = stackalloc byte[sizeof(int)];
        BinaryPrimitives.WriteInt32BigEndian(length, questionBytes.Length);
        hash.AppendData(length);
        hash.AppendData(questionBytes);
        hash.AppendData(payload);
        Span<byte> digest = stackalloc byte[SHA256.HashSizeInBytes];
        hash.GetHashAndReset(digest);
        digest[..TagBytes].CopyTo(tag);
    }
}
