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
    private const int PatienceSeconds = 120;
    private readonly HttpClient _http = StoreProcess.Connect(url);

    public async Task<Reply> Send(HttpMethod method, string path, Func<HttpContent?>? body = null, string? idempotencyKey = null)
    {
        var (attempts, reply) = (0, default(Reply));
        await Eventually.True(
            async () =>
            {
                if (attempts++ > 0) work.CountRetry();
                using var request = new HttpRequestMessage(method, path) { Content = body?.Invoke() };
                if (idempotencyKey is not null) request.Headers.Add("Idempotency-Key", idempotencyKey);
                reply = await Answered(request, isRepeated: attempts > 1);
                return reply is not null;
            },
            $"{method} {path} is answered", PatienceSeconds);
        return reply!;
    }

    private async Task<Reply?> Answered(HttpRequestMessage request, bool isRepeated)
    {
        try
        {
            using var response = await _http.SendAsync(request);
            var bytes = await response.Content.ReadAsByteArrayAsync();
            return response.StatusCode == HttpStatusCode.ServiceUnavailable ? null : new(response.StatusCode, bytes, isRepeated);
        }
        catch (Exception e) when (e is HttpRequestException or IOException)
        {
            // What a kill looks like from here.
            return null;
        }
    }

    public void Dispose() => _http.Dispose();
}
