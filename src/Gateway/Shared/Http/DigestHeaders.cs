using ArtifactStore.Interfaces.Errors;
using ArtifactStore.Interfaces.Hashing;
using ArtifactStore.Interfaces.Ids;
using Microsoft.AspNetCore.Http;

namespace ArtifactStore.Gateway.Shared.Http;

/// <summary>
/// Digests in headers. <c>Content-Digest: sha-256=:base64:</c> and <c>Repr-Digest</c> are RFC 9530; <c>blake3</c> is understood there as an
/// unregistered key. <c>X-Content-Address</c> is ours: a content address as it is written everywhere else.
/// </summary>
public static class DigestHeaders
{
    public const string ContentDigest = "Content-Digest";
    public const string ReprDigest = "Repr-Digest";
    public const string ContentAddressHeader = "X-Content-Address";

    /// <summary>All that the sender announced. Algorithms that we do not compute are skipped, as RFC 9530 §2 asks.</summary>
    public static Outcome<ExpectedDigests> Expected(IHeaderDictionary headers)
    {
        var expected = ExpectedDigests.None;
        foreach (var line in headers[ContentDigest])
        {
            if (!TryParse(line, out var announced))
                return ErrorCatalogue.RequestMalformed.With($"{ContentDigest} is not of the form sha-256=:base64:");
            if (expected.And(announced) is not { } both) return Contradiction();
            expected = both;
        }
        foreach (var line in headers[ContentAddressHeader])
        {
            if (!ContentAddress.TryParse(line, out var address))
                return ErrorCatalogue.AddressInvalid.With($"{ContentAddressHeader} is not a content address");
            if (expected.And(ExpectedDigests.Of(address)) is not { } both) return Contradiction();
            expected = both;
        }
        return expected;
    }

    public static string Sha256Field(ContentDigests digests) => $"sha-256=:{Convert.ToBase64String(digests.Sha256.ToArray())}:";

    /// <summary>RFC 8941 dictionary whose members are byte sequences: <c>key=:base64:, key=:base64:</c>.</summary>
    public static bool TryParse(string? header, out ExpectedDigests digests)
    {
        digests = ExpectedDigests.None;
        if (string.IsNullOrWhiteSpace(header)) return false;
        foreach (var part in header.Split(',', StringSplitOptions.TrimEntries))
        {
            var equals = part.IndexOf('=');
            if (equals <= 0) return false;
            var (key, value) = (part[..equals], part[(equals + 1)..]);
            if (value.Length < 2 || value[0] != ':' || value[^1] != ':') return false;
            if (key is not ("sha-256" or "blake3")) continue;
            var bytes = new byte[64];
            if (!Convert.TryFromBase64String(value[1..^1], bytes, out var length) || length != 32) return false;
            var digest = Digest256.FromBytes(bytes.AsSpan(0, 32));
            var announced = key == "blake3" ? new ExpectedDigests(Blake3: digest) : new ExpectedDigests(Sha256: digest);
            if (digests.And(announced) is not { } both) return false;
            digests = both;
        }
        return true;
    }

    private static Error Contradiction() => ErrorCatalogue.RequestMalformed.With("the announced digests contradict each other");
}
