using System.Diagnostics;
using ArtifactStore.Benchmarks.Load;
using ArtifactStore.Benchmarks.Suite;

namespace ArtifactStore.Benchmarks.Processes;

/// <summary>A server on loopback with its data in a folder of its own.</summary>
internal abstract class Server(Children children, string folder) : IDisposable
{
    protected static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);
    private Process? _process;

    public string Folder => folder;

    public Uri Url { get; protected set; } = new("http://127.0.0.1:1");

    public abstract HttpConnection Connect();

    protected Process Start(string program, IEnumerable<string> arguments, IReadOnlyDictionary<string, string> variables)
    {
        var start = Tool.Prepare(program, arguments, variables);
        start.WorkingDirectory = folder;
        _process = Process.Start(start) ?? throw new BenchmarkException($"{program} did not start");
        children.Add(_process);
        _process.StandardInput.Close();
        return _process;
    }

    /// <summary>The most memory that the process ever had in RAM.</summary>
    public double PeakMemoryBytes()
    {
        var text = Machine.Field($"/proc/{_process!.Id}/status", "VmHWM");
        return double.Parse(text.Split(' ')[0], System.Globalization.CultureInfo.InvariantCulture) * 1024;
    }

    /// <summary>As an operator stops it; killed when it does not obey.</summary>
    public void Dispose()
    {
        if (_process is null) return;
        if (!_process.HasExited)
        {
            Tool.Run("kill", "-TERM", _process.Id.ToString(System.Globalization.CultureInfo.InvariantCulture));
            if (!_process.WaitForExit(Patience)) _process.Kill();
        }
        children.Remove(_process);
        _process.Dispose();
        _process = null;
    }
}
