using System.Net.Sockets;
using ArtifactStore.Benchmarks.Load;
using ArtifactStore.Benchmarks.Suite;

namespace ArtifactStore.Benchmarks.Processes;

/// <summary>CNCF distribution 2.8 (Debian's docker-registry), file system driver, defaults; only logs of requests are off.</summary>
internal sealed class RegistryServer : Server
{
    public const string Program = "docker-registry";

    private RegistryServer(Children children, string folder) : base(children, folder)
    {
    }

    public static RegistryServer? Start(Workbench bench)
    {
        if (!bench.Has(Program)) return null;
        var registry = new RegistryServer(bench.Children, bench.NewFolder("registry"));
        registry.Listen();
        return registry;
    }

    public override HttpConnection Connect() => new(Url, headers: "");

    public void DropBytes(string sha256) => File.Delete($"{Folder}/store/docker/registry/v2/blobs/sha256/{sha256[..2]}/{sha256}/data");

    private void Listen()
    {
        var port = FreePort();
        var configuration = Path.Combine(Folder, "config.yml");
        File.WriteAllText(configuration, $$$"""
            version: 0.1
            log: {level: warn, accesslog: {disabled: true}}
            storage:
              filesystem: {rootdirectory: {{{Folder}}}/store}
              maintenance: {uploadpurging: {enabled: false}}
            http: {addr: 127.0.0.1:{{{port}}}, secret: bench}

            """);
        var process = Start(Program, ["serve", configuration], new Dictionary<string, string> { ["OTEL_TRACES_EXPORTER"] = "none" });
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
        Url = new Uri($"http://127.0.0.1:{port}");
        WaitUntil(Answers, () => $"{Program} did not start");
    }

    private bool Answers()
    {
        try
        {
            using var connection = Connect();
            return connection.Send("GET", "/v2/").Status == 200;
        }
        catch (SocketException)
        {
            return false;
        }
    }
}
