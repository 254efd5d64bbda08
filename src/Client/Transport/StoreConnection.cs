using System.Net.Http.Headers;
using System.Net.Sockets;
using System.Text.Json;

namespace ArtifactStore.Client.Transport;

/// <summary>One request. The body is made anew for every attempt.</summary>
internal sealed record Call(HttpMethod Method, string Path)
{
    public Func<HttpContent>? Body { get; init; }

    public Action<HttpRequestMessage>? Prepare { get; init; }

    /// <summary>True when sending it twice is the same as sending it once.</summary>
    public bool Repeatable { get; init; } = true;

    /// <summary>How much longer than usual the server may think: a long poll.</summary>
    public TimeSpan ServerWait { get; init; }
}

/// <summary>
/// Sends requests and repeats what is safe to repeat. Invariant: a call that is not repeatable is sent at most once; every loop is
/// bounded by
/// <see cref="RetryLimits"/>.
/// </summary>
internal sealed class StoreConnection : IDisposable
{
    private readonly HttpClient _http;
    private readonly ArtifactStoreClientOptions _options;
    private readonly Backoff _backoff;
    private volatile bool _answeredOnce;

    public StoreConnection(ArtifactStoreClientOptions options, HttpMessageHandler? handler)
    {
        _options = options;
        _backoff = new(options.Retries, options.Random);
        _http = new(handler ?? HandlerFor(options), disposeHandler: true)
        {
            BaseAddress = new(options.BaseAddress.ToString().TrimEnd('/') + "/"),
            Timeout = Timeout.InfiniteTimeSpan,
            DefaultRequestVersion = System.Net.HttpVersion.Version11,
            DefaultVersionPolicy = HttpVersionPolicy.RequestVersionExact,
        };
        if (!string.IsNullOrEmpty(options.Token)) _http.DefaultRequestHeaders.Authorization = new("Bearer", options.Token);
    }

    public void Dispose() => _http.Dispose();

    /// <summary>Sends the call until it is answered for good; <paramref name="read"/> may run once for each attempt.</summary>
    public async Task<T> Ask<T>(Call call, Func<HttpResponseMessage, CancellationToken, Task<T>> read, CancellationToken cancellation)
    {
        for (var attempt = 1; ; attempt++)
        {
            try
            {
                using var timer = TimerFor(call, cancellation);
                return await Once(call, timer, read);
            }
            catch (ArtifactStoreException failure) when (call.Repeatable && MayRepeat(failure, attempt))
            {
                await WaitAfter(failure, attempt, cancellation);
            }
        }
    }

    public StallTimer TimerFor(Call call, CancellationToken cancellation) =>
        new(_options.StallTimeout + call.ServerWait, _options.Clock, cancellation);

    /// <summary>One attempt. Whatever goes wrong on the way becomes an <see cref="ArtifactStoreException"/>.</summary>
    public async Task<T> Once<T>(Call call, StallTimer timer, Func<HttpResponseMessage, CancellationToken, Task<T>> read)
    {
        try
        {
            using var request = new HttpRequestMessage(call.Method, call.Path) { Content = call.Body?.Invoke() };
            call.Prepare?.Invoke(request);
            using var response = await _http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, timer.Token);
            _answeredOnce = true;
            timer.Moved();
            if (!response.IsSuccessStatusCode) throw await RefusalOf(response, timer.Token);
            return await read(response, timer.Token);
        }
        catch (JsonException notOurs)
        {
            throw new ArtifactStoreException(
                StoreFailure.NotAStore, $"what answers at {Address} is not an artifact store, or of another version: {notOurs.Message}", notOurs);
        }
        catch (OperationCanceledException) when (timer.Expired)
        {
            throw ConnectionLost.Of(Address, $"nothing moved for {_options.StallTimeout.TotalSeconds:0} seconds", worthRepeating: true);
        }
        catch (Exception broken) when (broken is HttpRequestException or IOException and not SourceChangedException)
        {
            if (broken.InnerException is SourceChangedException changed) throw changed;
            // Before the first answer a refused connection means that nothing is there; later, that the server restarts.
            throw ConnectionLost.Of(Address, Reason(broken), worthRepeating: _answeredOnce || !NothingListens(broken), broken);
        }
    }

    public bool MayRepeat(ArtifactStoreException failure, int failedAttempts) =>
        failure.Retryable && failedAttempts < _options.Retries.MaxAttempts;

    public Task WaitAfter(ArtifactStoreException failure, int failedAttempts, CancellationToken cancellation) =>
        Task.Delay(_backoff.After(failedAttempts, failure.RetryAfter), _options.Clock, cancellation);

    private string Address => _options.BaseAddress.ToString().TrimEnd('/');

    private async Task<ArtifactStoreException> RefusalOf(HttpResponseMessage response, CancellationToken cancellation)
    {
        var status = (int)response.StatusCode;
        var problem = await ProblemOf(response, cancellation) ?? new(null, null, status, $"{Address} answered {status} {response.ReasonPhrase}", null);
        return ArtifactStoreException.From(problem, status, RetryAfterOf(response.Headers.RetryAfter));
    }

    private static async Task<Problem?> ProblemOf(HttpResponseMessage response, CancellationToken cancellation)
    {
        if (response.Content.Headers.ContentType?.MediaType is not ("application/problem+json" or "application/json")) return null;
        try
        {
            await using var body = await response.Content.ReadAsStreamAsync(cancellation);
            return await JsonSerializer.DeserializeAsync(body, WireJson.Default.Problem, cancellation);
        }
        catch (JsonException)
        {
            return null;
        }
    }

    private TimeSpan? RetryAfterOf(RetryConditionHeaderValue? header) =>
        header?.Delta ?? (header?.Date is { } date ? date - _options.Clock.GetUtcNow() : null);

    private static bool NothingListens(Exception broken) =>
        broken is HttpRequestException { HttpRequestError: HttpRequestError.ConnectionError or HttpRequestError.NameResolutionError };

    private static string Reason(Exception broken)
    {
        for (Exception? cause = broken; cause is not null; cause = cause.InnerException)
        {
            if (cause is SocketException socket)
            {
                return socket.SocketErrorCode switch
                {
                    SocketError.ConnectionRefused => "connection refused",
                    SocketError.HostNotFound or SocketError.TryAgain or SocketError.NoData => "the host name is unknown",
                    SocketError.ConnectionReset => "the connection was reset",
                    SocketError.TimedOut => "the connection timed out",
                    _ => socket.Message,
                };
            }
            if (cause is TimeoutException) return "the connection timed out";
            if (cause is System.Security.Authentication.AuthenticationException) return $"the TLS certificate is not accepted ({cause.Message})";
        }
        return broken is HttpRequestException { HttpRequestError: HttpRequestError.ResponseEnded } or HttpIOException
            ? "the connection closed before the answer was complete"
            : broken.Message;
    }

    private static SocketsHttpHandler HandlerFor(ArtifactStoreClientOptions options) => new()
    {
        ConnectTimeout = options.ConnectTimeout,
        MaxConnectionsPerServer = options.MaxConnections,
        PooledConnectionIdleTimeout = TimeSpan.FromSeconds(60),
        // A proxy cannot reach this machine's loopback, and looking for one costs the first request its start.
        UseProxy = !options.BaseAddress.IsLoopback,
        // The token belongs to one server: it does not follow redirects.
        AllowAutoRedirect = false,
        UseCookies = false,
        Expect100ContinueTimeout = TimeSpan.FromSeconds(1),
    };
}
