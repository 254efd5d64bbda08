using System.Net;
using System.Net.Http.Json;
using System.Text;
using System.Text.Json;
using ArtifactStore.Architecture.Tests;
using ArtifactStore.Gateway.Shared.Http;
using ArtifactStore.Gateway.Tests.Fixtures;
using ArtifactStore.Interfaces.Errors;

namespace ArtifactStore.Gateway.Tests.Server;

/// <summary>What the door does before it asks anybody, and when there is nobody to ask.</summary>
public sealed class DoorTests : IAsyncLifetime
{
    private GatewayServer _server = null!;

    public async ValueTask InitializeAsync() => _server = await GatewayServer.StartWithoutStore();

    public ValueTask DisposeAsync() => _server.DisposeAsync();

    [Fact]
    public async Task H01_the_banner_needs_no_token()
    {
        var banner = await _server.Anonymous.GetFromJsonAsync<JsonElement>("/");
        Assert.Equal("artifactstore", banner.GetProperty("service").GetString());
    }

    [Fact]
    public async Task F1_a_database_that_is_gone_degrades_health_and_is_an_error_of_its_own_elsewhere()
    {
        var health = await _server.Anonymous.GetFromJsonAsync<JsonElement>("/health");
        Assert.Equal("degraded", health.GetProperty("status").GetString());
        Assert.False(health.GetProperty("db").GetProperty("healthy").GetBoolean());
        using var answer = await _server.Client.GetAsync("/packages");
        await AssertProblem(answer, ErrorCatalogue.DatabaseUnavailable);
        Assert.NotNull(answer.Headers.RetryAfter);
    }

    [Theory]
    [InlineData("GET", "/nothing", "route_unknown")]
    [InlineData("DELETE", "/packages", "method_not_allowed")]
    [InlineData("PATCH", "/", "method_not_allowed")]
    [InlineData("GET", "/errors/nothing", "route_unknown")]
    public async Task H20_every_refusal_is_a_problem_document(string method, string path, string code)
    {
        using var answer = await _server.Client.SendAsync(new(new(method), path));
        await AssertProblem(answer, ErrorCatalogue.Get(code));
        if (code == "method_not_allowed") Assert.NotEmpty(answer.Content.Headers.Allow);
    }

    [Fact]
    public async Task The_type_of_a_problem_can_be_read()
    {
        using var answer = await _server.Client.GetAsync("/nothing");
        var problem = await answer.Content.ReadFromJsonAsync<JsonElement>();
        var help = await _server.Anonymous.GetFromJsonAsync<JsonElement>(problem.GetProperty("type").GetString());
        Assert.Equal(problem.GetProperty("help").GetString(), help.GetProperty("help").GetString());
    }

    [Theory]
    [InlineData("{\"name\":", "json_malformed")]
    [InlineData("[]", "json_malformed")]
    [InlineData("{\"name\":\"a\",\"name\":\"b\"}", "json_malformed")]
    [InlineData("{\"name\":\"a\"}", "request_malformed")]
    [InlineData("{\"name\":\"\",\"producer\":\"p\",\"subject\":\"s\",\"retention_class\":\"transient\"}", "request_malformed")]
    [InlineData("{\"name\":\"a\",\"producer\":\"p\",\"subject\":\"s\",\"retention_class\":\"transient\",\"typo\":1}", "request_malformed")]
    public async Task Bad_json_is_refused_before_the_store_is_asked(string body, string code)
    {
        using var answer = await _server.Client.PostAsync("/packages", new StringContent(body, Encoding.UTF8, "application/json"));
        await AssertProblem(answer, ErrorCatalogue.Get(code));
    }

    [Fact]
    public async Task A_body_that_is_no_json_is_refused()
    {
        using var form = await _server.Client.PostAsync(
            "/packages", new StringContent("a=b", Encoding.UTF8, "application/x-www-form-urlencoded"));
        await AssertProblem(form, ErrorCatalogue.MediaTypeUnsupported);
        using var large = await _server.Client.PostAsync(
            "/packages", new StringContent(new string(' ', JsonBody.MaxBytes + 1), Encoding.UTF8, "application/json"));
        await AssertProblem(large, ErrorCatalogue.BodyTooLarge);
        var content = new StringContent(new string(' ', JsonBody.MaxBytes + 1), Encoding.UTF8, "application/json");
        var chunked = new HttpRequestMessage(HttpMethod.Post, "/packages") { Content = content };
        chunked.Headers.TransferEncodingChunked = true;
        using var tooLong = await _server.Client.SendAsync(chunked);
        await AssertProblem(tooLong, ErrorCatalogue.BodyTooLarge);
    }

    [Theory]
    [InlineData("/packages?limit=0")]
    [InlineData("/packages?limit=1001")]
    [InlineData("/packages?limit=x")]
    [InlineData("/packages?produce=x")]
    [InlineData("/packages?status=open")]
    [InlineData("/packages?metadata.=x")]
    [InlineData("/events?wait=61")]
    public async Task A_query_that_is_not_understood_is_refused(string path)
    {
        using var answer = await _server.Client.GetAsync(path);
        await AssertProblem(answer, ErrorCatalogue.RequestMalformed);
    }

    [Theory]
    [InlineData("/packages?cursor=x")]
    [InlineData("/metadata-schemas?cursor=AAAAAAAAAAAAAAAA")]
    public async Task A_forged_cursor_is_refused(string path)
    {
        using var answer = await _server.Client.GetAsync(path);
        await AssertProblem(answer, ErrorCatalogue.CursorInvalid);
    }

    [Fact]
    public async Task H03_the_docs_page_and_the_description_work_without_a_token()
    {
        using var page = await _server.Anonymous.GetAsync("/docs/index.html");
        Assert.Equal(HttpStatusCode.OK, page.StatusCode);
        var html = await page.Content.ReadAsStringAsync();
        Assert.DoesNotContain("https://", html);
        Assert.DoesNotContain("http://", html);
        var parts = html.Split("src=\"").Skip(1).Concat(html.Split("href=\"").Skip(1)).Select(rest => rest.Split('"')[0]).ToList();
        Assert.Contains(parts, part => part.EndsWith(".js", StringComparison.Ordinal));
        foreach (var part in parts)
        {
            using var loaded = await _server.Anonymous.GetAsync(new Uri(new Uri(_server.Address, "/docs/index.html"), part));
            Assert.True(loaded.StatusCode == HttpStatusCode.OK, $"{part}: {loaded.StatusCode}");
        }
        using var redirect = await _server.Anonymous.GetAsync("/docs");
        Assert.Equal(HttpStatusCode.MovedPermanently, redirect.StatusCode);
    }

    [Fact]
    public async Task H03_the_description_is_the_one_that_was_agreed_on()
    {
        var actual = await _server.Anonymous.GetStringAsync("/openapi.json");
        var golden = Checkout.Path("docs", "openapi.json");
        if (Environment.GetEnvironmentVariable("ARTIFACTSTORE_TEST_ACCEPT") == "1") await File.WriteAllTextAsync(golden, actual);
        var isCurrent = File.Exists(golden) && await File.ReadAllTextAsync(golden) == actual;
        Assert.True(isCurrent, "docs/openapi.json is stale: run with ARTIFACTSTORE_TEST_ACCEPT=1");
    }

    /// <summary>The page would ask a public service to judge the description, and show its verdict as a picture.</summary>
    [Fact]
    public async Task H03_the_docs_page_asks_no_other_host()
    {
        var settings = await _server.Anonymous.GetStringAsync("/docs/index.js");
        const string mark = "var configObject = ";
        var start = settings.IndexOf(mark, StringComparison.Ordinal) + mark.Length;
        var config = JsonDocument.Parse(settings[start..(settings.IndexOf("};", start, StringComparison.Ordinal) + 1)]).RootElement;
        Assert.Equal("/openapi.json", Assert.Single(config.GetProperty("urls").EnumerateArray()).GetProperty("url").GetString());
        Assert.False(config.TryGetProperty("validatorUrl", out var judge) && judge.ValueKind != JsonValueKind.Null, "a judge is named");
        Assert.Contains("configObject.validatorUrl = null;", settings, StringComparison.Ordinal);
    }

    [Fact]
    public async Task H03_every_route_of_the_native_api_is_described()
    {
        string[] routes =
        [
            "get /", "get /health", "get /metrics", "get /openapi.json", "post /packages", "get /packages", "get /packages/{id}",
            "put /packages/{id}/files/{relative_path}", "post /packages/{id}/files", "get /packages/{id}/files", "post /contents/missing",
            "post /packages/{id}/files:link", "get /contents/{address}", "head /contents/{address}", "post /packages/{id}/finalize",
            "get /packages/{id}/manifest", "get /packages/{id}/manifest.json", "get /files/{id}", "get /files/{id}/download",
            "head /files/{id}/download", "post /metadata-schemas", "get /metadata-schemas", "get /metadata-schemas/{slug}", "get /events",
            "post /packages/{id}/retention/extensions", "get /packages/{id}/retention", "get /packages/{id}/retention/history",
            "post /packages/{id}/retention/holds", "get /packages/{id}/retention/holds", "delete /packages/{id}/retention/holds/{hold_id}",
            "post /holds", "get /holds", "delete /holds/{hold_id}", "delete /packages/{id}", "post /retention/sweeps",
            "post /storage/{id}/verifications", "post /storage/{id}/moves",
        ];
        var description = await _server.Anonymous.GetFromJsonAsync<JsonElement>("/openapi.json");
        var described = description.GetProperty("paths").EnumerateObject()
            .SelectMany(path => path.Value.EnumerateObject().Select(method => $"{method.Name} {path.Name}")).ToHashSet();
        Assert.All(routes, route => Assert.Contains(route, described));
    }

    [Fact]
    public async Task Metrics_count_requests_by_route_and_status()
    {
        using var unknown = await _server.Client.GetAsync("/errors/nothing");
        var text = await _server.Client.GetStringAsync("/metrics");
        Assert.Contains(
            "artifactstore_http_request_duration_seconds_count{method=\"GET\",route=\"/errors/{code}\",status=\"404\"} 1\n", text);
        Assert.Contains("process_resident_memory_bytes ", text);
    }

    [Fact]
    public async Task A_connection_stays_usable_after_an_upload_that_was_refused_early()
    {
        using var client = _server.ClientWith(null);
        for (var i = 0; i < 3; i++)
        {
            using var refused = await client.PutAsync("/packages/x/files/a", new ByteArrayContent(new byte[200_000]));
            Assert.Equal(HttpStatusCode.Unauthorized, refused.StatusCode);
            Assert.False(refused.Headers.ConnectionClose ?? false);
        }
    }

    private static async Task AssertProblem(HttpResponseMessage answer, ErrorKind kind)
    {
        var body = await answer.Content.ReadAsStringAsync();
        Assert.Equal((kind.Status, "application/problem+json"), ((int)answer.StatusCode, answer.Content.Headers.ContentType?.MediaType));
        var problem = JsonDocument.Parse(body).RootElement;
        Assert.Equal(kind.Code, problem.GetProperty("code").GetString());
        Assert.Equal($"/errors/{kind.Code}", problem.GetProperty("type").GetString());
        foreach (var field in new[] { "title", "detail", "help", "trace_id" }) Assert.NotEmpty(problem.GetProperty(field).GetString()!);
    }
}
