using System.Text.Json;
using ArtifactStore.EndToEnd.Tests.Fixtures;

namespace ArtifactStore.EndToEnd.Tests.Collector;

/// <summary>One copy of a content, as events name it.</summary>
internal sealed record Copy(string Backend, string Content, long Generation);

/// <summary>What the log says of packages and of copies: each that came, and each that went.</summary>
internal sealed class CollectionHistory
{
    private const string Types =
        "v1.package.created,v1.package.garbage_collected,v1.storage.location_settled,v1.storage.location_condemned,v1.storage.location_deleted";

    private string _after = "0";

    public HashSet<string> Created { get; } = [];

    public HashSet<string> Collected { get; } = [];

    public HashSet<Copy> Settled { get; } = [];

    public HashSet<Copy> Condemned { get; } = [];

    public HashSet<Copy> Deleted { get; } = [];

    /// <summary>Goes on to the end of the log.</summary>
    public async Task Read(HttpClient http)
    {
        while (true)
        {
            using var request = new HttpRequestMessage(HttpMethod.Get, $"/events?after={Uri.EscapeDataString(_after)}&limit=1000&types={Types}");
            request.Headers.Accept.ParseAdd("application/json");
            using var response = await http.SendAsync(request);
            var body = await response.Content.ReadAsStringAsync();
            Assert.True(response.IsSuccessStatusCode, body);
            var page = JsonSerializer.Deserialize<JsonElement>(body);
            foreach (var item in page.GetProperty("items").EnumerateArray()) Apply(item);
            _after = page.GetProperty("next_cursor").GetString()!;
            if (page.GetProperty("items").GetArrayLength() == 0) return;
        }
    }

    private void Apply(JsonElement item)
    {
        var (subject, payload) = (item.GetProperty("subject_id").GetString()!, item.GetProperty("payload"));
        switch (item.GetProperty("event_type").GetString())
        {
            case "v1.package.created": Assert.True(Created.Add(subject)); break;
            case "v1.package.garbage_collected": Assert.True(Collected.Add(subject), $"{subject} was collected twice"); break;
            case "v1.storage.location_settled": Assert.True(Settled.Add(CopyOf(payload)), $"{payload} settled twice"); break;
            case "v1.storage.location_condemned": Assert.True(Condemned.Add(CopyOf(payload)), $"{payload} was condemned twice"); break;
            // Without its bytes only a reference went: others keep them.
            case "v1.storage.location_deleted" when payload.GetProperty("bytes_deleted").GetBoolean():
                var copy = CopyOf(payload);
                Assert.True(Condemned.Contains(copy), $"{payload} was deleted and never condemned");
                Deleted.Add(copy);
                break;
        }
    }

    private static Copy CopyOf(JsonElement payload)
    {
        var content = payload.TryGetProperty("blake3", out var digest) ? digest : payload.GetProperty("content").GetProperty("blake3");
        return new(payload.GetProperty("backend_id").GetString()!, content.GetString()!, payload.GetProperty("generation").GetInt64());
    }
}
