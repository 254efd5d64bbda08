namespace ArtifactStore.Conformance.Time;

/// <summary>
/// Runs everything on the thread that asks, one task at a time, the next one chosen by a seed: the same seed gives the same run,
/// other seeds give other interleavings.
/// </summary>
public sealed class StepScheduler(int seed) : TaskScheduler
{
    private readonly Random _random = new(seed);
    private readonly List<Task> _ready = [];

    public override int MaximumConcurrencyLevel => 1;

    /// <summary>
    /// Runs to the end. When nothing is ready and the end is not reached, <paramref name="stuck"/> may move time; else it is a deadlock.
    /// </summary>
    public void Run(Func<Task> main, Func<bool>? stuck = null)
    {
        var end = Task.Factory.StartNew(main, CancellationToken.None, TaskCreationOptions.DenyChildAttach, this).Unwrap();
        while (!end.IsCompleted)
        {
            Task next;
            lock (_ready)
            {
                if (_ready.Count > 0)
                {
                    // Not always the oldest: any order of independent tasks may happen on a real machine.
                    var chosen = _random.Next(_ready.Count);
                    next = _ready[chosen];
                    _ready.RemoveAt(chosen);
                }
                else
                {
                    next = end;
                }
            }
            if (next != end) TryExecuteTask(next);
            else if (stuck is null || !stuck()) Assert.Fail($"nothing is left to run and the end is not reached (seed {seed})");
        }
        end.GetAwaiter().GetResult();
    }

    protected override void QueueTask(Task task)
    {
        lock (_ready) _ready.Add(task);
    }

    protected override bool TryExecuteTaskInline(Task task, bool taskWasPreviouslyQueued) => false;

    protected override IEnumerable<Task> GetScheduledTasks()
    {
        lock (_ready) return [.. _ready];
    }
}
