using System.Collections.Concurrent;
using System.Diagnostics;

namespace ArtifactStore.EndToEnd.Tests.Fixtures;

/// <summary>One run of a real <c>artifactstore serve</c> on a free loopback port.</summary>
internal sealed class NodeProcess : IAsyncDisposable
{
    private static readonly TimeSpan StartPatience = TimeSpan.FromSeconds(60);
    private readonly ConcurrentQueue<string> _lines;
    private readonly Process _process;

    private NodeProcess(Process process, ConcurrentQueue<string> lines)
    {
        _process = process;
        _lines = lines;
        Id = process.Id;
    }

    public Uri Url { get; private set; } = new("http://127.0.0.1:1");

    public int Id { get; }

    /// <param name="lines">Where what it says is gathered, over all its runs.</param>
    public static async Task<NodeProcess> Start(IReadOnlyDictionary<string, string?> variables, string folder, ConcurrentQueue<string> lines)
    {
        var process = new Process { StartInfo = Execution.Prepare(StoreProcess.Executable, ["serve"], variables, folder) };
        var listening = new TaskCompletionSource<Uri>(TaskCreationOptions.RunContinuationsAsynchronously);
        process.OutputDataReceived += (_, e) => Heard(e.Data);
        process.ErrorDataReceived += (_, e) => Heard(e.Data);
        process.EnableRaisingEvents = true;
        process.Exited += (_, _) => listening.TrySetException(new InvalidOperationException("the store ended before it listened"));
        process.Start();
        process.StandardInput.Close();
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
        var node = new NodeProcess(process, lines);
        try
        {
            node.Url = await listening.Task.WaitAsync(StartPatience);
            return node;
        }
        catch (Exception e) when (e is TimeoutException or InvalidOperationException)
        {
            await node.DisposeAsync();
            throw new InvalidOperationException($"the store did not start:\n{string.Join('\n', lines)}", e);
        }

        void Heard(string? line)
        {
            if (line is null) return;
            lines.Enqueue(line);
            const string mark = "listening on ";
            var at = line.IndexOf(mark, StringComparison.Ordinal);
            if (at >= 0) listening.TrySetResult(new Uri(line[(at + mark.Length)..].Trim().Split(' ')[0].Replace("*", "127.0.0.1", StringComparison.Ordinal)));
        }
    }

    /// <summary>SIGTERM, and the exit code.</summary>
    public async Task<int> Stop()
    {
        await Signal("TERM");
        using var patience = new CancellationTokenSource(Execution.Patience);
        await _process.WaitForExitAsync(patience.Token);
        return _process.ExitCode;
    }

    public async Task Signal(string name)
    {
        var sent = await Execution.Run("/bin/kill", [$"-{name}", $"{Id}"]);
        Assert.True(sent.ExitCode == 0, sent.ToString());
    }

    /// <summary>kill -9.</summary>
    public async ValueTask DisposeAsync()
    {
        if (!_process.HasExited) _process.Kill();
        await _process.WaitForExitAsync();
        _process.Dispose();
    }
}
