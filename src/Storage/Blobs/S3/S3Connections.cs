using Amazon.Runtime;

namespace ArtifactStore.Storage.Blobs.S3;

/// <summary>The connections to one endpoint.</summary>
internal sealed class S3Connections : HttpClientFactory
{
    private static readonly TimeSpan ConnectTime = TimeSpan.FromSeconds(5);

    public override HttpClient CreateHttpClient(IClientConfig clientConfig)
    {
        var connections = new SocketsHttpHandler { AllowAutoRedirect = false, ConnectTimeout = ConnectTime };
        // Each call has a limit of its own.
        return new HttpClient(new AsksOnlyForLargeBodies(connections)) { Timeout = Timeout.InfiniteTimeSpan };
    }

    /// <summary>
    /// The client asks "may I send the body?" (<c>Expect: 100-continue</c>) for every write. For a small body the question costs more than the
    /// body. It is also unsafe: the framework sends a body of up to 1,024 bytes even when the answer is no, and an endpoint that has said no
    /// may take those bytes for the beginning of the next request on that connection: a good call then fails with "400 Bad Request". So small
    /// bodies are sent without asking, and an endpoint that refuses one has to read it.
    /// </summary>
    private sealed class AsksOnlyForLargeBodies(HttpMessageHandler inner) : DelegatingHandler(inner)
    {
        /// <summary>Fits into the buffers of a connection, so that a refusal is heard also from an endpoint that stops reading.</summary>
        private const int SentWithoutAsking = 64 * 1024;

        protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            if (request.Content?.Headers.ContentLength <= SentWithoutAsking) request.Headers.ExpectContinue = false;
            return base.SendAsync(request, cancellationToken);
        }
    }
}
