namespace ArtifactStore.Grains.Hosting.Embedded;

/// <summary>
/// The place of one grain: its mailbox, its turns, its life. It is the task scheduler that the grain's awaits come back to, and hands all
/// its work to the host's scheduler in bursts.
/// Invariants: at most one burst is queued or running, so turns never overlap; a grain that does not interleave has at most one call in
/// progress; calls begin in the order in which they came; no call is lost when the grain is dropped, it finds the next one.
/// </summary>
internal sealed class Activation(EmbeddedGrains host, GrainKind kind, string key) : TaskScheduler
{
    /// <summary>Turns in one burst, then other activations get the thread.</summary>
    private const int TurnsPerBurst = 64;

    [ThreadStatic]
    private static Activation? s_onThisThread;

    /// <summary>Which call an interleaving grain's code belongs to; the others have only one at a time and need no flow.</summary>
    private static readonly AsyncLocal<IInvocation?> s_interleaved = new();

    private readonly Lock _gate = new();
    private readonly Queue<IInvocation> _mailbox = new(0);
    private readonly Queue<Task> _continuations = new(0);
    private volatile Phase _phase;
    private bool _burstIsDue;
    private bool _closeSoon;
    private volatile bool _closeWhenIdle;
    private int _inProgress;
    private IInvocation? _current;
    private GrainBase? _grain;

    private enum Phase
    {
        /// <summary>No grain. The first call opens it.</summary>
        Cold = 0,
        Opening = 1,
        Open = 2,
        Closing = 3,

        /// <summary>Removed from the host: a call must look for the next activation.</summary>
        Dead = 4,
    }

    public string Key => key;

    /// <summary>Set by every call, cleared by the host's clock: tells the used from the forgotten.</summary>
    public bool Touched { get; set; } = true;

    /// <summary>How many looks of the clock in a row found it untouched. Only the clock's turn writes it.</summary>
    public int QuietLooks { get; set; }

    public bool IsDead => _phase == Phase.Dead;

    /// <summary>Asked to go when it is idle, and not gone yet.</summary>
    public bool IsLeaving => _closeWhenIdle;

    public bool Interleaves => kind.Interleaves;

    public override int MaximumConcurrencyLevel => 1;

    /// <summary>The call that the code now running on this activation belongs to.</summary>
    public IInvocation? CurrentCall => kind.Interleaves ? s_interleaved.Value : _current;

    /// <summary>False: it is dead, look for the next one.</summary>
    public bool TryAccept(IInvocation invocation, int maxWaiting)
    {
        bool wake;
        lock (_gate)
        {
            if (_phase == Phase.Dead) return false;
            invocation.Target = this;
            if (_mailbox.Count >= maxWaiting)
            {
                invocation.Fail(new GrainOverloadedException(key));
                return true;
            }
            _mailbox.Enqueue(invocation);
            wake = BurstBecomesDue();
        }
        if (!Touched) Touched = true;
        if (wake) host.RunBurst(this);
        return true;
    }

    /// <summary>The grain asked to be dropped: after the calls in progress, even when others wait.</summary>
    public void CloseSoon()
    {
        lock (_gate) _closeSoon = true;
        Wake();
    }

    /// <summary>The host wants the memory back: dropped when nothing runs and nothing waits.</summary>
    public void CloseWhenIdle()
    {
        _closeWhenIdle = true;
        Wake();
    }

    /// <summary>A call has ended; called on a turn, or from wherever a foreign task was completed.</summary>
    public void Ended(IInvocation invocation)
    {
        invocation.Caller = null;
        lock (_gate)
        {
            _inProgress--;
            if (ReferenceEquals(_current, invocation)) _current = null;
        }
        Wake();
    }

    /// <summary>Runs on the host's scheduler: continuations first (they end calls), then new calls.</summary>
    public void Burst()
    {
        var before = s_onThisThread;
        var context = SynchronizationContext.Current;
        // An await prefers a synchronization context to the task scheduler: with one here, the grain would continue outside its turns.
        if (context is not null) SynchronizationContext.SetSynchronizationContext(null);
        s_onThisThread = this;
        try
        {
            for (var turns = 0; turns < TurnsPerBurst; turns++)
            {
                Task? continuation;
                lock (_gate)
                {
                    if (!_continuations.TryDequeue(out continuation) && !HasCallOrStep())
                    {
                        _burstIsDue = false;
                        return;
                    }
                }
                if (continuation is not null) TryExecuteTask(continuation);
                else new Task(static self => ((Activation)self!).CallsOrStep(), this).RunSynchronously(this);
            }
            host.RunBurst(this);
        }
        finally
        {
            s_onThisThread = before;
            if (context is not null) SynchronizationContext.SetSynchronizationContext(context);
        }
    }

    protected override void QueueTask(Task task)
    {
        lock (_gate) _continuations.Enqueue(task);
        Wake();
    }

    protected override bool TryExecuteTaskInline(Task task, bool taskWasPreviouslyQueued) =>
        !taskWasPreviouslyQueued && s_onThisThread == this && TryExecuteTask(task);

    protected override IEnumerable<Task> GetScheduledTasks()
    {
        lock (_gate) return [.. _continuations];
    }

    private void Wake()
    {
        bool wake;
        lock (_gate) wake = BurstBecomesDue();
        if (wake) host.RunBurst(this);
    }

    /// <summary>Under the gate. True for whoever has to queue the burst.</summary>
    private bool BurstBecomesDue()
    {
        if (_burstIsDue || (_continuations.Count == 0 && !HasCallOrStep())) return false;
        return _burstIsDue = true;
    }

    private bool HasCallOrStep() => _phase switch
    {
        Phase.Cold => _mailbox.Count > 0 || _closeWhenIdle,
        Phase.Open => MustClose() || MayStart(),
        _ => false,
    };

    private bool MayStart() => _mailbox.Count > 0 && !_closeSoon && (_inProgress == 0 || kind.Interleaves);

    private bool MustClose() => _inProgress == 0 && (_closeSoon || (_mailbox.Count == 0 && (_closeWhenIdle || host.IsClosing)));

    /// <summary>On a turn: opens, closes, or starts as many calls as may start now.</summary>
    private void CallsOrStep()
    {
        for (var started = 0; started < TurnsPerBurst; started++)
        {
            IInvocation invocation;
            lock (_gate)
            {
                if (_phase == Phase.Cold || (_phase == Phase.Open && MustClose())) break;
                if (_phase != Phase.Open || !MayStart()) return;
                invocation = _mailbox.Dequeue();
                _inProgress++;
                _current = invocation;
            }
            if (kind.Interleaves) s_interleaved.Value = invocation;
            invocation.Start(_grain!);
            if (kind.Interleaves) s_interleaved.Value = null;
        }
        bool open;
        lock (_gate)
        {
            if (_phase == Phase.Cold) _phase = _mailbox.Count > 0 ? Phase.Opening : Phase.Dead;
            else if (_phase == Phase.Open && MustClose()) _phase = Phase.Closing;
            else return;
            open = _phase == Phase.Opening;
        }
        if (IsDead) host.Forget(kind, this);
        else if (open) _ = Open();
        else _ = Close();
    }

    private async Task Open()
    {
        Exception failure;
        try
        {
            var grain = kind.Make(new(key, host));
            grain.Bind(this);
            await grain.Activate();
            _grain = grain;
            lock (_gate)
            {
                // Asking to be dropped while opening would drop it again and again before the first call.
                _closeSoon = false;
                _phase = Phase.Open;
            }
            return;
        }
        catch (Exception exception)
        {
            failure = exception;
        }
        IInvocation[] unanswered;
        lock (_gate)
        {
            _phase = Phase.Dead;
            unanswered = [.. _mailbox];
            _mailbox.Clear();
        }
        host.Forget(kind, this);
        foreach (var invocation in unanswered) invocation.Fail(failure);
    }

    private async Task Close()
    {
        try
        {
            await _grain!.Deactivate();
        }
        catch (Exception exception)
        {
            host.Unhandled(key, exception);
        }
        bool dead;
        lock (_gate)
        {
            _grain = null;
            _closeSoon = _closeWhenIdle = false;
            dead = _mailbox.Count == 0;
            _phase = dead ? Phase.Dead : Phase.Cold;
        }
        if (dead) host.Forget(kind, this);
    }
}
