using ArtifactStore.Conformance.Journal;
using ArtifactStore.Conformance.Servers;
using ArtifactStore.Interfaces.Contents;
using ArtifactStore.Interfaces.Journal;
using ArtifactStore.Storage.Journal.Postgres;

namespace ArtifactStore.Storage.Tests.Journal;

/// <summary>What only the PostgreSQL adapter can get wrong when it opens: the server, the URL, the schema, several who start at once.</summary>
public sealed class PostgresStoreTests
{
    private readonly Story _story = new();

    [Fact]
    public async Task Many_nodes_that_start_at_once_on_an_empty_database_make_one_store()
    {
        var server = await PostgresServer.Shared();
        var url = await server.NewDatabase();
        var nodes = await Task.WhenAll(Enumerable.Range(0, 12).Select(_ => Task.Run(() => PostgresFixture.Open(url))));
        Assert.Single(nodes, node => node.MigratedFrom == 0);
        Assert.Single((await Task.WhenAll(nodes.Select(node => node.Views.Status()))).Select(status => status.StoreId).Distinct());
        Assert.Equal(5, (await nodes[0].Views.Events(0, 100, [])).Count);
        Assert.Equal(12, (await nodes[0].Nodes.Living()).Count);
        foreach (var node in nodes) await node.DisposeAsync();
        await server.Drop(url);
    }

    [Fact]
    public async Task Opening_again_finds_the_same_store_and_seeds_nothing()
    {
        await using var fixture = await PostgresFixture.Create();
        Assert.Equal(0, fixture.Store.MigratedFrom);
        var status = await fixture.Views.Status();
        var again = await fixture.OpenNode();
        Assert.Equal(PostgresMigrations.Latest, again.MigratedFrom);
        var found = await again.Views.Status();
        Assert.Equal((status.StoreId, status.Head, status.SchemaVersion), (found.StoreId, found.Head, found.SchemaVersion));
        Assert.Equal(5, again.Journal.Head);
    }

    [Fact]
    public async Task Stores_in_different_schemas_of_one_database_do_not_know_each_other()
    {
        await using var fixture = await PostgresFixture.Create();
        await fixture.Sql("CREATE SCHEMA other");
        await using var other = await PostgresFixture.Open(fixture.Url + "&search_path=other");
        Assert.Equal(0, other.MigratedFrom);
        Assert.NotEqual((await fixture.Views.Status()).StoreId, (await other.Views.Status()).StoreId);
        await other.Journal.Append([_story.CreatePackage(_story.NewPackageId())]);
        Assert.Equal((7, 5), (other.Journal.Head, fixture.Journal.Head));
        var sentence = await Refusal(fixture.Url + "&search_path=nowhere");
        Assert.Contains("create the schema", sentence);
    }

    [Fact]
    public async Task A_database_of_another_version_is_refused_with_a_sentence()
    {
        var server = await PostgresServer.Shared();
        var url = await server.NewDatabase();
        Assert.Contains("run 'artifactstore migrate'", await Refusal(url, migrate: false));
        await (await PostgresFixture.Open(url)).DisposeAsync();
        await server.Sql("UPDATE store SET schema_version = 999", new Uri(url).AbsolutePath[1..]);
        Assert.Contains("999", await Refusal(url));
        await server.Drop(url);
    }

    [Fact]
    public async Task A_server_that_would_lose_answered_writes_is_refused_with_a_sentence()
    {
        await using var server = await PostgresServer.StartNew();
        var url = await server.NewDatabase();
        foreach (var setting in new[] { "fsync", "full_page_writes" })
        {
            await server.Sql($"ALTER SYSTEM SET {setting} = off");
            await server.Stop();
            await server.Start();
            Assert.Contains($"set {setting} = on", await Refusal(url));
            await server.Sql($"ALTER SYSTEM RESET {setting}");
        }
    }

    [Fact]
    public async Task A_database_that_is_not_in_UTF8_is_refused_with_a_sentence()
    {
        var server = await PostgresServer.Shared();
        var url = new Uri(await server.NewDatabase());
        await server.Sql("CREATE DATABASE ascii ENCODING 'SQL_ASCII' LC_COLLATE 'C' LC_CTYPE 'C' TEMPLATE template0");
        Assert.Contains("UTF8", await Refusal(new UriBuilder(url) { Path = "/ascii" }.Uri.AbsoluteUri));
    }

    [Fact]
    public async Task A_server_that_is_not_there_is_told_with_a_sentence_that_has_no_password()
    {
        var refusal = await Assert.ThrowsAsync<JournalUnavailableException>(
            () => PostgresFixture.Open("postgresql://me:secret@127.0.0.1:1/store?connect_timeout=2"));
        Assert.Contains("the database store at 127.0.0.1:1", refusal.Message);
        Assert.DoesNotContain("secret", refusal.ToString());
    }

    [Theory]
    [InlineData("postgresql://u@h/d?sslmode=sometimes", "sslmode")]
    [InlineData("postgresql://u@h/d?sslmod=require", "sslmod")]
    [InlineData("postgresql://u@h/d?connect_timeout=0", "connect_timeout")]
    [InlineData("postgresql://u@h/d?channel_binding=x", "channel_binding")]
    [InlineData("postgresql://u@h/", "names no database")]
    [InlineData("mysql://u@h/d", "mysql")]
    public void A_URL_that_cannot_be_meant_is_refused_with_a_sentence(string url, string word) =>
        Assert.Contains(word, Assert.Throws<InvalidDataException>(() => PostgresUrl.Parse(new(url))).Message);

    [Fact]
    public void A_URL_says_everything_that_libpq_can_say_with_these_names()
    {
        var builder = PostgresUrl.Parse(new(
            "postgres://us%40er:p%3Aa%2Fss@db.example:6432/my%20store?sslmode=verify-full&sslrootcert=/ca.pem&search_path=a&application_name=x"));
        Assert.Equal(("us@er", "p:a/ss", "db.example", 6432, "my store"), (builder.Username, builder.Password, builder.Host, builder.Port, builder.Database));
        Assert.Equal((Npgsql.SslMode.VerifyFull, "/ca.pem", "a", "x"), (builder.SslMode, builder.RootCertificate, builder.SearchPath, builder.ApplicationName));
        Assert.Equal("::1", PostgresUrl.Parse(new("postgresql://[::1]/d")).Host);
        Assert.Equal("/run/postgresql", PostgresUrl.Parse(new("postgresql:///d?host=/run/postgresql")).Host);
    }

    [Fact]
    public async Task Closing_answers_what_was_taken_and_takes_nothing_more()
    {
        await using var fixture = await PostgresFixture.Create();
        var node = await fixture.OpenNode();
        var taken = Enumerable.Range(0, 200).Select(_ => node.Journal.Append([_story.CreatePackage(_story.NewPackageId())])).ToList();
        await node.DisposeAsync();
        foreach (var answer in taken) Assert.IsType<AppendResult.Committed>((await answer)[0]);
        await Assert.ThrowsAsync<JournalUnavailableException>(() => node.Journal.Append([_story.CreatePackage(_story.NewPackageId())]));
        Assert.Equal(405, (await fixture.Views.Status()).Head);
    }

    [Fact]
    public async Task What_waits_goes_into_one_transaction_and_a_full_queue_says_so()
    {
        await using var fixture = await PostgresFixture.Create(change: options => options with { MaxQueuedCalls = 50, MaxQueueWait = TimeSpan.FromMilliseconds(50) });
        await using var holder = await PostgresFault.HoldLock(fixture);
        var first = fixture.Journal.Append([_story.CreatePackage(_story.NewPackageId())]);
        await PostgresFault.WaitForWaiter(fixture);
        var queued = Enumerable.Range(0, 50).Select(_ => fixture.Journal.Append([_story.CreatePackage(_story.NewPackageId())])).ToList();
        var refusal = await Assert.ThrowsAsync<JournalUnavailableException>(() => fixture.Journal.Append([_story.CreatePackage(_story.NewPackageId())]));
        Assert.True(refusal.Overloaded);
        await holder.DisposeAsync();
        await Task.WhenAll(queued.Append(first));
        // The transaction that wrote a row is in the row: 2 events of the first, 100 of those who waited.
        Assert.Equal("2 100", await fixture.Sql("SELECT string_agg(n::text, ' ' ORDER BY n) FROM (SELECT count(*) n FROM events WHERE sequence > 5 GROUP BY xmin) t"));
    }

    [Fact]
    public async Task Reservations_of_dead_nodes_are_condemned_and_those_of_the_living_stay()
    {
        await using var fixture = await PostgresFixture.Create();
        var (dead, living) = (await fixture.OpenNode(), await fixture.OpenNode());
        var contents = Enumerable.Range(0, 300).Select(_ => _story.NewContent()).ToList();
        foreach (var content in contents) await dead.Journal.Reserve(_story.Reserve(content));
        var kept = _story.NewContent();
        await living.Journal.Reserve(_story.Reserve(kept));
        Assert.Equal(0, await CondemnAbandoned(fixture.Store));
        await fixture.Sql($"UPDATE nodes SET seen_at = 0 WHERE node_id = '{dead.Nodes.Self.Value}'");
        await Task.WhenAll(CondemnAbandoned(fixture.Store), CondemnAbandoned(living));
        Assert.Equal("1", await fixture.Sql("SELECT count(*) FROM settling"));
        Assert.Equal(300, (await fixture.Views.Events(0, 10_000, ["v1.storage.location_condemned"])).Count);
        var again = Assert.IsType<ReserveResult.Granted>(await fixture.Journal.Reserve(_story.Reserve(contents[0])));
        Assert.Equal(2, again.Reservation.Generation);
        Assert.IsType<ReserveResult.Busy>(await fixture.Journal.Reserve(_story.Reserve(kept)));
    }

    /// <summary>As background work does it: round after round until none is found.</summary>
    private static async Task<int> CondemnAbandoned(PostgresStore node)
    {
        var found = 0;
        while (true)
        {
            var living = (await node.Nodes.Living()).Select(other => other.Id).ToList();
            var round = await node.Maintenance.CondemnAbandoned(living);
            if (round == 0) return found;
            found += round;
        }
    }

    private static async Task<string> Refusal(string url, bool migrate = true)
    {
        var refusal = await Assert.ThrowsAsync<InvalidDataException>(() => PostgresFixture.Open(url, options => options with { Migrate = migrate }));
        return refusal.Message;
    }
}
