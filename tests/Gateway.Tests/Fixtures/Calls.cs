using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace ArtifactStore.Gateway.Tests.Fixtures;

/// <summary>The calls that many tests make, and the one way in which they look at answers.</summary>
internal static class Calls
{
    public static async Task<string> CreatePackage(
        this HttpClient client, string name = "p", string producer = "ci", string retentionClass = "transient", string metadata = "{}")
    {
        var answer = await client.PostPackage(name, producer, "subject", retentionClass, metadata).Json(HttpStatusCode.Created);
        return answer.GetProperty("id").GetString()!;
    }

    public static Task<HttpResponseMessage> PostPackage(
        this HttpClient client, string name, string producer, string subject, string retentionClass, string metadata, string? key = null)
    {
        var body = new JsonObject
        {
            ["name"] = name,
            ["producer"] = producer,
            ["subject"] = subject,
            ["retention_class"] = retentionClass,
            ["metadata"] = JsonNode.Parse(metadata),
        };
        var request = new HttpRequestMessage(HttpMethod.Post, "/packages") { Content = Text(body.ToJsonString()) };
        if (key is not null) request.Headers.Add("Idempotency-Key", key);
        return client.SendAsync(request);
    }

    public static Task<HttpResponseMessage> PutFile(
        this HttpClient client, string package, string path, byte[] bytes, Action<HttpRequestMessage>? prepare = null)
    {
        var request = new HttpRequestMessage(HttpMethod.Put, $"/packages/{package}/files/{path}") { Content = new ByteArrayContent(bytes) };
        prepare?.Invoke(request);
        return client.SendAsync(request);
    }

    public static Task<HttpResponseMessage> PostJson(this HttpClient client, string path, string json) =>
        client.PostAsync(path, Text(json));

    public static Task<HttpResponseMessage> Finalize(this HttpClient client, string package) =>
        client.PostAsync($"/packages/{package}/finalize", null);

    public static Task<HttpResponseMessage> Get(this HttpClient client, string path, Action<HttpRequestHeaders> headers)
    {
        var request = new HttpRequestMessage(HttpMethod.Get, path);
        headers(request.Headers);
        return client.SendAsync(request);
    }

    public static async Task<JsonElement> Json(this Task<HttpResponseMessage> pending, HttpStatusCode status = HttpStatusCode.OK)
    {
        using var answer = await pending;
        var text = await answer.Content.ReadAsStringAsync();
        Assert.True(answer.StatusCode == status, $"{(int)answer.StatusCode} instead of {(int)status}: {text}");
        return JsonDocument.Parse(text).RootElement;
    }

    public static async Task Problem(this Task<HttpResponseMessage> pending, string code)
    {
        using var answer = await pending;
        var text = await answer.Content.ReadAsStringAsync();
        Assert.True(answer.Content.Headers.ContentType?.MediaType == "application/problem+json", $"{(int)answer.StatusCode}: {text}");
        Assert.Equal(code, JsonDocument.Parse(text).RootElement.GetProperty("code").GetString());
    }

    public static async Task Nothing(this Task<HttpResponseMessage> pending)
    {
        using var answer = await pending;
        Assert.True(answer.StatusCode == HttpStatusCode.NoContent, $"{(int)answer.StatusCode}: {await answer.Content.ReadAsStringAsync()}");
    }

    public static StringContent Text(string json) => new(json, Encoding.UTF8, "application/json");

    public static string Text(this JsonElement element, string field) => element.GetProperty(field).GetString()!;

    public static IEnumerable<JsonElement> Items(this JsonElement page) => page.GetProperty("items").EnumerateArray();
}
