namespace ArtifactStore.Client.Transport;

/// <summary>Cancels when nothing has moved for a while; each byte that moves winds it up again.</summary>
internal sealed class StallTimer : IDisposable
{
    private readonly CancellationTokenSource _timeout;
    private readonly CancellationTokenSource _linked;
    private readonly TimeSpan _limit;

    public StallTimer(TimeSpan limit, TimeProvider clock, CancellationToken outer)
    {
        _limit = limit;
        _timeout = new(limit, clock);
        _linked = CancellationTokenSource.CreateLinkedTokenSource(outer, _timeout.Token);
    }

    public CancellationToken Token => _linked.Token;

    public bool Expired => _timeout.IsCancellationRequested;

    public void Moved() => _timeout.CancelAfter(_limit);

    public void Dispose()
    {
        _linked.Dispose();
        _timeout.Dispose();
    }
}
