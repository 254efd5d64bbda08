using ArtifactStore.Interfaces.Journal;

namespace ArtifactStore.Grains.Tests;

/// <summary>A journal that can be away, full, slow, or held at the door.</summary>
internal sealed class FaultyJournal(IJournal inner) : IJournal
{
    private readonly Lock _gate = new();
    private TaskCompletionSource _released = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public bool Hold { get; set; }

    public bool Away { get; set; }

    public bool Full { get; set; }

    public int Held { get; private set; }

    /// <summary>How many appends each call brought.</summary>
    public List<int> Rounds { get; } = [];

    public long Head => inner.Head;

    public void Release()
    {
        Hold = false;
        _released.TrySetResult();
    }

    public async Task<IReadOnlyList<AppendResult>> Append(IReadOnlyList<Append> appends, CancellationToken cancellation = default)
    {
        lock (_gate) Rounds.Add(appends.Count);
        await Pass();
        return await inner.Append(appends, cancellation);
    }

    public async Task<ReserveResult> Reserve(ReserveContent request, CancellationToken cancellation = default)
    {
        await Pass();
        return await inner.Reserve(request, cancellation);
    }

    public Task<long> WaitForEvents(long after, TimeSpan atMost, CancellationToken cancellation = default) =>
        inner.WaitForEvents(after, atMost, cancellation);

    private async Task Pass()
    {
        await Task.Yield();
        if (Hold)
        {
            lock (_gate) Held++;
            await _released.Task;
        }
        if (Away || Full) throw new JournalUnavailableException("gone", diskFull: Full);
    }
}
