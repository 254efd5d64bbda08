using ArtifactStore.Interfaces.Errors;

namespace ArtifactStore.Client;

/// <summary>Why a call did not succeed, as far as a caller acts differently.</summary>
public enum StoreFailure
{
    /// <summary>The store understood and said no, or failed.</summary>
    Refused = 1,

    /// <summary>No token, a wrong one, or not allowed.</summary>
    Unauthorized = 2,

    NotFound = 3,

    /// <summary>Bytes are not those that their address promises.</summary>
    VerificationFailed = 4,

    /// <summary>There was no answer: nothing listens, the name is unknown, the connection broke or stalled.</summary>
    Unreachable = 5,

    /// <summary>What answered does not speak this API.</summary>
    NotAStore = 6,
}

/// <summary>A call that did not succeed. The message is one sentence for people; code, status and help are the store's own.</summary>
public sealed class ArtifactStoreException : Exception
{
    public ArtifactStoreException(StoreFailure failure, string message, Exception? inner = null) : base(message, inner) => Failure = failure;

    public StoreFailure Failure { get; }

    /// <summary>A code of the error catalogue; null when the answer was not the store's.</summary>
    public string? Code { get; private init; }

    public int? Status { get; private init; }

    public string? Detail { get; private init; }

    public string? Help { get; private init; }

    /// <summary>The same call may succeed later.</summary>
    public bool Retryable { get; internal init; }

    /// <summary>How long the store asked to wait first.</summary>
    public TimeSpan? RetryAfter { get; private init; }

    public bool Is(ErrorKind kind) => Code == kind.Code;

    public static ArtifactStoreException From(Problem problem, int status, TimeSpan? retryAfter = null)
    {
        var code = problem.Code;
        var title = problem.Title ?? $"the server answered {status}";
        return new(FailureOf(status), string.IsNullOrEmpty(problem.Detail) ? title : $"{title}: {problem.Detail}")
        {
            Code = code,
            Status = status,
            Detail = problem.Detail,
            Help = problem.Help,
            Retryable = IsRetryable(code, status),
            RetryAfter = retryAfter,
        };
    }

    /// <summary>
    /// The catalogue decides for codes that it knows. A full disk is retryable in days, not in the seconds that a client waits; a package
    /// that is busy is for the caller to settle first.
    /// </summary>
    private static bool IsRetryable(string? code, int status)
    {
        if (code == ErrorCatalogue.StorageFull.Code || code == ErrorCatalogue.PackageBusy.Code) return false;
        var known = ErrorCatalogue.All.FirstOrDefault(kind => kind.Code == code);
        return known?.Retryable ?? status is 408 or 429 or 502 or 503 or 504;
    }

    private static StoreFailure FailureOf(int status) => status switch
    {
        401 or 403 => StoreFailure.Unauthorized,
        404 or 410 => StoreFailure.NotFound,
        _ => StoreFailure.Refused,
    };
}
