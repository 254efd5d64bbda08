using ArtifactStore.Conformance.Journal;
using ArtifactStore.Conformance.Servers;
using ArtifactStore.Interfaces.Collection;
using ArtifactStore.Interfaces.Journal;
using ArtifactStore.Interfaces.Views;
using ArtifactStore.Storage.Journal.Postgres;

namespace ArtifactStore.Storage.Tests.Journal;

/// <summary>A store in a database of its own, and as many nodes on it as a test opens.</summary>
internal sealed class PostgresFixture : IJournalFixture
{
    private readonly List<PostgresStore> _nodes = [];
    private readonly Func<PostgresOptions, PostgresOptions> _change;

    private PostgresFixture(PostgresServer server, string url, Func<PostgresOptions, PostgresOptions>? change)
    {
        Server = server;
        Url = url;
        _change = change ?? (options => options);
    }

    public PostgresServer Server { get; }

    public string Url { get; }

    public string Database => new Uri(Url).AbsolutePath[1..];

    public PostgresStore Store => _nodes[0];

    public IJournal Journal => Store.Journal;

    public IViews Views => Store.Views;

    public IPlanViews Plans => Store.Plans;

    public ICollectionViews Lists => Store.Collection;

    public static async Task<PostgresFixture> Create(PostgresServer? server = null, Func<PostgresOptions, PostgresOptions>? change = null)
    {
        server ??= await PostgresServer.Shared();
        // The suites ask what is answered, not how soon on a machine that runs others beside them.
        var fixture = new PostgresFixture(server, $"{await server.NewDatabase()}?connect_timeout=60", change);
        await fixture.OpenNode();
        return fixture;
    }

    /// <summary>Another node on the same store.</summary>
    public async Task<PostgresStore> OpenNode()
    {
        var node = await Open(Url, _change);
        _nodes.Add(node);
        return node;
    }

    public static Task<PostgresStore> Open(string url, Func<PostgresOptions, PostgresOptions>? change = null)
    {
        var options = new PostgresOptions { Url = new(url) };
        return PostgresStore.Open(change?.Invoke(options) ?? options, TimeProvider.System, new TestIds());
    }

    /// <summary>One statement as the superuser, in the store's database.</summary>
    public Task<string> Sql(string statement) => Server.Sql(statement, Database);

    public async ValueTask DisposeAsync()
    {
        foreach (var node in _nodes) await node.DisposeAsync();
        await Server.Drop(Url);
    }
}
