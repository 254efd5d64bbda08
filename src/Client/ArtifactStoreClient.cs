using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using ArtifactStore.Client.Transport;

namespace ArtifactStore.Client;

/// <summary>
/// The native API of one store, for other .NET programs. Safe for use by many threads; make one and keep it. Every call is repeated after a
/// failure that may pass when repeating it is safe; what remains is an <see cref="ArtifactStoreException"/>.
/// </summary>
public sealed partial class ArtifactStoreClient : IDisposable
{
    private readonly StoreConnection _connection;
    private readonly ArtifactStoreClientOptions _options;

    /// <param name="options">Where the store is, and how patient to be.</param>
    /// <param name="handler">Instead of sockets; the client disposes it.</param>
    public ArtifactStoreClient(ArtifactStoreClientOptions options, HttpMessageHandler? handler = null)
    {
        _options = options;
        _connection = new(options, handler);
    }

    public Uri BaseAddress => _options.BaseAddress;

    public void Dispose() => _connection.Dispose();

    private Task<T> Get<T>(string path, JsonTypeInfo<T> type, CancellationToken cancellation) =>
        _connection.Ask(new(HttpMethod.Get, path) { Prepare = AcceptJson }, (response, token) => Read(response, type, token), cancellation);

    private static async Task<T> Read<T>(HttpResponseMessage response, JsonTypeInfo<T> type, CancellationToken cancellation)
    {
        await using var body = await response.Content.ReadAsStreamAsync(cancellation);
        return await JsonSerializer.DeserializeAsync(body, type, cancellation) ?? throw new JsonException("the answer is null");
    }

    private Task<TAnswer> Post<TBody, TAnswer>(
        string path, TBody body, JsonTypeInfo<TBody> bodyType, JsonTypeInfo<TAnswer> answerType, CancellationToken cancellation) =>
        _connection.Ask(
            new(HttpMethod.Post, path) { Prepare = AcceptJson, Body = () => JsonContent.Create(body, bodyType) },
            (response, token) => Read(response, answerType, token),
            cancellation);

    private static void AcceptJson(HttpRequestMessage request) =>
        request.Headers.Accept.Add(new MediaTypeWithQualityHeaderValue("application/json"));

    /// <summary>All items of a list, one page in memory at a time.</summary>
    private async IAsyncEnumerable<T> Pages<T>(
        string path, JsonTypeInfo<Page<T>> type, [System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken cancellation)
    {
        string? cursor = null;
        do
        {
            var separator = path.Contains('?') ? '&' : '?';
            var page = await Get(cursor is null ? path : $"{path}{separator}cursor={Uri.EscapeDataString(cursor)}", type, cancellation);
            foreach (var item in page.Items) yield return item;
            if (page.NextCursor is not null && page.NextCursor == cursor)
                throw new ArtifactStoreException(StoreFailure.NotAStore, "the server answered the same cursor twice");
            cursor = page.NextCursor;
        }
        while (cursor is not null);
    }
}
