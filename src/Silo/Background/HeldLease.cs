using ArtifactStore.Interfaces.Journal;

namespace ArtifactStore.Silo.Background;

/// <summary>
/// A lease that is prolonged for as long as this lives. Invariant: <see cref="Holds"/> only while the time since it was last confirmed, by
/// this machine's own clock and counted from before the question, is shorter than the lease. So a node that was frozen finds it lost as soon
/// as it goes on, before it has asked anybody.
/// </summary>
internal sealed class HeldLease : IAsyncDisposable
{
    /// <summary>How long others wait for a node that has died.</summary>
    public static readonly TimeSpan Duration = TimeSpan.FromSeconds(30);

    public static readonly TimeSpan Renewal = Duration / 3;

    /// <summary>How soon it is tried again when the database does not answer.</summary>
    private static readonly TimeSpan Retry = TimeSpan.FromSeconds(1);

    private readonly INodes _nodes;
    private readonly TimeProvider _time;
    private readonly CancellationTokenSource _ended;
    private readonly Task _renewing;
    private Lease _lease;
    private long _confirmed;

    private HeldLease(INodes nodes, Lease lease, long confirmed, TimeProvider time, CancellationToken stop)
    {
        _nodes = nodes;
        _time = time;
        _lease = lease;
        _confirmed = confirmed;
        _ended = CancellationTokenSource.CreateLinkedTokenSource(stop);
        Ended = _ended.Token;
        _renewing = Renew();
    }

    /// <summary>Cancelled when it is lost, or when the store stops.</summary>
    public CancellationToken Ended { get; }

    public bool Holds => !Ended.IsCancellationRequested && Left > TimeSpan.Zero;

    private TimeSpan Left => Duration - _time.GetElapsedTime(Volatile.Read(ref _confirmed));

    /// <summary>Null when another node has it.</summary>
    public static async Task<HeldLease?> Take(INodes nodes, string name, TimeProvider time, CancellationToken stop)
    {
        var asked = time.GetTimestamp();
        var lease = await nodes.Take(name, Duration, stop).WaitAsync(Duration, time, stop);
        return lease is null ? null : new(nodes, lease, asked, time, stop);
    }

    public async ValueTask DisposeAsync()
    {
        var held = Holds;
        End();
        try
        {
            await _renewing;
            // Whoever comes next need not wait for the end of it.
            if (held) await _nodes.LetGo(_lease, CancellationToken.None).WaitAsync(Duration, _time);
        }
        catch (Exception exception) when (exception is JournalUnavailableException or TimeoutException)
        {
            // It ends by itself.
        }
        finally
        {
            _ended.Dispose();
        }
    }

    private async Task Renew()
    {
        var pause = Renewal;
        try
        {
            while (true)
            {
                await Task.Delay(pause, _time, Ended);
                // Not taken anew when the time is over: somebody else may have had it in between, so what was going on ends first.
                if (!Holds) break;
                pause = await TryRenew();
                if (pause == TimeSpan.Zero) break;
            }
        }
        catch (OperationCanceledException) when (Ended.IsCancellationRequested)
        {
            return;
        }
        finally
        {
            End();
        }
    }

    /// <summary>At once and on this thread: whoever works under the lease is told before anything else happens here.</summary>
    private void End() => _ended.Cancel();

    /// <summary>When to ask again; zero when another node has it.</summary>
    private async Task<TimeSpan> TryRenew()
    {
        var asked = _time.GetTimestamp();
        try
        {
            var lease = await _nodes.Take(_lease.Name, Duration, Ended).WaitAsync(TimeSpan.FromTicks(Math.Max(0, Left.Ticks)), _time, Ended);
            if (lease is null || lease.Epoch != _lease.Epoch) return TimeSpan.Zero;
            _lease = lease;
            Volatile.Write(ref _confirmed, asked);
            return Renewal;
        }
        catch (Exception exception) when (exception is JournalUnavailableException or TimeoutException)
        {
            return Retry;
        }
    }
}
