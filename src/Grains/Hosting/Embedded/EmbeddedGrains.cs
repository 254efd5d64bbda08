using System.Collections.Concurrent;
using System.Collections.Frozen;
using ArtifactStore.Interfaces.Hosting;

namespace ArtifactStore.Grains.Hosting.Embedded;

/// <summary>
/// Grains in this process: one activation per interface and key, one turn at a time, everything on one injected scheduler, so that a
/// simulation can drive it step by step. Memory is bounded by <see cref="EmbeddedGrainsOptions"/>.
/// </summary>
/// <remarks>
/// The caller's execution context (async locals, culture, activity) does not flow into grains: turns serve many callers, and what the first
/// one carried must not stick to the others. A call has no deadline of its own: what a grain awaits (journal, views) has.
/// </remarks>
public sealed class EmbeddedGrains : IGrains, IAsyncDisposable
{
    /// <summary>Activations that one over-full creation looks at before it drops one.</summary>
    private const int LooksPerEviction = 16;

    /// <summary>Looks of the clock within <see cref="EmbeddedGrainsOptions.IdleTime"/>.</summary>
    private const int LooksPerIdleTime = 8;

    private readonly FrozenDictionary<Type, GrainKind> _kinds;
    private readonly TaskScheduler _scheduler;
    private readonly EmbeddedGrainsOptions _options;
    private readonly ITimer _clock;

    /// <summary>All activations, in the order in which they are looked at; dead ones leave when their turn comes.</summary>
    private readonly ConcurrentQueue<Activation> _round = new();

    private int _count;
    private volatile TaskCompletionSource? _emptied;

    public EmbeddedGrains(GrainFactories factories, TaskScheduler scheduler, TimeProvider time, EmbeddedGrainsOptions? options = null)
    {
        _kinds = factories.All.ToFrozenDictionary(pair => pair.Key, pair => new GrainKind(pair.Key, pair.Value));
        _scheduler = scheduler;
        _options = options ?? new();
        var period = _options.IdleTime / LooksPerIdleTime;
        using (SuppressFlow()) _clock = time.CreateTimer(static self => ((EmbeddedGrains)self!).ScheduleLook(), this, period, period);
    }

    /// <summary>How many grains are active now.</summary>
    public int Count => Volatile.Read(ref _count);

    public Task<TResult> Call<TGrain, TResult>(string key, Func<TGrain, Task<TResult>> call) where TGrain : class, IGrain
    {
        var kind = _kinds.GetValueOrDefault(typeof(TGrain)) ?? throw new InvalidOperationException($"no grain is registered for {typeof(TGrain).Name}");
        var invocation = new Invocation<TGrain, TResult>(call);
        if (TaskScheduler.Current is Activation caller)
        {
            invocation.Caller = caller.CurrentCall;
            if (WaitsForItself(kind, key, invocation.Caller)) return Task.FromException<TResult>(new GrainCallCycleException(key));
        }
        else if (IsClosing)
        {
            return Task.FromException<TResult>(new ObjectDisposedException(nameof(EmbeddedGrains)));
        }
        while (!Find(kind, key).TryAccept(invocation, _options.MaxWaitingCalls))
        {
            // It died between being found and being asked, and whoever killed it removes it: the next look makes a new one.
        }
        return invocation.Task;
    }

    public Task Call<TGrain>(string key, Func<TGrain, Task> call) where TGrain : class, IGrain => Call<TGrain, bool>(
        key,
        async grain =>
        {
            await call(grain);
            return true;
        });

    /// <summary>
    /// Refuses calls from outside, lets those in progress (and the calls that they make) end, then deactivates every grain.
    /// </summary>
    public async ValueTask DisposeAsync()
    {
        var emptied = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        if (Interlocked.CompareExchange(ref _emptied, emptied, null) is { } earlier)
        {
            await earlier.Task;
            return;
        }
        await _clock.DisposeAsync();
        foreach (var kind in _kinds.Values)
        {
            foreach (var activation in kind.Activations.Values) activation.CloseWhenIdle();
        }
        if (Count == 0) emptied.TrySetResult();
        await emptied.Task;
    }

    internal bool IsClosing => _emptied is not null;

    internal void RunBurst(Activation activation)
    {
        using (SuppressFlow())
        {
            new Task(static activation => ((Activation)activation!).Burst(), activation).Start(_scheduler);
        }
    }

    internal void Forget(GrainKind kind, Activation activation)
    {
        if (!kind.Activations.TryRemove(new(activation.Key, activation))) return;
        if (Interlocked.Decrement(ref _count) == 0) _emptied?.TrySetResult();
    }

    internal void Unhandled(string key, Exception exception) => _options.Unhandled?.Invoke(key, exception);

    private static bool WaitsForItself(GrainKind kind, string key, IInvocation? caller)
    {
        if (kind.Interleaves) return false;
        for (var call = caller; call is not null; call = call.Caller)
        {
            if (call.Target is { } target && target.Key == key && kind.Activations.TryGetValue(key, out var active) && active == target)
            {
                return true;
            }
        }
        return false;
    }

    private Activation Find(GrainKind kind, string key)
    {
        if (kind.Activations.TryGetValue(key, out var found))
        {
            if (!found.IsDead) return found;
            Forget(kind, found);
        }
        var created = new Activation(this, kind, key);
        // Counted before it can be found: its end must never be counted before its beginning.
        var count = Interlocked.Increment(ref _count);
        if (!kind.Activations.TryAdd(key, created))
        {
            Interlocked.Decrement(ref _count);
            return Find(kind, key);
        }
        _round.Enqueue(created);
        if (IsClosing) created.CloseWhenIdle();
        if (count > _options.MaxActivations) DropLeastRecentlyUsed();
        return created;
    }

    /// <summary>Second chance: one that was called since the last look is spared once.</summary>
    private void DropLeastRecentlyUsed()
    {
        var looks = 0;
        for (var left = _round.Count; left > 0 && _round.TryDequeue(out var activation); left--)
        {
            if (activation.IsDead) continue;
            _round.Enqueue(activation);
            // One that is leaving already makes no room a second time.
            if (activation.IsLeaving) continue;
            if (activation.Touched && ++looks < LooksPerEviction)
            {
                activation.Touched = false;
                continue;
            }
            activation.CloseWhenIdle();
            return;
        }
    }

    private void ScheduleLook()
    {
        using (SuppressFlow())
        {
            _ = Task.Factory.StartNew(
                static self => ((EmbeddedGrains)self!).Look(), this, default, TaskCreationOptions.DenyChildAttach, _scheduler);
        }
    }

    private void Look()
    {
        for (var left = _round.Count; left > 0 && _round.TryDequeue(out var activation); left--)
        {
            if (activation.IsDead) continue;
            _round.Enqueue(activation);
            activation.QuietLooks = activation.Touched ? 0 : activation.QuietLooks + 1;
            activation.Touched = false;
            if (activation.QuietLooks >= LooksPerIdleTime) activation.CloseWhenIdle();
        }
    }

    private static AsyncFlowControl? SuppressFlow() => ExecutionContext.IsFlowSuppressed() ? null : ExecutionContext.SuppressFlow();
}
