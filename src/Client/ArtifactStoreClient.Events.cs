using System.Runtime.CompilerServices;
using ArtifactStore.Client.Transport;

namespace ArtifactStore.Client;

/// <summary>The log, from any place on.</summary>
public sealed partial class ArtifactStoreClient
{
    private const int EventsPerPage = 500;
    private const int EventsPerLogPage = 1000;
    private const int LongPollSeconds = 30;

    /// <summary>
    /// Events after a sequence, in order, each once. With <paramref name="follow"/> it never ends: it waits for the next commit, and
    /// takes up again after a broken connection where it was.
    /// </summary>
    public async IAsyncEnumerable<StoredEvent> EventsAsync(
        long after = 0,
        bool follow = false,
        IReadOnlyList<string>? types = null,
        [EnumeratorCancellation] CancellationToken cancellation = default)
    {
        var cursor = after.ToString();
        while (true)
        {
            var page = await EventPage(cursor, follow ? LongPollSeconds : 0, types ?? [], cancellation);
            foreach (var line in page.Items)
            {
                if (line.Sequence <= after)
                    throw new ArtifactStoreException(StoreFailure.NotAStore, $"event {line.Sequence} came after event {after}");
                after = line.Sequence;
                yield return line;
            }
            if (!follow && page.Items.Count == 0) yield break;
            cursor = page.NextCursor;
        }
    }

    /// <summary>
    /// A page of the log as the journal has it, for copies that have to be proved. Nothing is checked here: that is for whoever knows
    /// which line comes next.
    /// </summary>
    /// <param name="after">A sequence, or the cursor of the page before.</param>
    /// <param name="cancellation">Stops the asking.</param>
    public Task<LogPage> LogPageAsync(string after, CancellationToken cancellation = default) => _connection.Ask(
        new(HttpMethod.Get, $"events?after={Uri.EscapeDataString(after)}&limit={EventsPerLogPage}")
        {
            Prepare = request => request.Headers.Accept.Add(new("application/cbor")),
        },
        async (response, token) =>
        {
            var page = await response.Content.ReadAsByteArrayAsync(token);
            try
            {
                return LogPage.Decode(page);
            }
            catch (FormatException notOurs)
            {
                throw new ArtifactStoreException(StoreFailure.NotAStore, notOurs.Message, notOurs);
            }
        },
        cancellation);

    private Task<EventPage> EventPage(string after, int wait, IReadOnlyList<string> types, CancellationToken cancellation)
    {
        var path = $"events?after={Uri.EscapeDataString(after)}&limit={EventsPerPage}";
        if (wait > 0) path += $"&wait={wait}";
        if (types.Count > 0) path += $"&types={string.Join(',', types.Select(Uri.EscapeDataString))}";
        return _connection.Ask(
            new(HttpMethod.Get, path) { Prepare = AcceptJson, ServerWait = TimeSpan.FromSeconds(wait) },
            (response, token) => Read(response, WireJson.Default.EventPage, token),
            cancellation);
    }
}
