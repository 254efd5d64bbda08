using System.Diagnostics;
using System.Net;
using ArtifactStore.EndToEnd.Tests.Fixtures;

namespace ArtifactStore.EndToEnd.Tests.Collector;

/// <param name="Repeated">It was sent before without an answer, so it may have been done before.</param>
internal sealed record Reply(HttpStatusCode Status, byte[] Body, bool Repeated)
{
    public string Text => System.Text.Encoding.UTF8.GetString(Body);
}

/// <summary>Sends a request until it is answered: a connection that is cut, and a store that says that it is unavailable, are no answers.</summary>
internal sealed class PatientHttp(Uri url, WorkDone work) : IDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(120);
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(50);
    private readonly HttpClient _http = StoreProcess.Connect(url);

    public async Task<Reply> Send(HttpMethod method, string path, Func<HttpContent?>? body = null, string? idempotencyKey = null)
    {
        var since = Stopwatch.StartNew();
        for (var repeated = false; ; repeated = true)
        {
            var why = "unavailable";
            try
            {
                using var request = new HttpRequestMessage(method, path) { Content = body?.Invoke() };
                if (idempotencyKey is not null) request.Headers.Add("Idempotency-Key", idempotencyKey);
                using var response = await _http.SendAsync(request);
                var bytes = await response.Content.ReadAsByteArrayAsync();
                if (response.StatusCode != HttpStatusCode.ServiceUnavailable) return new(response.StatusCode, bytes, repeated);
            }
            catch (Exception e) when (e is HttpRequestException or IOException)
            {
                why = e.Message;
            }
            Assert.True(since.Elapsed < Patience, $"{method} {path} was not answered within {Patience.TotalSeconds} s: {why}");
            work.CountRetry();
            await Task.Delay(Pause);
        }
    }

    public void Dispose() => _http.Dispose();
}
