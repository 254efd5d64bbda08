using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Runtime.CompilerServices;
using System.Text.Json;

namespace ArtifactStore.EndToEnd.Tests.Fixtures;

/// <summary>The native door in a few calls, spoken raw: these tests must not share the client library's mistakes.</summary>
internal static class StoreApi
{
    private static readonly string[] Producers = ["tests", "peers"];
    private static readonly ConditionalWeakTable<HttpClient, StrongBox<int>> Created = [];

    /// <param name="producer">One of two in turn when null, so that routes lead the packages of one client to different backends.</param>
    public static async Task<string> CreatePackage(
        this HttpClient http, string name = "p", string? producer = null, string retentionClass = "transient", object? metadata = null)
    {
        producer ??= Producers[(Interlocked.Increment(ref Created.GetOrCreateValue(http).Value) - 1) % Producers.Length];
        using var response = await http.PostAsJsonAsync(
            "/packages",
            new { name, producer, subject = "subject", retention_class = retentionClass, metadata = metadata ?? new { } });
        var body = await response.Content.ReadAsStringAsync();
        Assert.True(response.StatusCode == HttpStatusCode.Created, body);
        using var json = JsonDocument.Parse(body);
        return json.RootElement.GetProperty("id").GetString()!;
    }

    public static Task<HttpResponseMessage> PutFile(this HttpClient http, string package, string path, byte[] bytes, CancellationToken cancellation = default) =>
        http.PutFile(package, path, new MemoryStream(bytes), cancellation);

    public static async Task<HttpResponseMessage> PutFile(
        this HttpClient http, string package, string path, Stream bytes, CancellationToken cancellation = default)
    {
        using var content = new StreamContent(bytes, 1 << 20);
        content.Headers.ContentType = new MediaTypeHeaderValue("application/octet-stream");
        return await http.PutAsync($"/packages/{package}/files/{path}", content, cancellation);
    }

    public static async Task<JsonElement> Json(this HttpClient http, string path, HttpStatusCode expected = HttpStatusCode.OK)
    {
        using var response = await http.GetAsync(path);
        var body = await response.Content.ReadAsStringAsync();
        Assert.True(response.StatusCode == expected, $"{path}: {(int)response.StatusCode} {body}");
        return JsonSerializer.Deserialize<JsonElement>(body);
    }

    public static async Task<JsonElement> FinalizePackage(this HttpClient http, string package)
    {
        using var response = await http.PostAsync($"/packages/{package}/finalize", null);
        var body = await response.Content.ReadAsStringAsync();
        Assert.True(response.IsSuccessStatusCode, body);
        return JsonSerializer.Deserialize<JsonElement>(body);
    }

    /// <summary>path -> file of a package, over all pages.</summary>
    public static async Task<Dictionary<string, JsonElement>> Files(this HttpClient http, string package)
    {
        var files = new Dictionary<string, JsonElement>(StringComparer.Ordinal);
        string? cursor = null;
        do
        {
            var page = await http.Json($"/packages/{package}/files?limit=1000{(cursor is null ? "" : "&cursor=" + Uri.EscapeDataString(cursor))}");
            foreach (var file in page.GetProperty("items").EnumerateArray()) files.Add(file.GetProperty("relative_path").GetString()!, file);
            cursor = page.TryGetProperty("next_cursor", out var next) && next.ValueKind == JsonValueKind.String ? next.GetString() : null;
        }
        while (cursor is not null);
        return files;
    }

    public static async Task<string> ErrorCode(this HttpResponseMessage response)
    {
        Assert.Equal("application/problem+json", response.Content.Headers.ContentType?.MediaType);
        using var json = JsonDocument.Parse(await response.Content.ReadAsStringAsync());
        return json.RootElement.GetProperty("code").GetString()!;
    }
}
