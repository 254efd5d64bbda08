using System.Collections.Concurrent;
using System.Diagnostics;
using System.Net.Http.Headers;
using System.Reflection;

namespace ArtifactStore.EndToEnd.Tests.Fixtures;

/// <summary>
/// A real <c>artifactstore serve</c> on a free loopback port, with its data in a folder. It can be killed and started again.
/// </summary>
internal sealed class StoreProcess : IAsyncDisposable
{
    public const string Token = "test-token";
    private static readonly TimeSpan StartPatience = TimeSpan.FromSeconds(60);
    private readonly ConcurrentQueue<string> _lines = new();
    private readonly IReadOnlyDictionary<string, string?> _variables;
    private Process? _process;

    private StoreProcess(string data, IReadOnlyDictionary<string, string?> variables)
    {
        DataFolder = data;
        _variables = variables;
    }

    public static string Executable { get; } = FindExecutable();

    public string DataFolder { get; }

    public Uri Url { get; private set; } = new("http://127.0.0.1:1");

    public HttpClient Http { get; private set; } = new();

    public string Log => string.Join('\n', _lines);

    public int Id => _process?.Id ?? throw new InvalidOperationException("not running");

    public static Dictionary<string, string?> Variables(string data) => new()
    {
        ["ARTIFACTSTORE_DATABASE_URL"] = $"sqlite:///{data}/artifactstore.db",
        ["ARTIFACTSTORE_STORAGE_LOCAL_ROOT"] = $"{data}/storage",
        ["ARTIFACTSTORE_AUTH_TOKENS"] = $"tester={Token}",
        ["ARTIFACTSTORE_LISTEN"] = "127.0.0.1:0",
    };

    public static async Task<StoreProcess> Start(string data, Action<Dictionary<string, string?>>? change = null)
    {
        var variables = Variables(data);
        change?.Invoke(variables);
        var store = new StoreProcess(data, variables);
        await store.StartAgain();
        return store;
    }

    public async Task StartAgain()
    {
        var process = new Process { StartInfo = Execution.Prepare(Executable, ["serve"], _variables, DataFolder) };
        var listening = new TaskCompletionSource<Uri>(TaskCreationOptions.RunContinuationsAsynchronously);
        process.OutputDataReceived += (_, e) => Heard(e.Data, listening);
        process.ErrorDataReceived += (_, e) => Heard(e.Data, listening);
        process.EnableRaisingEvents = true;
        process.Exited += (_, _) => listening.TrySetException(new InvalidOperationException("the store ended before it listened"));
        process.Start();
        process.StandardInput.Close();
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
        _process = process;
        try
        {
            Url = await listening.Task.WaitAsync(StartPatience);
        }
        catch (Exception e) when (e is TimeoutException or InvalidOperationException)
        {
            await Kill();
            throw new InvalidOperationException($"the store did not start:\n{Log}", e);
        }
        Http.Dispose();
        Http = new HttpClient(new SocketsHttpHandler { UseProxy = false }) { BaseAddress = Url, Timeout = TimeSpan.FromMinutes(2) };
        Http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", Token);
    }

    /// <summary>kill -9.</summary>
    public async Task Kill()
    {
        if (_process is null) return;
        if (!_process.HasExited) _process.Kill();
        await _process.WaitForExitAsync();
        _process.Dispose();
        _process = null;
    }

    /// <summary>SIGTERM, and the exit code.</summary>
    public async Task<int> Stop()
    {
        if (_process is null) throw new InvalidOperationException("not running");
        await Execution.Run("/bin/kill", ["-TERM", _process.Id.ToString()]);
        using var patience = new CancellationTokenSource(Execution.Patience);
        await _process.WaitForExitAsync(patience.Token);
        var code = _process.ExitCode;
        _process.Dispose();
        _process = null;
        return code;
    }

    /// <summary>Another verb of the same executable, told of this store by variables.</summary>
    public Task<Finished> Run(params string[] arguments)
    {
        var variables = new Dictionary<string, string?>(_variables)
        {
            ["ARTIFACTSTORE_API_URL"] = Url.ToString(),
            ["ARTIFACTSTORE_API_TOKEN"] = Token,
            ["XDG_STATE_HOME"] = Path.Combine(DataFolder, "state"),
        };
        return Execution.Run(Executable, arguments, variables, DataFolder);
    }

    public async ValueTask DisposeAsync()
    {
        await Kill();
        Http.Dispose();
    }

    private void Heard(string? line, TaskCompletionSource<Uri> listening)
    {
        if (line is null) return;
        _lines.Enqueue(line);
        const string mark = "listening on ";
        var at = line.IndexOf(mark, StringComparison.Ordinal);
        if (at >= 0) listening.TrySetResult(new Uri(line[(at + mark.Length)..].Trim().Split(' ')[0].Replace("*", "127.0.0.1", StringComparison.Ordinal)));
    }

    /// <summary>The executable was copied next to the tests by the project reference.</summary>
    private static string FindExecutable()
    {
        var folder = Path.GetDirectoryName(Assembly.GetExecutingAssembly().Location)!;
        var file = Path.Combine(folder, "artifactstore");
        return File.Exists(file) ? file : throw new FileNotFoundException("artifactstore was not built next to the tests", file);
    }
}
