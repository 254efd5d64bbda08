using System.Net;
using System.Security.Cryptography;
using System.Text;
using ArtifactStore.Gateway.Tests.Fixtures;
using ArtifactStore.Interfaces.Hashing;

namespace ArtifactStore.Gateway.Tests.Acceptance;

/// <summary>Row H07 and what surrounds it: bytes on their way in, by body, by form and by link.</summary>
public sealed class FileTests : IAsyncLifetime
{
    private static readonly byte[] Hello = "hello"u8.ToArray();
    private static readonly string HelloSha256 = Convert.ToHexStringLower(SHA256.HashData(Hello));
    private static readonly string HelloBlake3 = Digest256.FromBytes(Blake3.Hash(Hello)).ToHex();

    private RealStore _store = null!;
    private string _package = null!;

    public async ValueTask InitializeAsync()
    {
        _store = await RealStore.Start();
        _package = await _store.Client.CreatePackage();
    }

    public ValueTask DisposeAsync() => _store.DisposeAsync();

    [Fact]
    public async Task H07_a_file_is_put_and_comes_back()
    {
        var file = await _store.Client.PutFile(
            _package, "dir/a%20b.txt", Hello, request => request.Content!.Headers.ContentType = new("text/plain"))
            .Json(HttpStatusCode.Created);
        Assert.Equal(
            ("dir/a b.txt", "text/plain", 5), (file.Text("relative_path"), file.Text("media_type"), file.GetProperty("size").GetInt32()));
        Assert.Equal(($"blake3:{HelloBlake3}", HelloSha256), (file.Text("content_address"), file.Text("digest_sha256")));
        Assert.Equal(Hello, await _store.Client.GetByteArrayAsync($"/files/{file.Text("id")}/download"));
        Assert.Equal(Hello, await _store.Client.GetByteArrayAsync($"/contents/sha256:{HelloSha256}"));
        Assert.Equal(Hello, await _store.Client.GetByteArrayAsync($"/contents/blake3:{HelloBlake3.ToUpperInvariant()}"));
        var shown = await _store.Client.GetAsync($"/files/{file.Text("id")}").Json();
        Assert.Equal(file.GetRawText(), shown.GetRawText());
    }

    [Fact]
    public async Task H07_a_form_streams_its_file()
    {
        using var form = new MultipartFormDataContent
        {
            { new StringContent("dir/x.bin"), "relative_path" },
            { new StringContent("text/x-own"), "media_type" },
            { new StringContent($"sha256:{HelloSha256}"), "content_address" },
            { new ByteArrayContent(Hello), "file", "ignored.txt" },
        };
        var file = await _store.Client.PostAsync($"/packages/{_package}/files", form).Json(HttpStatusCode.Created);
        Assert.Equal(("dir/x.bin", "text/x-own"), (file.Text("relative_path"), file.Text("media_type")));

        using var bare = new MultipartFormDataContent { { new ByteArrayContent(Hello), "file", "named.txt" } };
        var named = await _store.Client.PostAsync($"/packages/{_package}/files", bare).Json(HttpStatusCode.Created);
        Assert.Equal("named.txt", named.Text("relative_path"));
    }

    [Fact]
    public async Task H07_a_form_that_is_not_understood_is_refused_and_keeps_nothing()
    {
        using var late = new MultipartFormDataContent
        {
            { new ByteArrayContent(Hello), "file", "a" },
            { new StringContent("b"), "relative_path" },
        };
        await _store.Client.PostAsync($"/packages/{_package}/files", late).Problem("request_malformed");
        using var without = new MultipartFormDataContent { { new StringContent("b"), "relative_path" } };
        await _store.Client.PostAsync($"/packages/{_package}/files", without).Problem("request_malformed");
        await _store.Client.PostAsync($"/packages/{_package}/files", new ByteArrayContent(Hello)).Problem("media_type_unsupported");
        using var climbing = new MultipartFormDataContent { { new ByteArrayContent(Hello), "file", "../a" } };
        await _store.Client.PostAsync($"/packages/{_package}/files", climbing).Problem("path_invalid");
        Assert.Empty(_store.Objects());
        Assert.Empty(_store.Stages());
    }

    [Theory]
    [InlineData(5)]
    [InlineData(200_000)]
    public async Task H07_F4_a_path_is_taken_once(int size)
    {
        await _store.Client.PutFile(_package, "a", new byte[size]).Json(HttpStatusCode.Created);
        await _store.Client.PutFile(_package, "a", new byte[size]).Problem("path_taken");
        await _store.Client.PutFile(_package, "a", new byte[size + 1]).Problem("path_taken");
    }

    [Fact]
    public async Task H07_after_finalize_no_file_enters()
    {
        await _store.Client.Finalize(_package).Json();
        await _store.Client.PutFile(_package, "a", Hello).Problem("package_not_open");
        using var form = new MultipartFormDataContent { { new ByteArrayContent(Hello), "file", "a" } };
        await _store.Client.PostAsync($"/packages/{_package}/files", form).Problem("package_not_open");
        await _store.Client.PostJson($"/packages/{_package}/files:link", Link("a")).Problem("package_not_open");
    }

    [Fact]
    public async Task Wrong_digests_keep_nothing_and_right_ones_pass()
    {
        var zeros = new string('0', 64);
        foreach (var (name, value) in new[]
        {
            ("X-Content-Address", $"blake3:{zeros}"),
            ("X-Content-Address", $"sha256:{zeros}"),
            ("Content-Digest", $"sha-256=:{Convert.ToBase64String(new byte[32])}:"),
            ("Content-Digest", $"blake3=:{Convert.ToBase64String(new byte[32])}:"),
        })
        {
            await Put(name, value).Problem("digest_mismatch");
        }
        await Put("X-Content-Address", "nonsense").Problem("address_invalid");
        await Put("Content-Digest", "nonsense").Problem("request_malformed");
        Assert.Empty(_store.Objects());
        Assert.Empty(_store.Stages());
        await Put("Content-Digest", $"sha-256=:{Convert.ToBase64String(SHA256.HashData(Hello))}:").Json(HttpStatusCode.Created);

        Task<HttpResponseMessage> Put(string name, string value) =>
            _store.Client.PutFile(_package, "a", Hello, request => request.Content!.Headers.TryAddWithoutValidation(name, value));
    }

    [Fact]
    public async Task H11_I02_a_file_is_described_with_both_digests()
    {
        var put = await _store.Client.PutFile(_package, "a", Hello).Json(HttpStatusCode.Created);
        var file = await _store.Client.GetAsync($"/files/{put.Text("id")}").Json();
        Assert.Equal((_package, "a", "local"), (file.Text("package_id"), file.Text("relative_path"), file.Text("backend_id")));
        Assert.Equal(
            ("blake3", HelloBlake3, HelloSha256),
            (file.Text("digest_algorithm"), file.Text("digest_primary"), file.Text("digest_sha256")));
        await _store.Client.GetAsync("/files/0198c0de-0000-7000-8000-000000000001").Problem("file_unknown");
    }

    [Fact]
    public async Task I03_a_sha256_address_names_the_same_content_everywhere()
    {
        await _store.Client.PutFile(_package, "a", Hello, request =>
            request.Content!.Headers.TryAddWithoutValidation("X-Content-Address", $"sha256:{HelloSha256}")).Json(HttpStatusCode.Created);
        foreach (var address in new[] { $"sha256:{HelloSha256}", $"blake3:{HelloBlake3}" })
        {
            using var answer = await _store.Client.GetAsync($"/contents/{address}");
            Assert.Equal(Hello, await answer.Content.ReadAsByteArrayAsync());
            Assert.Equal($"blake3:{HelloBlake3}", answer.Headers.GetValues("X-Content-Address").Single());
            var missing = await _store.Client.PostJson("/contents/missing", $"{{\"addresses\":[\"{address}\"]}}").Json();
            Assert.Empty(missing.GetProperty("missing").EnumerateArray());
        }
    }

    [Fact]
    public async Task I01_the_same_bytes_are_one_object_however_many_push_them_at_once()
    {
        var bytes = RandomNumberGenerator.GetBytes(100_000);
        var pushes = Enumerable.Range(0, 32).Select(i => _store.Client.PutFile(_package, $"f{i}", bytes).Json(HttpStatusCode.Created));
        await Task.WhenAll(pushes);
        Assert.Single(_store.Objects());
    }

    [Fact]
    public async Task Empty_files_are_files()
    {
        var file = await _store.Client.PutFile(_package, "empty", []).Json(HttpStatusCode.Created);
        Assert.Equal("blake3:af1349b9f5f9a1a6a0404dea36dcc9499bcb25c9adc112b7cc9a93cae41f3262", file.Text("content_address"));
        Assert.Empty(await _store.Client.GetByteArrayAsync($"/files/{file.Text("id")}/download"));
    }

    [Fact]
    public async Task What_is_missing_is_told_in_order_and_what_is_here_can_be_linked()
    {
        await _store.Client.PutFile(_package, "a", Hello).Json(HttpStatusCode.Created);
        var other = await _store.Client.CreatePackage();
        var zeros = $"sha256:{new string('0', 64)}";
        var missing = await _store.Client.PostJson(
            "/contents/missing", $"{{\"addresses\":[\"{zeros}\",\"sha256:{HelloSha256}\",\"blake3:{HelloSha256}\"]}}").Json();
        Assert.Equal([zeros, $"blake3:{HelloSha256}"], missing.GetProperty("missing").EnumerateArray().Select(item => item.GetString()));

        var linked = await _store.Client.PostJson($"/packages/{other}/files:link", Link("dir/b")).Json(HttpStatusCode.Created);
        Assert.Equal(Hello, await _store.Client.GetByteArrayAsync($"/files/{linked.Text("id")}/download"));
        await _store.Client.PostJson($"/packages/{other}/files:link", Link("dir/b")).Problem("path_taken");
        await _store.Client.PostJson($"/packages/{other}/files:link", Link("../b")).Problem("path_invalid");
        await _store.Client.PostJson(
            $"/packages/{other}/files:link", Link("c").Replace(HelloSha256, new string('0', 64))).Problem("content_unknown");
        Assert.Single(_store.Objects());
    }

    [Fact]
    public async Task Many_links_stand_or_fall_each_on_its_own()
    {
        await _store.Client.PutFile(_package, "a", Hello).Json(HttpStatusCode.Created);
        var links = Enumerable.Range(0, 500).Select(i => Link(i == 250 ? "a" : $"l{i:000}"));
        var answer = await _store.Client.PostJson($"/packages/{_package}/files:link", $"{{\"items\":[{string.Join(',', links)}]}}").Json();
        var results = answer.Items().ToList();
        Assert.Equal(500, results.Count);
        for (var i = 0; i < 500; i++) Assert.Equal(i == 250 ? "refused" : "linked", results[i].Text("status"));
        Assert.Equal("path_taken", results[250].GetProperty("error").Text("code"));
        Assert.Equal("l003", results[3].GetProperty("file").Text("relative_path"));
        Assert.Equal(500, (await _store.Client.GetAsync($"/packages/{_package}").Json()).GetProperty("file_count").GetInt32());
    }

    [Fact]
    public async Task Ten_thousand_addresses_are_answered_and_one_more_is_refused()
    {
        string Body(int count) =>
            "{\"addresses\":[" + string.Join(',', Enumerable.Range(0, count).Select(i => $"\"blake3:{i:x64}\"")) + "]}";
        var missing = await _store.Client.PostJson("/contents/missing", Body(10_000)).Json();
        Assert.Equal(10_000, missing.GetProperty("missing").GetArrayLength());
        await _store.Client.PostJson("/contents/missing", Body(10_001)).Problem("request_malformed");
    }

    [Fact]
    public async Task Files_are_listed_in_byte_order_of_their_paths_over_pages()
    {
        string[] paths = ["b", "a/z", "a", "ü", "a.b", "B"];
        foreach (var path in paths) await _store.Client.PutFile(_package, Uri.EscapeDataString(path), Hello).Json(HttpStatusCode.Created);
        var seen = new List<string>();
        string? cursor = null;
        do
        {
            var page = await _store.Client.GetAsync(
                $"/packages/{_package}/files?limit=2" + (cursor is null ? "" : $"&cursor={cursor}")).Json();
            seen.AddRange(page.Items().Select(item => item.Text("relative_path")));
            cursor = page.GetProperty("next_cursor").GetString();
        }
        while (cursor is not null);
        Assert.Equal(paths.OrderBy(path => path, StringComparer.Ordinal), seen);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(70_000)]
    public async Task A_body_that_is_cut_off_keeps_nothing(int sent)
    {
        var head = $"PUT /packages/{_package}/files/cut HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer {GatewayServer.Token}\r\n"
            + "Content-Length: 100000\r\n\r\n";
        var answer = await _store.Server.Send([.. Encoding.ASCII.GetBytes(head), .. new byte[sent]], halfClose: true);
        if (answer.Status != 0) Assert.Contains("body_incomplete", answer.Body);
        await AssertNothingKept();
    }

    [Theory]
    [InlineData("--b\r\nContent-Disposition: form-data; name=\"file\"; filename=\"cut\"\r\n\r\nsome byt")]
    [InlineData("--b\r\nContent-Disposition: form-data; name=\"file\"; filename=\"cut\"\r\n\r\nsome bytes\r\n--b")]
    [InlineData("--b\r\nContent-Disposition: form-data; name=\"relative_path\"\r\n\r\ncut")]
    [InlineData("")]
    public async Task A_form_that_is_cut_off_keeps_nothing(string body)
    {
        var answer = await _store.Server.Send(
            "POST", $"/packages/{_package}/files", "Content-Type: multipart/form-data; boundary=b\r\n", body);
        Assert.Equal(400, answer.Status);
        Assert.Contains("application/problem+json", answer.Text);
        await AssertNothingKept();
    }

    [Fact]
    public async Task A_chunked_body_that_breaks_its_framing_keeps_nothing()
    {
        var request = $"PUT /packages/{_package}/files/cut HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer {GatewayServer.Token}\r\n"
            + "Transfer-Encoding: chunked\r\n\r\n5\r\nhello\r\nzz\r\n";
        Assert.Equal(400, (await _store.Server.Send(Encoding.ASCII.GetBytes(request))).Status);
        await AssertNothingKept();
    }

    private async Task AssertNothingKept()
    {
        // The connection may end before the server has cleared away what it had staged.
        Assert.True(SpinWait.SpinUntil(() => !_store.Stages().Any(), TimeSpan.FromSeconds(10)), "a stage was left behind");
        Assert.Empty((await _store.Client.GetAsync($"/packages/{_package}/files").Json()).Items());
        Assert.Empty(_store.Objects());
    }

    private static string Link(string path) =>
        $"{{\"relative_path\":\"{path}\",\"content_address\":\"sha256:{HelloSha256}\",\"media_type\":\"text/plain\"}}";
}
