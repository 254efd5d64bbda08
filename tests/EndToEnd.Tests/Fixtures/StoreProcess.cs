using System.Collections.Concurrent;
using System.Net.Http.Headers;
using System.Reflection;
using ArtifactStore.Conformance.Servers;

namespace ArtifactStore.EndToEnd.Tests.Fixtures;

/// <summary>
/// A real store on free loopback ports, with its data in a folder: one node or three, as the deployment says. It can be killed and started
/// again.
/// </summary>
internal sealed class StoreProcess : IAsyncDisposable
{
    public const string Token = "test-token";
    private readonly ConcurrentQueue<string> _lines = new();
    private readonly IReadOnlyDictionary<string, string?> _variables;
    private readonly NodeProcess?[] _nodes;
    private readonly Balancer? _balancer;
    private readonly string? _database;

    private StoreProcess(string data, IReadOnlyDictionary<string, string?> variables, Deployment deployment, string? database)
    {
        DataFolder = data;
        _variables = variables;
        _database = database;
        _nodes = new NodeProcess?[deployment.Nodes];
        if (deployment.Nodes > 1) _balancer = new Balancer();
    }

    public static string Executable { get; } = FindExecutable();

    public string DataFolder { get; }

    /// <summary>Of the balancer when there are several nodes.</summary>
    public Uri Url { get; private set; } = new("http://127.0.0.1:1");

    public HttpClient Http { get; private set; } = new();

    public string Log => string.Join('\n', _lines);

    public int Id => Node(0).Id;

    public int Nodes => _nodes.Length;

    /// <summary>Name of the PostgreSQL database, when it is one.</summary>
    public string Database => new Uri(_variables["ARTIFACTSTORE_DATABASE_URL"]!).AbsolutePath[1..];

    /// <summary>Settings of a store on SQLite and on the backends of this run.</summary>
    public static Dictionary<string, string?> Variables(string data)
    {
        var variables = new Dictionary<string, string?>
        {
            ["ARTIFACTSTORE_DATABASE_URL"] = $"sqlite:///{data}/artifactstore.db",
            ["ARTIFACTSTORE_AUTH_TOKENS"] = $"tester={Token}",
            ["ARTIFACTSTORE_LISTEN"] = "127.0.0.1:0",
        };
        Backends.OfThisRun.Configure(variables, data);
        return variables;
    }

    /// <param name="server">Where the database lies when it is PostgreSQL; the one of this run when null.</param>
    public static async Task<StoreProcess> Start(
        string data, Action<Dictionary<string, string?>>? change = null, Deployment? deployment = null, PostgresServer? server = null)
    {
        deployment ??= Deployment.OfThisRun;
        var variables = Variables(data);
        string? database = null;
        if (deployment.Postgres)
        {
            database = await (server ?? await PostgresServer.Shared()).NewDatabase();
            variables["ARTIFACTSTORE_DATABASE_URL"] = database;
        }
        change?.Invoke(variables);
        var store = new StoreProcess(data, variables, deployment, server is null ? database : null);
        await store.StartAgain();
        return store;
    }

    public NodeProcess Node(int index) => _nodes[index] ?? throw new InvalidOperationException("not running");

    /// <summary>Starts every node that does not run; all at once, as after a power cut.</summary>
    public async Task StartAgain()
    {
        await Task.WhenAll(Enumerable.Range(0, _nodes.Length).Where(i => _nodes[i] is null).Select(Launch));
        _balancer?.Use(_nodes.Select(node => node!.Url));
        Url = _balancer is null ? Node(0).Url : new($"{Node(0).Url.Scheme}://127.0.0.1:{_balancer.Url.Port}");
        Http.Dispose();
        Http = Connect(Url);
    }

    public async Task StartAgain(int index)
    {
        await Launch(index);
        _balancer?.Use(_nodes.OfType<NodeProcess>().Select(node => node.Url));
    }

    /// <summary>A client of its own, of one node or of all.</summary>
    public static HttpClient Connect(Uri url)
    {
        // Connections are given up soon, so that a balancer sees many of them.
        var handler = new SocketsHttpHandler { UseProxy = false, PooledConnectionLifetime = TimeSpan.FromMilliseconds(500) };
        var http = new HttpClient(handler) { BaseAddress = url, Timeout = TimeSpan.FromMinutes(2) };
        http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", Token);
        return http;
    }

    /// <summary>kill -9 of all nodes.</summary>
    public Task Kill() => Task.WhenAll(Enumerable.Range(0, _nodes.Length).Select(Kill));

    public async Task Kill(int index)
    {
        if (_nodes[index] is { } node) await node.DisposeAsync();
        _nodes[index] = null;
    }

    /// <summary>SIGTERM to all nodes, and the highest exit code.</summary>
    public async Task<int> Stop()
    {
        var codes = await Task.WhenAll(_nodes.Select(node => (node ?? throw new InvalidOperationException("not running")).Stop()));
        await Kill();
        return codes.Max();
    }

    /// <summary>Another verb of the same executable, told of this store by variables.</summary>
    public Task<Finished> Run(params string[] arguments)
    {
        var variables = new Dictionary<string, string?>(_variables)
        {
            // A balancer without nodes would accept and cut; where no node runs, nothing shall listen.
            ["ARTIFACTSTORE_API_URL"] = _nodes.All(node => node is null) ? "http://127.0.0.1:1" : Url.ToString(),
            ["ARTIFACTSTORE_API_TOKEN"] = Token,
            ["XDG_STATE_HOME"] = Path.Combine(DataFolder, "state"),
        };
        return Execution.Run(Executable, arguments, variables, DataFolder);
    }

    public async ValueTask DisposeAsync()
    {
        await Kill();
        Http.Dispose();
        if (_balancer is not null) await _balancer.DisposeAsync();
        if (_database is not null) await (await PostgresServer.Shared()).Drop(_database);
    }

    /// <summary>What a node is called in health and in the database.</summary>
    public static string NameOf(int index) => $"node-{index}";

    private async Task Launch(int index)
    {
        var variables = new Dictionary<string, string?>(_variables);
        if (_nodes.Length > 1) variables["ARTIFACTSTORE_NODE_NAME"] = NameOf(index);
        _nodes[index] = await NodeProcess.Start(variables, DataFolder, _lines);
    }

    /// <summary>The executable was copied next to the tests by the project reference.</summary>
    private static string FindExecutable()
    {
        var folder = Path.GetDirectoryName(Assembly.GetExecutingAssembly().Location)!;
        var file = Path.Combine(folder, "artifactstore");
        return File.Exists(file) ? file : throw new FileNotFoundException("artifactstore was not built next to the tests", file);
    }
}
