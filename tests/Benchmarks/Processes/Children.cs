using System.Collections.Concurrent;
using System.Diagnostics;

namespace ArtifactStore.Benchmarks.Processes;

/// <summary>Every server that was started. None of them outlives this program, however it ends.</summary>
internal sealed class Children : IAsyncDisposable
{
    private const int Interrupted = 130;
    private volatile bool ending;
    private readonly ConcurrentDictionary<int, Process> running = new();

    public Children()
    {
        AppDomain.CurrentDomain.ProcessExit += (_, _) =>
        {
            // The main thread may be about to start another one.
            ending = true;
            KillAll();
        };
        // Ctrl-C by itself would end the process without that.
        Console.CancelKeyPress += (_, _) => Environment.Exit(Interrupted);
    }

    public void Add(Process process)
    {
        running[process.Id] = process;
        if (ending) KillAll();
    }

    public void Remove(Process process) => running.TryRemove(process.Id, out _);

    public ValueTask DisposeAsync()
    {
        KillAll();
        return ValueTask.CompletedTask;
    }

    private void KillAll()
    {
        foreach (var id in running.Keys)
        {
            if (!running.TryRemove(id, out var process)) continue;
            if (!process.HasExited) process.Kill();
            process.WaitForExit();
            process.Dispose();
        }
    }
}
