using System.Net;
using System.Net.Http.Headers;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using ArtifactStore.EndToEnd.Tests.Fixtures;

namespace ArtifactStore.EndToEnd.Tests.Faults;

/// <summary>
/// Whatever a client sends gets a clear error and changes nothing: on the executable, through raw sockets where a client library would
/// repair it first. The long tables of spellings stand in the tests of the gateway.
/// </summary>
public class BadInput
{
    [Fact]
    public async Task Bad_paths_are_refused_and_change_nothing()
    {
        using var folder = new TemporaryFolder();
        await using var store = await StoreProcess.Start(folder.Path);
        var package = await store.Http.CreatePackage();
        var head = await Head(store);
        string[] paths =
        [
            "..", "../b", "a/../b", "a/%2e%2e/b", "/etc/passwd", "%2fetc%2fpasswd", "", "a//b", "a%00b", "%ff%fe", "a%5c..%5cb",
            string.Concat(Enumerable.Repeat("a/", 2499)) + "ab",
        ];
        foreach (var path in paths)
        {
            var answer = await Send(store, $"PUT /packages/{package}/files/{path} HTTP/1.1", "Content-Length: 1", "x"u8.ToArray());
            Assert.True(answer.StartsWith("HTTP/1.1 400 ", StringComparison.Ordinal), $"{path}: {answer}");
            // The web server refuses NUL itself, without a body.
            if (!path.Contains("%00", StringComparison.Ordinal)) Assert.Contains("\"code\":\"path_invalid\"", answer);
        }
        Assert.Empty(await store.Http.Files(package));
        Assert.Equal(head, await Head(store));
        await AssertNothingKept(folder);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(65_535)]
    [InlineData(65_536)]
    [InlineData(5_000_000)]
    [InlineData(9_999_999)]
    public async Task A_body_that_is_cut_off_at_any_point_keeps_nothing(int sent)
    {
        using var folder = new TemporaryFolder();
        await using var store = await StoreProcess.Start(folder.Path);
        var package = await store.Http.CreatePackage();
        var head = await Head(store);
        await Send(store, $"PUT /packages/{package}/files/cut HTTP/1.1", "Content-Length: 10000000", new byte[sent], cut: true);
        await Eventually.True(async () => (await StoredObjects.Staged(folder.Path)).Count == 0, "the stage of the broken upload is gone");
        Assert.Empty(await store.Http.Files(package));
        Assert.Equal(head, await Head(store));
        await AssertNothingKept(folder);
    }

    [Fact]
    public async Task A_wrong_digest_is_422_and_nothing_is_kept()
    {
        using var folder = new TemporaryFolder();
        await using var store = await StoreProcess.Start(folder.Path);
        var package = await store.Http.CreatePackage();
        foreach (var size in new[] { 5, 300_000 })
        {
            using var request = new HttpRequestMessage(HttpMethod.Put, $"/packages/{package}/files/a");
            request.Content = new ByteArrayContent(new byte[size]);
            var other = Convert.ToBase64String(SHA256.HashData("other"u8));
            request.Content.Headers.TryAddWithoutValidation("Content-Digest", $"sha-256=:{other}:");
            using var refused = await store.Http.SendAsync(request);
            Assert.Equal((HttpStatusCode)422, refused.StatusCode);
            Assert.Equal("digest_mismatch", await refused.ErrorCode());
        }
        await AssertNothingKept(folder);
        Assert.Empty(await store.Http.Files(package));
    }

    [Fact]
    public async Task F4_a_taken_path_and_a_finalized_package_are_409()
    {
        using var folder = new TemporaryFolder();
        await using var store = await StoreProcess.Start(folder.Path);
        var package = await store.Http.CreatePackage();
        using (var stored = await store.Http.PutFile(package, "a", [1])) Assert.Equal(HttpStatusCode.Created, stored.StatusCode);
        using var taken = await store.Http.PutFile(package, "a", [2]);
        Assert.Equal((HttpStatusCode.Conflict, "path_taken"), (taken.StatusCode, await taken.ErrorCode()));
        await store.Http.FinalizePackage(package);
        using var late = await store.Http.PutFile(package, "b", [2]);
        Assert.Equal((HttpStatusCode.Conflict, "package_not_open"), (late.StatusCode, await late.ErrorCode()));
        Assert.Equal(["a"], (await store.Http.Files(package)).Keys);
    }

    [Fact]
    public async Task Unknown_names_and_metadata_that_fails_its_schema_make_no_package()
    {
        using var folder = new TemporaryFolder();
        await using var store = await StoreProcess.Start(folder.Path);
        using var registered = await Post(store, "/metadata-schemas", """{"slug":"run.v1","json_schema":{"required":["run_id"]}}""");
        Assert.True(registered.IsSuccessStatusCode, await registered.Content.ReadAsStringAsync());
        foreach (var (fields, code) in new[]
        {
            ("\"retention_class\":\"eternal\"", "class_unknown"),
            ("\"retention_class\":\"transient\",\"metadata_schema\":\"run.v2\"", "schema_not_registered"),
            ("\"retention_class\":\"transient\",\"metadata_schema\":\"run.v1\",\"metadata\":{}", "metadata_invalid"),
        })
        {
            using var refused = await Post(store, "/packages", $$"""{"name":"n","producer":"p","subject":"s",{{fields}}}""");
            Assert.InRange((int)refused.StatusCode, 400, 422);
            Assert.Equal(code, await refused.ErrorCode());
        }
        Assert.Equal(0, (await store.Http.Json("/packages")).GetProperty("items").GetArrayLength());
    }

    [Fact]
    public async Task Malformed_json_deep_json_and_huge_headers_are_refused_and_the_store_goes_on()
    {
        using var folder = new TemporaryFolder();
        await using var store = await StoreProcess.Start(folder.Path);
        string[] bodies =
        [
            "{\"name\":", "[]", "\0", "{\"metadata\":" + new string('[', 200_000),
            "{\"metadata\":" + string.Concat(Enumerable.Repeat("{\"a\":", 100_000)) + "1" + new string('}', 100_001),
        ];
        foreach (var body in bodies)
        {
            using var refused = await Post(store, "/packages", body);
            Assert.Equal((HttpStatusCode.BadRequest, "json_malformed"), (refused.StatusCode, await refused.ErrorCode()));
        }
        Assert.StartsWith("HTTP/1.1 431 ", await Send(store, "GET / HTTP/1.1", "X-Huge: " + new string('a', 200_000), []));
        Assert.NotEmpty(await store.Http.CreatePackage());
    }

    [Fact]
    public async Task P02_P05_an_upload_whose_store_is_killed_leaves_no_object_and_its_stage_is_swept()
    {
        using var folder = new TemporaryFolder();
        await using var store = await StoreProcess.Start(folder.Path);
        var package = await store.Http.CreatePackage();
        using var socket = await Connect(store);
        await socket.SendAsync(Request(store, $"PUT /packages/{package}/files/cut HTTP/1.1", "Content-Length: 20000000"));
        await socket.SendAsync(new byte[18_000_000]);
        await Eventually.True(async () => (await StoredObjects.Staged(folder.Path)).Sum() > 0, "bytes are staged");
        await store.Kill();
        Assert.NotEmpty(await StoredObjects.Staged(folder.Path));
        Assert.Empty(await StoredObjects.Of(folder.Path));

        await store.StartAgain();
        await Eventually.True(async () => (await StoredObjects.Staged(folder.Path)).Count == 0, "the stage of the earlier run is swept");
        Assert.Empty(await StoredObjects.Of(folder.Path));
        Assert.Empty(await store.Http.Files(package));
        using var again = await store.Http.PutFile(package, "cut", new byte[1000]);
        Assert.Equal(HttpStatusCode.Created, again.StatusCode);
    }

    private static async Task<long> Head(StoreProcess store)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, "/events?limit=1");
        request.Headers.Accept.Add(new MediaTypeWithQualityHeaderValue("application/json"));
        using var answer = await store.Http.SendAsync(request);
        return JsonSerializer.Deserialize<JsonElement>(await answer.Content.ReadAsStringAsync()).GetProperty("head").GetInt64();
    }

    private static Task<HttpResponseMessage> Post(StoreProcess store, string path, string json) =>
        store.Http.PostAsync(path, new StringContent(json, Encoding.UTF8, "application/json"));

    /// <summary>Sends exactly this and reads what comes back. Cut: the client leaves after that.</summary>
    private static async Task<string> Send(StoreProcess store, string line, string header, byte[] body, bool cut = false)
    {
        using var socket = await Connect(store);
        using var deadline = new CancellationTokenSource(Execution.Patience);
        var answer = new StringBuilder();
        try
        {
            await socket.SendAsync(Request(store, line, header), deadline.Token);
            if (body.Length > 0) await socket.SendAsync(body, deadline.Token);
            if (cut) socket.Shutdown(SocketShutdown.Send);
            var buffer = new byte[4096];
            for (int read; (read = await socket.ReceiveAsync(buffer, deadline.Token)) > 0;)
                answer.Append(Encoding.Latin1.GetString(buffer, 0, read));
        }
        catch (SocketException)
        {
            // The store may close on a request that it refuses before all of it was sent; what it said before counts.
        }
        return answer.ToString();
    }

    private static async Task<Socket> Connect(StoreProcess store)
    {
        var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        await socket.ConnectAsync(IPAddress.Loopback, store.Url.Port);
        return socket;
    }

    private static byte[] Request(StoreProcess store, string line, string header) => Encoding.Latin1.GetBytes(
        $"{line}\r\nHost: {store.Url.Authority}\r\nConnection: close\r\nAuthorization: Bearer {StoreProcess.Token}\r\n{header}\r\n\r\n");

    private static async Task AssertNothingKept(TemporaryFolder folder)
    {
        Assert.Empty(await StoredObjects.Staged(folder.Path));
        Assert.Empty(await StoredObjects.Of(folder.Path));
    }
}
