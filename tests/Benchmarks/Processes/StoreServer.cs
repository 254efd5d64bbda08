using System.Collections.Concurrent;
using ArtifactStore.Benchmarks.Load;
using ArtifactStore.Benchmarks.Suite;

namespace ArtifactStore.Benchmarks.Processes;

/// <summary><c>artifactstore serve</c> on a free port.</summary>
internal sealed class StoreServer : Server
{
    public const string Token = "bench-token";
    private readonly ConcurrentQueue<string> _lines = new();

    private StoreServer(Children children, string folder) : base(children, folder)
    {
    }

    /// <param name="bench">Knows the executable.</param>
    /// <param name="folder">The bytes are here; nodes of one store share it.</param>
    /// <param name="database">A PostgreSQL database; SQLite in the folder when null.</param>
    /// <param name="more">Further settings.</param>
    public static StoreServer Start(
        Workbench bench, string folder, string? database = null, IReadOnlyDictionary<string, string>? more = null)
    {
        var store = new StoreServer(bench.Children, folder);
        var variables = Variables(folder, database);
        foreach (var (name, value) in more ?? new Dictionary<string, string>()) variables[name] = value;
        store.Listen(bench.Options.Executable, variables);
        return store;
    }

    public static Dictionary<string, string> Variables(string folder, string? database = null) => new()
    {
        ["ARTIFACTSTORE_DATABASE_URL"] = database ?? $"sqlite:///{folder}/artifactstore.db",
        ["ARTIFACTSTORE_STORAGE_LOCAL_ROOT"] = $"{folder}/storage",
        ["ARTIFACTSTORE_AUTH_TOKENS"] = $"bench={Token}",
        ["ARTIFACTSTORE_LISTEN"] = "127.0.0.1:0",
    };

    public override HttpConnection Connect() => new(Url, $"Authorization: Bearer {Token}\r\n");

    /// <summary>
    /// Takes the bytes away under the store, so that rounds do not fill the disk. Nothing reads them again, and no upload repeats them.
    /// </summary>
    public void DropBytes(string blake3) => File.Delete($"{Folder}/storage/blake3/{blake3[..2]}/{blake3[2..4]}/{blake3}");

    private void Listen(string executable, Dictionary<string, string> variables)
    {
        var process = Start(executable, ["serve"], variables);
        process.ErrorDataReceived += (_, line) => _lines.Enqueue(line.Data ?? "");
        process.BeginErrorReadLine();
        const string mark = "listening on ";
        while (process.StandardOutput.ReadLine() is { } line)
        {
            if (!line.StartsWith(mark, StringComparison.Ordinal))
            {
                _lines.Enqueue(line);
                continue;
            }
            // Nothing else is written to standard output: the log goes to standard error.
            Url = new Uri(line[mark.Length..].Trim());
            return;
        }
        throw new BenchmarkException($"artifactstore serve ended before it listened: {string.Join(' ', _lines)}");
    }
}
