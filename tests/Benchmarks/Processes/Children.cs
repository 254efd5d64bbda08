using System.Collections.Concurrent;
using System.Diagnostics;
using System.Runtime.InteropServices;

namespace ArtifactStore.Benchmarks.Processes;

/// <summary>Every server that was started. None of them outlives this program, however it ends.</summary>
internal sealed class Children : IAsyncDisposable
{
    private const int Interrupted = 130;
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);
    private readonly List<PosixSignalRegistration> _signals = [];
    private volatile bool _ending;
    private readonly ConcurrentDictionary<int, (Process Process, string Signal)> _running = new();

    public Children()
    {
        AppDomain.CurrentDomain.ProcessExit += (_, _) =>
        {
            // The main thread may be about to start another one.
            _ending = true;
            KillAll();
        };
        // Since .NET 10 a signal by itself ends the process without that.
        foreach (var signal in new[] { PosixSignal.SIGINT, PosixSignal.SIGTERM, PosixSignal.SIGHUP })
            _signals.Add(PosixSignalRegistration.Create(signal, _ => Environment.Exit(Interrupted)));
    }

    /// <param name="process">What was started.</param>
    /// <param name="signal">What ends it at once, together with the processes that it started itself.</param>
    public void Add(Process process, string signal)
    {
        _running[process.Id] = (process, signal);
        if (_ending) KillAll();
    }

    public void Remove(Process process) => _running.TryRemove(process.Id, out _);

    /// <summary>While a signal ends the program, the main thread sees its servers die; it has nothing to say to that, nor to clean up.</summary>
    public void RestWhenEnding()
    {
        // For ever, because the process ends under it: going on, or leaving Main, would race with the signal for the exit code.
        if (_ending) Thread.Sleep(Timeout.Infinite);
    }

    public ValueTask DisposeAsync()
    {
        KillAll();
        return ValueTask.CompletedTask;
    }

    private void KillAll()
    {
        foreach (var id in _running.Keys)
        {
            if (!_running.TryRemove(id, out var child)) continue;
            var (process, signal) = child;
            if (!process.HasExited) Tool.Signal(process, signal);
            if (!process.WaitForExit(Patience)) process.Kill();
            process.WaitForExit();
            process.Dispose();
        }
    }
}
