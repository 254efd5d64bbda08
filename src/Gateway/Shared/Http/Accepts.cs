using Microsoft.AspNetCore.Http;
using Microsoft.Net.Http.Headers;

namespace ArtifactStore.Gateway.Shared.Http;

/// <summary>RFC 9110 §12.5.1, for routes that can answer in more than one format.</summary>
public static class Accepts
{
    /// <summary>Of what we offer, the one the caller likes best; among equals the first offered; null when it takes none.</summary>
    public static string? First(HttpRequest request, params ReadOnlySpan<string> offered)
    {
        var accepted = request.GetTypedHeaders().Accept;
        if (accepted.Count == 0) return offered[0];
        string? best = null;
        var bestQuality = 0.0;
        foreach (var offer in offered)
        {
            var quality = QualityOf(offer, accepted);
            if (quality > bestQuality) (best, bestQuality) = (offer, quality);
        }
        return best;
    }

    /// <summary>The most specific range that covers the offer decides.</summary>
    private static double QualityOf(string offer, IList<MediaTypeHeaderValue> accepted)
    {
        var type = MediaTypeHeaderValue.Parse(offer);
        var (specificity, quality) = (-1, 0.0);
        foreach (var range in accepted)
        {
            if (!type.IsSubsetOf(range)) continue;
            var rank = range.MatchesAllTypes ? 0 : range.MatchesAllSubTypes ? 1 : 2;
            if (rank > specificity) (specificity, quality) = (rank, range.Quality ?? 1.0);
        }
        return quality;
    }
}
