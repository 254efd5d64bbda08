using System.Formats.Cbor;
using System.Net;
using System.Text.Json;
using ArtifactStore.Gateway.Tests.Fixtures;
using ArtifactStore.Interfaces.Hashing;

namespace ArtifactStore.Gateway.Tests.Acceptance;

/// <summary>Row H18: a consumer that passes on its cursor never misses an event and never waits longer than it must.</summary>
public sealed class EventTests : IAsyncLifetime
{
    private RealStore _store = null!;

    public async ValueTask InitializeAsync() => _store = await RealStore.Start();

    public ValueTask DisposeAsync() => _store.DisposeAsync();

    [Fact]
    public async Task H18_a_waiting_poll_is_answered_by_the_next_commit()
    {
        var head = (await Page("/events?limit=1000")).GetProperty("head").GetInt64();
        var poll = Page($"/events?after={head}&wait=60");
        var package = await _store.Client.CreatePackage();
        var page = await poll.WaitAsync(TimeSpan.FromSeconds(20));
        Assert.Equal(package, page.Items().First().Text("subject_id"));
    }

    [Fact]
    public async Task H18_a_poll_without_news_ends_when_its_time_is_up()
    {
        var head = (await Page("/events?limit=1000")).GetProperty("head").GetInt64();
        var page = await Page($"/events?after={head}&wait=1");
        Assert.Empty(page.Items());
        Assert.Equal($"1:{head}", page.Text("next_cursor"));
    }

    [Fact]
    public async Task H18_E06_following_the_cursor_sees_every_event_once_in_order()
    {
        using var stop = new CancellationTokenSource();
        var writers = Enumerable.Range(0, 4).Select(_ => Task.Run(async () =>
        {
            for (var i = 0; i < 10; i++) await _store.Client.CreatePackage();
        })).ToArray();
        var all = Task.WhenAll(writers);
        var seen = new List<long>();
        var after = "0";
        while (true)
        {
            var done = all.IsCompleted;
            var page = await Page($"/events?after={after}&limit=7&wait=1");
            seen.AddRange(page.Items().Select(line => line.GetProperty("sequence").GetInt64()));
            after = page.Text("next_cursor");
            if (done && !page.Items().Any()) break;
        }
        await all;
        Assert.Equal(Enumerable.Range(1, seen.Count).Select(i => (long)i), seen);
        Assert.Equal(80 + 5, seen.Count);
    }

    [Fact]
    public async Task H18_types_keep_waiting_until_one_of_them_comes()
    {
        var package = await _store.Client.CreatePackage();
        var head = (await Page("/events?limit=1000")).GetProperty("head").GetInt64();
        var poll = Page($"/events?after={head}&wait=60&types=v1.package.finalized,v9.never");
        await _store.Client.PutFile(package, "a", [1]).Json(HttpStatusCode.Created);
        await _store.Client.CreatePackage();
        Assert.False(poll.IsCompleted);
        await _store.Client.Finalize(package).Json();
        var line = Assert.Single((await poll.WaitAsync(TimeSpan.FromSeconds(20))).Items());
        Assert.Equal(("v1.package.finalized", package), (line.Text("event_type"), line.Text("subject_id")));
    }

    [Fact]
    public async Task H18_E02_cbor_is_the_default_and_carries_the_payload_that_was_digested()
    {
        await _store.Client.CreatePackage();
        using var answer = await _store.Client.GetAsync("/events?types=v1.package.created");
        Assert.Equal("application/cbor", answer.Content.Headers.ContentType!.MediaType);
        var cbor = new CborReader(await answer.Content.ReadAsByteArrayAsync(), CborConformanceMode.Canonical);
        cbor.ReadStartMap();
        byte[]? payload = null;
        byte[]? digest = null;
        while (cbor.PeekState() != CborReaderState.EndMap)
        {
            if (cbor.ReadTextString() != "items")
            {
                cbor.SkipValue();
                continue;
            }
            cbor.ReadStartArray();
            cbor.ReadStartMap();
            while (cbor.PeekState() != CborReaderState.EndMap)
            {
                var name = cbor.ReadTextString();
                if (name == "payload") payload = cbor.ReadByteString();
                else if (name == "payload_digest") digest = cbor.ReadByteString();
                else cbor.SkipValue();
            }
            cbor.ReadEndMap();
            cbor.ReadEndArray();
        }
        Assert.Equal(Digest256.FromBytes(digest!), Digest256.FromBytes(Blake3.Hash(payload!)));
    }

    /// <summary>A backup is made of these pages, so a line must be there with every column, and the page must say whose log it is.</summary>
    [Fact]
    public async Task A_page_in_cbor_holds_every_column_and_says_whose_log_it_is()
    {
        await _store.Client.CreatePackage();
        var cbor = new CborReader(await _store.Client.GetByteArrayAsync("/events?limit=7"), CborConformanceMode.Canonical);
        var ofPage = new List<string>();
        var ofLines = new List<string>();
        var sizes = new List<int>();
        for (cbor.ReadStartMap(); cbor.PeekState() != CborReaderState.EndMap;)
        {
            ofPage.Add(cbor.ReadTextString());
            if (ofPage[^1] != "items")
            {
                cbor.SkipValue();
                continue;
            }
            for (cbor.ReadStartArray(); cbor.PeekState() != CborReaderState.EndArray; cbor.ReadEndMap())
            {
                for (cbor.ReadStartMap(); cbor.PeekState() != CborReaderState.EndMap;)
                {
                    ofLines.Add(cbor.ReadTextString());
                    if (ofLines[^1] == "append_size") sizes.Add(cbor.ReadInt32());
                    else cbor.SkipValue();
                }
            }
            cbor.ReadEndArray();
        }
        Assert.Equal(["head", "incarnation", "items", "next_cursor", "store_id"], ofPage.Order());
        Assert.Equal(
            [
                "actor", "append_id", "append_size", "created_at", "event_type", "leaf_digest", "payload", "payload_digest", "sequence", "stream_version",
                "subject_id", "subject_kind", "tenant",
            ],
            ofLines.Distinct().Order());
        // Five classes that a store begins with, then a package with its retention.
        Assert.Equal([5, 0, 0, 0, 0, 2, 0], sizes);
    }

    /// <summary>Whoever saw more than there is has seen another life of the log; to wait would be to miss what this one writes.</summary>
    [Theory]
    [InlineData("")]
    [InlineData("1:")]
    public async Task A_consumer_that_is_ahead_of_the_log_is_told_so(string prefix)
    {
        var head = (await Page("/events?limit=1000")).GetProperty("head").GetInt64();
        Assert.Empty((await Page($"/events?after={prefix}{head}")).Items());
        await _store.Client.GetAsync($"/events?after={prefix}{head + 1}").Problem("cursor_invalid");
    }

    [Theory]
    [InlineData("after=x", "cursor_invalid")]
    [InlineData("after=2:5", "cursor_invalid")]
    [InlineData("after=1:x", "cursor_invalid")]
    [InlineData("after=-1", "cursor_invalid")]
    [InlineData("limit=1001", "request_malformed")]
    public async Task H18_a_question_that_cannot_be_answered_is_refused(string query, string code) =>
        await _store.Client.GetAsync($"/events?{query}").Problem(code);

    [Fact]
    public async Task H18_what_cannot_be_given_is_not_acceptable() =>
        await _store.Client.Get("/events", headers => headers.Accept.Add(new("text/html"))).Problem("not_acceptable");

    private Task<JsonElement> Page(string path) => _store.Client.Get(path, headers => headers.Accept.Add(new("application/json"))).Json();
}
