using ArtifactStore.Benchmarks.Load;

namespace ArtifactStore.Benchmarks.Processes;

/// <summary>A server of HTTP on loopback.</summary>
internal abstract class Server(Children children, string folder) : ChildProcess(children, folder)
{
    public Uri Url { get; protected set; } = new("http://127.0.0.1:1");

    public abstract HttpConnection Connect();
}
