using System.Collections.Concurrent;
using ArtifactStore.Conformance.InMemory;
using ArtifactStore.Conformance.Time;
using ArtifactStore.Interfaces.Ids;
using ArtifactStore.Interfaces.Journal;
using ArtifactStore.Silo.Background;
using Microsoft.Extensions.Logging;

namespace ArtifactStore.Silo.Tests.Background;

/// <summary>Several schedulers over one table of nodes: what one of them does at a time, and who follows when it does no more.</summary>
public sealed class BackgroundWorkTests
{
    private static readonly TimeSpan LeaseTime = TimeSpan.FromSeconds(30);

    private const int Seeds = 25;

    private ManualTime _time = null!;
    private InMemoryNodeTable _table = null!;
    private List<Node> _nodes = null!;
    private StepScheduler _scheduler = null!;

    /// <summary>On one thread, in orders that the seeds choose; time goes on, second by second, when nothing is left to do.</summary>
    private void Run(Func<Task> test)
    {
        for (var seed = 0; seed < Seeds; seed++)
        {
            _time = new();
            _table = new(_time);
            _nodes = [];
            _scheduler = new(seed);
            _scheduler.Run(
                async () =>
                {
                    await test();
                    foreach (var node in _nodes) await node.End();
                },
                stuck: () =>
                {
                    _time.Advance(TimeSpan.FromSeconds(1));
                    return true;
                });
        }
    }

    private Task Pass(TimeSpan time) => Task.Delay(time, _time);

    private async Task Until(Func<bool> condition)
    {
        for (var seconds = 0; !condition(); seconds++)
        {
            Assert.True(seconds < 60, "did not happen within a minute");
            await Pass(TimeSpan.FromSeconds(1));
        }
    }

    [Fact]
    public void A_job_runs_at_the_start_and_then_every_so_often() => Run(async () =>
    {
        var job = new StepJob();
        Begin(job);
        await Until(() => job.Steps == 1);
        await Pass(TimeSpan.FromMinutes(59));
        Assert.Equal(1, job.Steps);
        await Pass(TimeSpan.FromMinutes(2));
        await Until(() => job.Steps == 2);
    });

    [Fact]
    public void A_run_goes_on_step_by_step_for_as_long_as_there_is_more() => Run(async () =>
    {
        var job = new StepJob { More = step => step < 5 };
        Begin(job);
        await Until(() => job.Steps == 5);
        await Pass(TimeSpan.FromMinutes(1));
        Assert.Equal(5, job.Steps);
    });

    [Fact]
    public void Two_nodes_never_run_one_job_at_once_and_not_twice_as_often() => Run(async () =>
    {
        var busy = 0;
        var together = 0;
        var jobs = Enumerable.Range(0, 2).Select(_ => new StepJob
        {
            Run = async _ =>
            {
                if (Interlocked.Increment(ref busy) > 1) Interlocked.Increment(ref together);
                await Task.Yield();
                Interlocked.Decrement(ref busy);
            },
        }).ToList();
        foreach (var job in jobs) Begin(job);
        await Until(() => jobs.Sum(job => job.Steps) == 1);
        await Pass(TimeSpan.FromHours(5) + TimeSpan.FromMinutes(1));
        Assert.Equal(0, together);
        Assert.InRange(jobs.Sum(job => job.Steps), 5, 6);
        Assert.Contains(jobs, job => job.Steps == 0);
    });

    [Fact]
    public void Each_node_does_for_itself_what_needs_no_lease() => Run(async () =>
    {
        var jobs = new[] { new StepJob { OnEveryNode = true }, new StepJob { OnEveryNode = true } };
        foreach (var job in jobs) Begin(job);
        await Until(() => jobs.All(job => job.Steps == 1));
    });

    [Fact]
    public void A_holder_that_dies_is_followed_after_the_end_of_its_lease() => Run(async () =>
    {
        var first = Begin(new StepJob());
        await Until(() => first.Job.Steps == 1);
        var second = Begin(new StepJob());
        first.Frozen = true;
        await Pass(LeaseTime - TimeSpan.FromSeconds(11));
        Assert.Equal(0, second.Job.Steps);
        await Pass(TimeSpan.FromSeconds(30));
        await Until(() => second.Job.Steps == 1);
        Assert.Equal(1, first.Job.Steps);
    });

    /// <summary>SIGSTOP in the middle of a step, for longer than the lease; another node has taken over when it goes on.</summary>
    [Fact]
    public void A_node_that_was_frozen_does_not_begin_another_step() => Run(async () =>
    {
        var wakes = new TaskCompletionSource();
        var job = new StepJob { More = step => step < 50, Run = async step => { if (step == 2) await wakes.Task; } };
        var frozen = Begin(job);
        await Until(() => job.Begun == 2);

        // No timer of a stopped process fires, so nothing but its own clock can tell it, and that only when it goes on.
        frozen.Frozen = true;
        frozen.Clock.Stop();
        var other = Begin(new StepJob());
        await Pass(LeaseTime + TimeSpan.FromSeconds(15));
        await Until(() => other.Job.Steps == 1);
        frozen.Clock.Jump();
        wakes.SetResult();

        await Until(() => job.Steps == 2);
        await Until(() => frozen.Told.Any(line => line.Contains("no longer has the lease", StringComparison.Ordinal)));
        Assert.Equal(2, job.Begun);
    });

    [Fact]
    public void A_step_is_told_to_leave_off_when_the_lease_cannot_be_renewed() => Run(async () =>
    {
        var job = new StepJob { Run = _ => Task.CompletedTask, Hang = true };
        var node = Begin(job);
        await Until(() => job.Begun == 1);
        node.Away = true;
        await Pass(LeaseTime - TimeSpan.FromSeconds(2));
        Assert.False(job.Cancelled);
        await Pass(TimeSpan.FromSeconds(4));
        await Until(() => job.Cancelled);
    });

    [Fact]
    public void A_database_that_is_away_is_told_once_and_the_job_goes_on_when_it_is_back() => Run(async () =>
    {
        var job = new StepJob();
        var node = Begin(job, away: true);
        await Pass(TimeSpan.FromMinutes(3));
        Assert.Equal(0, job.Steps);
        Assert.Single(node.Told, line => line.Contains("gone", StringComparison.Ordinal));
        Assert.InRange(node.Asked, 6, 20);
        node.Away = false;
        await Pass(TimeSpan.FromMinutes(1.1));
        await Until(() => job.Steps == 1);
        await Until(() => node.Told.Any(line => line.Contains("succeeds again", StringComparison.Ordinal)));
    });

    [Fact]
    public void A_job_that_fails_is_told_once_and_leaves_the_lease_to_others() => Run(async () =>
    {
        var broken = Begin(new StepJob { Run = _ => throw new InvalidOperationException("a bug") });
        await Until(() => broken.Told.Any(line => line.Contains("nobody foresaw", StringComparison.Ordinal)));
        var other = Begin(new StepJob());
        await Pass(TimeSpan.FromMinutes(2));
        await Until(() => other.Job.Steps == 1);
        Assert.Single(broken.Told, line => line.Contains("nobody foresaw", StringComparison.Ordinal));
    });

    [Fact]
    public void A_stop_ends_the_step_and_hands_the_lease_over_at_once() => Run(async () =>
    {
        var first = Begin(new StepJob { Hang = true });
        await Until(() => first.Job.Begun == 1);
        await first.Nodes.Beat("first");
        var second = Begin(new StepJob());
        await first.Work.Stop();
        Assert.True(first.Job.Cancelled);
        Assert.DoesNotContain(await second.Nodes.Living(), node => node.Name == "first");
        await Pass(TimeSpan.FromSeconds(11));
        await Until(() => second.Job.Steps == 1);
        Assert.Empty(first.Told);
    });

    private Node Begin(StepJob job, bool away = false)
    {
        var node = new Node(_table, _time, _scheduler, new(new Guid(_nodes.Count + 1, 0, 0, new byte[8])), job) { Away = away };
        _nodes.Add(node);
        node.Work.Start();
        return node;
    }

    private sealed class StepJob : IBackgroundJob
    {
        private int _begun;
        private int _steps;

        public string Name => "job";
        public TimeSpan Every => TimeSpan.FromHours(1);
        public bool OnEveryNode { get; init; }
        public Func<int, Task> Run { get; init; } = _ => Task.CompletedTask;
        public Func<int, bool> More { get; init; } = _ => false;
        public bool Hang { get; init; }
        public bool Cancelled { get; private set; }
        public int Begun => Volatile.Read(ref _begun);
        public int Steps => Volatile.Read(ref _steps);

        public async Task<bool> Step(CancellationToken cancellation)
        {
            await Run(Interlocked.Increment(ref _begun));
            if (Hang)
            {
                var cancelled = new TaskCompletionSource();
                await using var registration = cancellation.Register(() => cancelled.SetResult());
                await cancelled.Task;
                Cancelled = true;
                cancellation.ThrowIfCancellationRequested();
            }
            return More(Interlocked.Increment(ref _steps));
        }
    }

    /// <summary>A scheduler with its own clock and its own way to the table.</summary>
    private sealed class Node : INodes, ILogger<BackgroundWork>
    {
        private readonly TaskCompletionSource _thawed = new();
        private int _asked;

        public Node(InMemoryNodeTable table, ManualTime time, TaskScheduler scheduler, NodeId self, StepJob job)
        {
            Nodes = table.Node(self);
            Clock = new(time);
            Job = job;
            Work = new(this, [job], Clock, scheduler, this);
        }

        public INodes Nodes { get; }
        public StoppableTime Clock { get; }
        public StepJob Job { get; }
        public BackgroundWork Work { get; }
        public ConcurrentQueue<string> Told { get; } = [];

        /// <summary>Nothing it asks gets through.</summary>
        public bool Frozen { get; set; }

        public bool Away { get; set; }

        public int Asked => Volatile.Read(ref _asked);

        public NodeId Self => Nodes.Self;

        public async Task End()
        {
            (Frozen, Away) = (false, false);
            _thawed.TrySetResult();
            await Work.DisposeAsync();
        }

        public Task Beat(string name, CancellationToken cancellation = default) => Nodes.Beat(name, cancellation);
        public Task<IReadOnlyList<NodeView>> Living(CancellationToken cancellation = default) => Nodes.Living(cancellation);
        public Task Leave(CancellationToken cancellation = default) => Nodes.Leave(cancellation);
        public Task LetGo(Lease lease, CancellationToken cancellation = default) => Nodes.LetGo(lease, cancellation);

        public async Task<Lease?> Take(string name, TimeSpan duration, CancellationToken cancellation = default)
        {
            Interlocked.Increment(ref _asked);
            if (Frozen) await _thawed.Task.WaitAsync(cancellation);
            if (Away) throw new JournalUnavailableException("the database is gone");
            return await Nodes.Take(name, duration, cancellation);
        }

        public IDisposable? BeginScope<TState>(TState state) where TState : notnull => null;
        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(
            LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) =>
            Told.Enqueue(formatter(state, exception));
    }

    /// <summary>The clock as a stopped process sees it: no timer fires; when it goes on, the time has jumped.</summary>
    private sealed class StoppableTime(ManualTime time) : TimeProvider
    {
        private volatile bool _stopped;

        public override long TimestampFrequency => time.TimestampFrequency;
        public override long GetTimestamp() => time.GetTimestamp();
        public override DateTimeOffset GetUtcNow() => time.GetUtcNow();
        public void Stop() => _stopped = true;

        /// <summary>Goes on, before any of the missed timers fires.</summary>
        public void Jump() => _stopped = false;

        public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period) => time.CreateTimer(
            given =>
            {
                if (!_stopped) callback(given);
            },
            state, dueTime, period);
    }
}
