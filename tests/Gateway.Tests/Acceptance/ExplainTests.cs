using System.Net;
using System.Text.Json;
using ArtifactStore.Gateway.Tests.Fixtures;

namespace ArtifactStore.Gateway.Tests.Acceptance;

/// <summary>Why something is here and when it goes, over HTTP: what is said is what the collector then does.</summary>
public sealed class ExplainTests : IAsyncLifetime
{
    private RealStore _store = null!;

    private HttpClient Client => _store.Client;

    public async ValueTask InitializeAsync() => _store = await RealStore.Start();

    public ValueTask DisposeAsync() => _store.DisposeAsync();

    [Fact]
    public async Task A_content_is_kept_by_its_files_and_goes_with_the_last_of_them()
    {
        var (first, address) = await Package("a", [1]);
        var (second, _) = await Package("dir/b", [1]);
        var said = await Explain(address);
        Assert.Equal(("content", "kept", false), (said.Text("kind"), said.Text("fate"), said.GetProperty("nothing_keeps_it").GetBoolean()));
        Assert.StartsWith("2 references keep", said.Text("conclusion"));
        Assert.Equal([(first, "a"), (second, "dir/b")], said.Keepers().Select(keeper => (keeper.GetProperty("package").Text("id"), keeper.Text("relative_path"))));
        Assert.Equal(["references", "collection"], said.Steps());
        Assert.Equal(said.Keepers().Max(keeper => keeper.GetProperty("not_before").GetDateTimeOffset()), said.GetProperty("not_before").GetDateTimeOffset());
        Assert.True(JsonElement.DeepEquals(said.GetProperty("keepers"), (await Explain("sha256:" + await Sha256Of(first))).GetProperty("keepers")));

        await Delete(first);
        said = await Explain(address);
        Assert.Equal([true, false], said.Keepers().Select(keeper => keeper.GetProperty("goes").GetBoolean()));
        Assert.Equal("kept", said.Text("fate"));
        await Delete(second);
        said = await Explain(address);
        Assert.Equal("Nothing keeps this content: the next collection deletes its bytes.", said.Text("conclusion"));

        await Collect();
        said = await Explain(address);
        Assert.Equal("gone", said.Text("fate"));
        var copy = Assert.Single(said.GetProperty("copies").EnumerateArray());
        Assert.Equal("gone", copy.Text("state"));
        Assert.Contains(copy.Text("released_by_package"), new[] { first, second });
        Assert.Equal(("requested", "over"), (said.GetProperty("departure").Text("rule"), said.GetProperty("departure").Text("reason")));
        Assert.Empty(_store.Objects());
    }

    [Fact]
    public async Task A_package_is_kept_by_its_retention_and_its_holds_and_its_file_by_the_package()
    {
        var (package, _) = await Package("a", [1]);
        var file = (await Client.GetAsync($"/packages/{package}/files").Json()).Items().First().Text("id");
        var said = await Explain(package);
        Assert.Equal(("package", "kept"), (said.Text("kind"), said.Text("fate")));
        Assert.StartsWith("This package is kept until 20", said.Text("conclusion"));
        Assert.Equal(["retention"], said.Keepers().Select(keeper => keeper.Text("kind")));
        Assert.Equal(["expiry", "sweep", "collection"], said.Steps());

        var hold = (await Client.PostJson($"/packages/{package}/retention/holds", """{"reason":"case 7"}""").Json(HttpStatusCode.Created)).Text("hold_id");
        await Client.PostJson("/holds", """{"kind":"producer","covers":"ci","reason":"audit","until":"2090-01-01T00:00:00Z"}""").Json(HttpStatusCode.Created);
        said = await Explain(package);
        Assert.Equal("2 holds keep this package.", said.Text("conclusion"));
        Assert.Equal(["release", "release", "expiry", "sweep", "collection"], said.Steps());
        Assert.Equal(2090, said.GetProperty("not_before").GetDateTimeOffset().Year);
        var ofFile = await Explain(file);
        Assert.Equal(("file", "a", package), (ofFile.Text("kind"), ofFile.Text("relative_path"), ofFile.GetProperty("package").Text("id")));
        Assert.Contains(hold, ofFile.GetProperty("keepers").GetRawText());

        var permanent = await Client.CreatePackage(producer: "other", retentionClass: "permanent-record");
        said = await Explain(permanent);
        Assert.Equal("This package never expires.", said.Text("conclusion"));
        Assert.Equal(["never"], said.Steps());
    }

    [Fact]
    public async Task What_is_gone_says_when_and_under_which_rule_and_a_hold_on_everything_stops_what_is_going()
    {
        var (package, address) = await Package("a", [1]);
        var file = (await Client.GetAsync($"/packages/{package}/files").Json()).Items().First().Text("id");
        await Delete(package);
        Assert.True((await Explain(package)).GetProperty("nothing_keeps_it").GetBoolean());
        var hold = (await Client.PostJson("/holds", """{"kind":"everything","reason":"litigation"}""").Json(HttpStatusCode.Created)).Text("hold_id");
        Assert.False((await Explain(package)).GetProperty("nothing_keeps_it").GetBoolean());
        Assert.Equal("A hold on everything keeps this content.", (await Explain(address)).Text("conclusion"));
        await Client.DeleteAsync($"/holds/{hold}?reason=settled").Nothing();
        await Collect();
        foreach (var id in new[] { package, file })
        {
            var said = await Explain(id);
            Assert.Equal("gone", said.Text("fate"));
            Assert.EndsWith("because somebody asked for it: over.", said.Text("conclusion"));
            var departure = said.GetProperty("departure");
            Assert.Equal(JsonValueKind.Null, departure.GetProperty("plan").ValueKind);
            Assert.True(departure.GetProperty("started_at").GetDateTimeOffset() <= departure.GetProperty("ended_at").GetDateTimeOffset());
            Assert.Empty(said.Steps());
        }
    }

    [Fact]
    public async Task A_long_list_of_references_comes_in_pages()
    {
        var (package, address) = await Package("0", [1]);
        for (var i = 1; i < 7; i++) await Client.PutFile(package, $"{i}", [1]).Json(HttpStatusCode.Created);
        await Client.PostJson("/holds", JsonSerializer.Serialize(new { kind = "content", covers = address, reason = "evidence" })).Json(HttpStatusCode.Created);
        var seen = new List<string?>();
        string? cursor = null;
        do
        {
            var page = await Client.GetAsync($"/explain/{address}?limit=3{(cursor is null ? "" : $"&cursor={cursor}")}").Json();
            Assert.InRange(page.Keepers().Count(), 1, 3);
            seen.AddRange(page.Keepers().Select(keeper => keeper.GetProperty("relative_path").GetString()));
            cursor = page.GetProperty("next_cursor").GetString();
        }
        while (cursor is not null);
        Assert.Equal([null, "0", "1", "2", "3", "4", "5", "6"], seen);
    }

    [Fact]
    public async Task Bad_input_gets_a_sentence_each()
    {
        await Client.GetAsync($"/explain/{Guid.NewGuid()}").Problem("package_unknown");
        await Client.GetAsync("/explain/blake3:" + new string('0', 64)).Problem("content_unknown");
        await Client.GetAsync("/explain/blake3:12").Problem("address_invalid");
        await Client.GetAsync("/explain/nothing").Problem("address_invalid");
        await Client.GetAsync($"/explain/{Guid.NewGuid()}?limit=0").Problem("request_malformed");
        await Client.GetAsync("/explain/blake3:" + new string('0', 64) + "?cursor=abc").Problem("cursor_invalid");
        foreach (var size in new[] { "", "?free=", "?free=0", "?free=-1", "?free=ten", "?free=10XB", "?free=99999EB", "?free=1&odd=2" })
            await Client.GetAsync("/explain" + size).Problem("request_malformed");
        using var nobody = await _store.Server.Anonymous.GetAsync("/explain?free=1");
        Assert.Equal(HttpStatusCode.Unauthorized, nobody.StatusCode);
    }

    [Fact]
    public async Task Space_is_found_where_all_that_refers_to_it_may_go()
    {
        var shared = new byte[5000];
        var (first, _) = await Package("shared", shared);
        var (second, _) = await Package("shared", shared);
        await Client.PutFile(second, "own", new byte[300]).Json(HttpStatusCode.Created);
        var (held, _) = await Package("held", new byte[90_000]);
        await Client.PostJson($"/packages/{held}/retention/holds", """{"reason":"case"}""").Json(HttpStatusCode.Created);

        var said = await Client.GetAsync("/explain?free=200B").Json();
        Assert.Equal([second], said.GetProperty("packages").EnumerateArray().Select(package => package.Text("id")));
        said = await Client.GetAsync("/explain?free=5KB").Json();
        Assert.Equal([first, second], said.GetProperty("packages").EnumerateArray().Select(package => package.Text("id")).Order());
        Assert.Equal(5300, said.GetProperty("freed_bytes").GetInt64());
        said = await Client.GetAsync("/explain?free=10KiB").Json();
        Assert.False(said.GetProperty("enough").GetBoolean());
        Assert.Equal("At most 5300 bytes can be freed by deleting packages; holds keep one package.", said.Text("conclusion"));

        await Delete(first);
        await Delete(second);
        Assert.Equal(5300, (await Collect()).GetProperty("freed_bytes").GetInt64());
    }

    private async Task<(string Package, string Address)> Package(string path, byte[] bytes)
    {
        var package = await Client.CreatePackage();
        return (package, (await Client.PutFile(package, path, bytes).Json(HttpStatusCode.Created)).Text("content_address"));
    }

    private async Task<string> Sha256Of(string package) =>
        (await Client.GetAsync($"/packages/{package}/files").Json()).Items().First().Text("digest_sha256");

    private Task<JsonElement> Explain(string subject) => Client.GetAsync($"/explain/{subject}").Json();

    private Task<JsonElement> Delete(string package) => Client.DeleteAsync($"/packages/{package}?reason=over").Json(HttpStatusCode.Accepted);

    private Task<JsonElement> Collect() => Client.PostAsync("/retention/collections", null).Json();
}

internal static class Explained
{
    public static IEnumerable<JsonElement> Keepers(this JsonElement explanation) => explanation.GetProperty("keepers").EnumerateArray();

    public static IEnumerable<string> Steps(this JsonElement explanation) =>
        explanation.GetProperty("steps").EnumerateArray().Select(step => step.Text("kind"));
}
