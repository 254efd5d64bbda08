using System.Collections.Concurrent;
using System.Diagnostics;
using System.Runtime.InteropServices;

namespace ArtifactStore.Benchmarks.Processes;

/// <summary>Every server that was started. None of them outlives this program, however it ends.</summary>
internal sealed class Children : IAsyncDisposable
{
    private const int Interrupted = 130;
    private readonly List<PosixSignalRegistration> _signals = [];
    private volatile bool _ending;
    private readonly ConcurrentDictionary<int, Process> _running = new();

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

    public void Add(Process process)
    {
        _running[process.Id] = process;
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
            if (!_running.TryRemove(id, out var process)) continue;
            process.Kill();
            process.WaitForExit();
            process.Dispose();
        }
    }
}
