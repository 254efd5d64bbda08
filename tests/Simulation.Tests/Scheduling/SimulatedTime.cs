namespace ArtifactStore.Simulation.Tests.Scheduling;

/// <summary>
/// The timers of all nodes. Time stands still until the next one is fired, which may happen while others could still go on: a timeout is never
/// proof that somebody is dead. Periodic timers (dropping idle grains) never fire; crashes forget more than they do.
/// </summary>
internal sealed class SimulatedTime
{
    private static readonly DateTimeOffset s_start = new(2026, 11, 20, 12, 0, 0, TimeSpan.Zero);

    private readonly List<Timer> _timers = [];
    private TimeSpan _elapsed;

    /// <summary>False: nobody waits for anything.</summary>
    public bool FireNext()
    {
        var next = _timers.MinBy(timer => timer.Due);
        if (next is null) return false;
        _timers.Remove(next);
        if (next.Due > _elapsed) _elapsed = next.Due;
        next.Fire();
        return true;
    }

    /// <summary>What one node believes the time to be; jumps are its own.</summary>
    public sealed class Clock(SimulatedTime time) : TimeProvider
    {
        public TimeSpan Jumped { get; set; }

        public override long TimestampFrequency => TimeSpan.TicksPerSecond;

        public override DateTimeOffset GetUtcNow() => s_start + time._elapsed + Jumped;

        public override long GetTimestamp() => time._elapsed.Ticks;

        public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
        {
            var timer = new Timer(time, callback, state);
            if (period <= TimeSpan.Zero) timer.Change(dueTime, period);
            return timer;
        }
    }

    private sealed class Timer(SimulatedTime time, TimerCallback callback, object? state) : ITimer
    {
        public TimeSpan Due { get; private set; }

        public void Fire() => callback(state);

        public bool Change(TimeSpan dueTime, TimeSpan period)
        {
            time._timers.Remove(this);
            if (dueTime == Timeout.InfiniteTimeSpan) return true;
            Due = time._elapsed + dueTime;
            time._timers.Add(this);
            return true;
        }

        public void Dispose() => time._timers.Remove(this);

        public ValueTask DisposeAsync()
        {
            Dispose();
            return ValueTask.CompletedTask;
        }
    }
}
