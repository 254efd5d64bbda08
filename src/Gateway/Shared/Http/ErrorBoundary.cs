using ArtifactStore.Interfaces.Blobs;
using ArtifactStore.Interfaces.Errors;
using ArtifactStore.Interfaces.Hosting;
using ArtifactStore.Interfaces.Journal;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Extensions.Logging;

namespace ArtifactStore.Gateway.Shared.Http;

/// <summary>
/// Outermost: whatever happens inside, a caller who is still there gets one well-formed problem, and nothing of the inside shows in it.
/// Also refuses ambiguous paths before anything else looks at them, and gives routing's bare 404 and 405 a body.
/// </summary>
public sealed partial class ErrorBoundary(RequestDelegate next, ILogger<ErrorBoundary> logger)
{
    public async Task InvokeAsync(HttpContext http)
    {
        try
        {
            var rawTarget = http.Features.Get<IHttpRequestFeature>()?.RawTarget;
            if (!string.IsNullOrEmpty(rawTarget) && RawTarget.TryDecode(rawTarget, out _) is { } reason)
            {
                await Problem.Write(http, ErrorCatalogue.PathInvalid.With(reason));
                return;
            }
            await next(http);
            if (!http.Response.HasStarted && OfRouting(http) is { } error) await Problem.Write(http, error);
        }
        catch (Exception exception) when (ClientIsGone(http, exception))
        {
            // Nobody is left to answer, and what was begun was abandoned where it stood.
        }
        catch (Exception exception)
        {
            await Problem.Write(http, Translate(http, exception));
        }
    }

    private static Error? OfRouting(HttpContext http) => http.Response.StatusCode switch
    {
        StatusCodes.Status404NotFound when http.GetEndpoint() is null =>
            ErrorCatalogue.RouteUnknown.With($"nothing answers {http.Request.Method} {http.Request.Path}"),
        StatusCodes.Status405MethodNotAllowed =>
            ErrorCatalogue.MethodNotAllowed.With($"{http.Request.Path} does not take {http.Request.Method}"),
        _ => null,
    };

    private static bool ClientIsGone(HttpContext http, Exception exception) =>
        exception is ConnectionAbortedException or ConnectionResetException
        || (exception is OperationCanceledException && http.RequestAborted.IsCancellationRequested);

    private Error Translate(HttpContext http, Exception exception)
    {
        switch (exception)
        {
            case RefusedBodyException refused:
                return refused.Error;
            case BadHttpRequestException bad:
                return OfServer(bad);
            case OverloadedException or JournalUnavailableException { Overloaded: true }:
                LogUnavailable(logger, Problem.TraceIdOf(http), exception);
                return ErrorCatalogue.Overloaded.With("a queue is at its limit");
            case JournalUnavailableException { DiskFull: true }:
                LogUnavailable(logger, Problem.TraceIdOf(http), exception);
                return ErrorCatalogue.StorageFull.With("the database's disk is full");
            case JournalUnavailableException:
                LogUnavailable(logger, Problem.TraceIdOf(http), exception);
                return ErrorCatalogue.DatabaseUnavailable.With("the database does not answer");
            case BlobStoreException { Failure: BlobFailure.Full }:
                LogUnavailable(logger, Problem.TraceIdOf(http), exception);
                return ErrorCatalogue.StorageFull.With("the backend has no room for these bytes");
            case BlobStoreException { Failure: BlobFailure.Unavailable or BlobFailure.Foreign }:
                LogUnavailable(logger, Problem.TraceIdOf(http), exception);
                return ErrorCatalogue.StorageUnavailable.With("the backend does not answer");
            default:
                LogFailed(logger, Problem.TraceIdOf(http), http.Request.Method, http.GetEndpoint()?.DisplayName, exception);
                return ErrorCatalogue.Internal.With("the request failed; the server's log tells why");
        }
    }

    /// <summary>Kestrel's own refusals, met while the body was read. Its words are about the protocol and safe to show.</summary>
    private static Error OfServer(BadHttpRequestException bad) => bad.StatusCode switch
    {
        StatusCodes.Status413PayloadTooLarge => ErrorCatalogue.BodyTooLarge.With(bad.Message),
        StatusCodes.Status408RequestTimeout => ErrorCatalogue.BodyIncomplete.With("the body came too slowly"),
        StatusCodes.Status431RequestHeaderFieldsTooLarge => ErrorCatalogue.HeadersTooLarge.With(bad.Message),
        _ => ErrorCatalogue.BodyIncomplete.With(bad.Message),
    };

    [LoggerMessage(EventId = 2101, Level = LogLevel.Error, Message = "Request {TraceId}: {Method} {Route} failed")]
    private static partial void LogFailed(ILogger logger, string traceId, string method, string? route, Exception exception);

    [LoggerMessage(EventId = 2102, Level = LogLevel.Warning, Message = "Request {TraceId} was refused: a part of the store is unavailable")]
    private static partial void LogUnavailable(ILogger logger, string traceId, Exception exception);
}
