using System.Net;
using System.Text.Json;
using ArtifactStore.Architecture.Tests;
using ArtifactStore.Gateway.Tests.Fixtures;

namespace ArtifactStore.Gateway.Tests.Acceptance;

/// <summary>Rows H04 to H06, P07 and H17: packages, their lists and their metadata.</summary>
public sealed class PackageTests : IAsyncLifetime
{
    private RealStore _store = null!;

    public async ValueTask InitializeAsync() => _store = await RealStore.Start();

    public ValueTask DisposeAsync() => _store.DisposeAsync();

    [Fact]
    public async Task H04_R03_creating_a_package_fixes_its_expiry_and_writes_both_events()
    {
        using var answer = await _store.Client.PostPackage("release 1", "ci", "app", "transient", "{\"branch\":\"main\"}");
        var created = await Task.FromResult(answer).Json(HttpStatusCode.Created);
        Assert.Equal($"/packages/{created.Text("id")}", answer.Headers.Location!.ToString());
        Assert.Equal(("created", "tester", "local"), (created.Text("status"), created.Text("created_by"), created.Text("backend_id")));
        Assert.Equal(TimeSpan.FromDays(
            1), created.GetProperty("expires_at").GetDateTimeOffset() - created.GetProperty("created_at").GetDateTimeOffset());

        var read = await _store.Client.GetAsync(answer.Headers.Location).Json();
        Assert.Equal(created.GetRawText(), read.GetRawText());
        var events = await _store.Client.Get("/events?limit=1000", headers => headers.Accept.Add(new("application/json"))).Json();
        var mine = events.Items().Where(line => line.Text("subject_id") == created.Text("id")).Select(line => line.Text("event_type"));
        Assert.Equal(["v1.package.created", "v1.retention.default_applied"], mine);
    }

    [Fact]
    public async Task H04_R03_a_permanent_record_never_expires()
    {
        var created = await _store.Client.PostPackage("p", "ci", "s", "permanent-record", "{}").Json(HttpStatusCode.Created);
        Assert.Equal(JsonValueKind.Null, created.GetProperty("expires_at").ValueKind);
    }

    [Fact]
    public async Task H04_an_unknown_class_is_refused() =>
        await _store.Client.PostPackage("p", "ci", "s", "eternal", "{}").Problem("class_unknown");

    [Fact]
    public async Task H04_a_repeat_with_the_same_key_answers_the_same_even_after_a_restart()
    {
        var first = await _store.Client.PostPackage("p", "ci", "s", "transient", "{\"a\":1}", key: "k1").Json(HttpStatusCode.Created);
        var second = await _store.Client.PostPackage("p", "ci", "s", "transient", "{\"a\":1.0}", key: "k1").Json(HttpStatusCode.Created);
        Assert.Equal(first.GetRawText(), second.GetRawText());
        await _store.Client.PostPackage("other", "ci", "s", "transient", "{\"a\":1}", key: "k1").Problem("idempotency_key_reused");

        await _store.Stop();
        await using var again = await RealStore.Start(folder: _store.Folder);
        var third = await again.Client.PostPackage("p", "ci", "s", "transient", "{\"a\":1}", key: "k1").Json(HttpStatusCode.Created);
        Assert.Equal(first.Text("id"), third.Text("id"));
        _store = await RealStore.Start();
    }

    [Fact]
    public async Task H04_many_requests_with_one_key_make_one_package()
    {
        var racing = Enumerable.Range(
            0, 16).Select(_ => _store.Client.PostPackage("p", "ci", "s", "transient", "{}", key: "race").Json(HttpStatusCode.Created));
        var ids = (await Task.WhenAll(racing)).Select(package => package.Text("id"));
        Assert.Single(ids.Distinct());
    }

    [Fact]
    public async Task H05_each_filter_and_their_combination_find_what_they_should()
    {
        var a = await _store.Client.CreatePackage("a", "ci", metadata: "{\"branch\":\"main\",\"n\":1}");
        var b = await _store.Client.CreatePackage("b", "ci", "raw-evidence", "{\"branch\":\"dev\"}");
        var c = await _store.Client.CreatePackage("c", "lab", metadata: "{\"branch\":\"main\"}");
        await _store.Client.Finalize(c).Json();

        Assert.Equal([c, b, a], await Ids("/packages"));
        Assert.Equal([b, a], await Ids("/packages?producer=ci"));
        Assert.Equal([c, b, a], await Ids("/packages?subject=subject"));
        Assert.Equal([b], await Ids("/packages?retention_class=raw-evidence"));
        Assert.Equal([c], await Ids("/packages?status=finalized"));
        Assert.Equal([c, a], await Ids("/packages?metadata.branch=main"));
        Assert.Equal([a], await Ids("/packages?metadata.branch=main&metadata.n=1"));
        Assert.Equal([a], await Ids("/packages?metadata.branch=main&producer=ci"));
        Assert.Empty(await Ids("/packages?producer=nobody"));
    }

    [Fact]
    public async Task H05_pages_cover_everything_once_and_a_cursor_belongs_to_its_filters()
    {
        for (var i = 0; i < 7; i++) await _store.Client.CreatePackage($"p{i}", i % 2 == 0 ? "even" : "odd");
        var seen = new List<string>();
        string? cursor = null;
        do
        {
            var page = await _store.Client.GetAsync("/packages?limit=3" + (cursor is null ? "" : $"&cursor={cursor}")).Json();
            seen.AddRange(page.Items().Select(item => item.Text("name")));
            cursor = page.GetProperty("next_cursor").GetString();
        }
        while (cursor is not null);
        Assert.Equal(["p6", "p5", "p4", "p3", "p2", "p1", "p0"], seen);

        var even = await _store.Client.GetAsync("/packages?limit=1&producer=even").Json();
        await _store.Client.GetAsync($"/packages?producer=odd&cursor={even.Text("next_cursor")}").Problem("cursor_invalid");
    }

    [Theory]
    [InlineData("/packages/0198c0de-0000-7000-8000-000000000001", "package_unknown")]
    [InlineData("/packages/nonsense", "package_unknown")]
    [InlineData("/packages/0198c0de-0000-7000-8000-000000000001/files", "package_unknown")]
    [InlineData("/packages/0198c0de-0000-7000-8000-000000000001/manifest", "package_unknown")]
    [InlineData("/files/nonsense", "file_unknown")]
    [InlineData("/contents/md5:00", "address_invalid")]
    [InlineData("/metadata-schemas/nothing", "schema_unknown")]
    public async Task H06_what_is_not_there_is_a_problem(string path, string code) => await _store.Client.GetAsync(path).Problem(code);

    [Fact]
    public async Task P07_metadata_is_kept_as_it_was_meant()
    {
        const string metadata = "{\"z\":[1,{\"ü\":null}],\"a\":1.5,\"b\":true}";
        var id = await _store.Client.CreatePackage(metadata: metadata);
        var read = await _store.Client.GetAsync($"/packages/{id}").Json();
        Assert.Equal("{\"a\":1.5,\"b\":true,\"z\":[1,{\"ü\":null}]}", read.GetProperty("metadata").GetRawText());
    }

    [Fact]
    public async Task H17_a_schema_is_enforced_where_a_package_names_it()
    {
        const string schema = "{\"slug\":\"run.v1\",\"json_schema\":{\"type\":\"object\",\"required\":[\"run_id\"]}}";
        await _store.Client.PostJson("/metadata-schemas", schema).Json(HttpStatusCode.Created);
        await _store.Client.PostJson("/metadata-schemas", schema).Json(HttpStatusCode.Created);
        await _store.Client.PostJson("/metadata-schemas", schema.Replace("run_id", "id")).Problem("schema_exists");
        await _store.Client.PostJson(
            "/metadata-schemas", "{\"slug\":\"x\",\"json_schema\":{\"unevaluatedItems\":false}}").Problem("schema_unsupported");
        await _store.Client.PostJson("/metadata-schemas", "{\"slug\":\"../x\",\"json_schema\":{}}").Problem("request_malformed");
        Assert.Equal("run.v1", Assert.Single((await _store.Client.GetAsync("/metadata-schemas").Json()).Items()).Text("slug"));

        await Named("{\"run_id\":\"1\"}", "run.v1").Json(HttpStatusCode.Created);
        await Named("{}", "run.v1").Problem("metadata_invalid");
        await Named("{}", "run.v2").Problem("schema_not_registered");

        Task<HttpResponseMessage> Named(string metadata, string slug) => _store.Client.PostJson(
            "/packages",
            "{\"name\":\"p\",\"producer\":\"c\",\"subject\":\"s\",\"retention_class\":\"transient\","
            + $"\"metadata\":{metadata},\"metadata_schema\":\"{slug}\"}}");
    }

    [Fact]
    public async Task R01_the_five_classes_are_listed()
    {
        var classes = await _store.Client.GetAsync("/retention-classes").Json();
        Assert.Equal(
            ["transient", "raw-evidence", "summary-evidence", "release-evidence", "permanent-record"], classes.Items().Select(
                item => item.Text("slug")));
    }

    [Fact]
    public async Task C29_R02_the_seeded_lifetimes_are_those_of_the_inventory()
    {
        var classes = await _store.Client.GetAsync("/retention-classes").Json();
        Assert.Equal(
            ["86400", "7776000", "31536000", "220752000", "null"],
            classes.Items().Select(item => item.GetProperty("default_duration_seconds").GetRawText()));
    }

    [Fact]
    public async Task K13_the_schema_of_guide_board_registers_and_registering_it_again_changes_nothing()
    {
        var schema = await File.ReadAllTextAsync(Checkout.Path("schemas", "guide-board.run.v1.json"));
        var body = $"{{\"slug\":\"guide-board.run.v1\",\"json_schema\":{schema}}}";
        var first = await _store.Client.PostJson("/metadata-schemas", body).Json(HttpStatusCode.Created);
        var again = await _store.Client.PostJson("/metadata-schemas", body).Json(HttpStatusCode.Created);
        Assert.Equal(first.GetRawText(), again.GetRawText());
        Assert.Single((await _store.Client.GetAsync("/metadata-schemas").Json()).Items());
    }

    private async Task<List<string>> Ids(string path) =>
        [.. (await _store.Client.GetAsync(path).Json()).Items().Select(item => item.Text("id"))];
}
