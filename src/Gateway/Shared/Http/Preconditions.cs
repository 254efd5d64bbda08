using Microsoft.AspNetCore.Http;
using Microsoft.Net.Http.Headers;

namespace ArtifactStore.Gateway.Shared.Http;

/// <summary>
/// RFC 9110 §13.2.2, for GET and HEAD of something whose only validator is a strong entity tag. Conditions on dates are ignored, as the
/// section asks where there is no Last-Modified.
/// </summary>
public static class Preconditions
{
    public enum Verdict
    {
        Proceed,
        NotModified,
        Failed,
    }

    public static Verdict Check(HttpRequest request, EntityTagHeaderValue tag)
    {
        var headers = request.GetTypedHeaders();
        if (request.Headers.ContainsKey(HeaderNames.IfMatch) && !headers.IfMatch.Any(Matches)) return Verdict.Failed;
        return headers.IfNoneMatch.Any(MatchesWeakly) ? Verdict.NotModified : Verdict.Proceed;

        bool Matches(EntityTagHeaderValue given) => given.Equals(EntityTagHeaderValue.Any) || given.Compare(tag, useStrongComparison: true);
        bool MatchesWeakly(EntityTagHeaderValue given) =>
            given.Equals(EntityTagHeaderValue.Any) || given.Compare(tag, useStrongComparison: false);
    }

    /// <summary>If-Range with another tag, or with a date, asks for the whole content instead (§13.1.5).</summary>
    public static bool RangeApplies(HttpRequest request, EntityTagHeaderValue tag)
    {
        if (!HttpMethods.IsGet(request.Method)) return false;
        if (!request.Headers.ContainsKey(HeaderNames.IfRange)) return true;
        return request.GetTypedHeaders().IfRange?.EntityTag is { } given && given.Compare(tag, useStrongComparison: true);
    }
}
