using System.Globalization;
using System.Text.Json;

namespace ArtifactStore.EndToEnd.Tests.Fixtures;

/// <summary>
/// Follows the log as a consumer does, one page after the other, and insists on what the log promises: every sequence once, in order.
/// </summary>
internal sealed class FeedReader
{
    private long _last;

    public long Last => Volatile.Read(ref _last);

    public async Task Run(HttpClient http, CancellationToken stop)
    {
        var after = "0";
        while (!stop.IsCancellationRequested)
        {
            try
            {
                after = await Page(http, after, wait: 5, stop);
            }
            catch (Exception e) when (e is HttpRequestException or IOException or OperationCanceledException)
            {
                // The consumer's own connection was cut, or it was told to stop: it asks again after the last event that it has.
            }
        }
    }

    /// <summary>Reads to the end of the log.</summary>
    public async Task Finish(HttpClient http)
    {
        for (var before = -1L; before != Last;)
        {
            before = Last;
            await Page(http, Last.ToString(CultureInfo.InvariantCulture), wait: 0, CancellationToken.None);
        }
    }

    private async Task<string> Page(HttpClient http, string after, int wait, CancellationToken stop)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, $"/events?after={Uri.EscapeDataString(after)}&limit=1000&wait={wait}");
        request.Headers.Accept.ParseAdd("application/json");
        using var response = await http.SendAsync(request, stop);
        // The database may be away just now.
        if ((int)response.StatusCode >= 500) return after;
        var page = JsonSerializer.Deserialize<JsonElement>(await response.Content.ReadAsStringAsync(stop));
        foreach (var item in page.GetProperty("items").EnumerateArray())
        {
            var sequence = item.GetProperty("sequence").GetInt64();
            Assert.True(sequence == _last + 1, $"after event {_last} came event {sequence}");
            Volatile.Write(ref _last, sequence);
        }
        return page.GetProperty("next_cursor").GetString()!;
    }
}
