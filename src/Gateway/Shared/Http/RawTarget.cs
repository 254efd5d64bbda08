using System.Text;
using System.Text.Unicode;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;

namespace ArtifactStore.Gateway.Shared.Http;

/// <summary>
/// The path as it was sent. Kestrel resolves <c>a/../b</c> and <c>a/%2e%2e/b</c> to <c>b</c> before routing, so a request for one path
/// would silently become a request for another; here it is refused instead. Invariant: a decoded path has no '.' or '..' segment, no NUL,
/// and is valid UTF-8, so it means the same to everybody who looks at it.
/// </summary>
public static class RawTarget
{
    /// <summary>Null and the decoded path, beginning with '/', or the reason in words.</summary>
    public static string? TryDecode(string rawTarget, out string path)
    {
        path = "/";
        var raw = PathPart(rawTarget);
        // OPTIONS * names the server, not a path.
        if (raw is "*") return null;
        var bytes = new byte[raw.Length];
        if (Unescape(raw, bytes, out var length) is { } reason) return reason;
        var decoded = bytes.AsSpan(0, length);
        if (!Utf8.IsValid(decoded)) return "the path is not valid UTF-8";
        path = Encoding.UTF8.GetString(decoded);
        foreach (var range in path.AsSpan().Split('/'))
        {
            if (path.AsSpan(range) is "." or "..") return "the path has a '.' or '..' segment";
        }
        return null;
    }

    /// <summary>Everything after the first <paramref name="segments"/> segments: the tail that a route leaves to its handler.</summary>
    public static string TailAfter(HttpContext http, int segments)
    {
        var rawTarget = http.Features.GetRequiredFeature<IHttpRequestFeature>().RawTarget;
        TryDecode(rawTarget, out var path);
        var at = 0;
        for (var i = 0; i <= segments; i++)
        {
            var slash = path.IndexOf('/', at);
            if (slash < 0) return "";
            at = slash + 1;
        }
        return path[at..];
    }

    /// <summary>RFC 9112 §3.2: origin form, or absolute form as a proxy sends it; neither the query nor the authority is a path.</summary>
    private static ReadOnlySpan<char> PathPart(string rawTarget)
    {
        var target = rawTarget.AsSpan();
        // A fragment is never sent (RFC 9112 §3.2), and the server takes one for a part of the path: it stays, to be refused.
        var end = target.IndexOf('?');
        if (end >= 0) target = target[..end];
        if (target.StartsWith("/") || target is "*") return target;
        var authority = target.IndexOf("://");
        if (authority < 0) return target;
        var slash = target[(authority + 3)..].IndexOf('/');
        return slash < 0 ? "/" : target[(authority + 3 + slash)..];
    }

    private static string? Unescape(ReadOnlySpan<char> raw, Span<byte> bytes, out int length)
    {
        length = 0;
        for (var i = 0; i < raw.Length; i++)
        {
            var c = raw[i];
            if (c == '#') return "the path has a fragment";
            if (c > 0x7f) return "the path has an unescaped character outside ASCII";
            var value = (int)c;
            if (c == '%')
            {
                if (i + 2 >= raw.Length) return "the path ends within a percent escape";
                var (high, low) = (FromHex(raw[i + 1]), FromHex(raw[i + 2]));
                if (high < 0 || low < 0) return "the path has a malformed percent escape";
                value = (high << 4) | low;
                i += 2;
            }
            if (value == 0) return "the path contains NUL";
            bytes[length++] = (byte)value;
        }
        return null;
    }

    private static int FromHex(char c) => c switch
    {
        >= '0' and <= '9' => c - '0',
        >= 'a' and <= 'f' => c - 'a' + 10,
        >= 'A' and <= 'F' => c - 'A' + 10,
        _ => -1,
    };
}
