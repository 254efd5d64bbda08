using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using ArtifactStore.Benchmarks.Suite;

namespace ArtifactStore.Benchmarks.Processes;

/// <summary>A process that runs until it is told to stop, with its data in a folder of its own.</summary>
/// <param name="children">Ends it when nobody else did.</param>
/// <param name="folder">Where it works.</param>
internal abstract class ChildProcess(Children children, string folder) : IDisposable
{
    protected static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);
    private Process? _process;

    public string Folder => folder;

    protected Process Start(string program, IEnumerable<string> arguments, IReadOnlyDictionary<string, string>? variables)
    {
        var start = Tool.Prepare(program, arguments, variables);
        start.WorkingDirectory = folder;
        _process = Process.Start(start) ?? throw new BenchmarkException($"{program} did not start");
        children.Add(_process);
        _process.StandardInput.Close();
        return _process;
    }

    /// <summary>For servers that say nowhere that they are ready but by answering.</summary>
    protected void WaitUntil(Func<bool> answers, Func<string> complaint)
    {
        var deadline = Environment.TickCount64 + (long)Patience.TotalMilliseconds;
        while (!answers())
        {
            if (_process!.HasExited || Environment.TickCount64 > deadline) throw new BenchmarkException(complaint());
            // It is asked again so often; that it answers is what is waited for.
            Thread.Sleep(10);
        }
    }

    /// <summary>The most memory that the process ever had in RAM.</summary>
    public double PeakMemoryBytes()
    {
        var text = Machine.Field($"/proc/{_process!.Id}/status", "VmHWM");
        return double.Parse(text.Split(' ')[0], System.Globalization.CultureInfo.InvariantCulture) * 1024;
    }

    /// <summary>As an operator stops it; ended at once when it does not obey.</summary>
    public void Dispose()
    {
        if (_process is null) return;
        if (!_process.HasExited)
        {
            Tool.Signal(_process, "TERM");
            if (!_process.WaitForExit(Patience)) _process.Kill();
        }
        children.Remove(_process);
        _process.Dispose();
        _process = null;
    }

    protected static int FreePort()
    {
        using var socket = new Socket(SocketType.Stream, ProtocolType.Tcp);
        socket.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        return ((IPEndPoint)socket.LocalEndPoint!).Port;
    }
}
