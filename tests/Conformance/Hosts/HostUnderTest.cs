using ArtifactStore.Interfaces.Hosting;

namespace ArtifactStore.Conformance.Hosts;

/// <summary>What a host brings to the suite. The grains of the suite are made with the board that it was given.</summary>
public abstract class HostUnderTest : IAsyncDisposable
{
    public abstract IGrains Grains { get; }

    /// <summary>Makes every activation idle for longer than the host keeps an idle one.</summary>
    public abstract Task LetIdleTimePass();

    public abstract ValueTask DisposeAsync();
}

/// <summary>What the suite's grains write on, and the gates that hold them up: outside of any grain, so that the test can see it.</summary>
public sealed class Board
{
    private readonly Lock _gate = new();
    private readonly List<string> _lines = [];
    private readonly Dictionary<string, TaskCompletionSource> _gates = [];

    public bool ActivationFails { get; set; }

    public IReadOnlyList<string> Lines
    {
        get
        {
            lock (_gate) return [.. _lines];
        }
    }

    public void Write(string line)
    {
        lock (_gate) _lines.Add(line);
    }

    public Task Pass(string gate) => Gate(gate).Task;

    public void Open(string gate) => Gate(gate).TrySetResult();

    public int Count(string line) => Lines.Count(written => written == line);

    private TaskCompletionSource Gate(string gate)
    {
        lock (_gate)
        {
            if (_gates.TryGetValue(gate, out var source)) return source;
            return _gates[gate] = new(TaskCreationOptions.RunContinuationsAsynchronously);
        }
    }
}
