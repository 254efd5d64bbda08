namespace ArtifactStore.Conformance.Time;

/// <summary>
/// Runs everything on the thread that asks, one task at a time, the next one chosen by the caller or by a seed: the same choices give the
/// same run, others give other interleavings.
/// </summary>
/// <param name="choose">Which of so many tasks, the oldest first, runs next.</param>
/// <param name="name">Says how to get the same run again.</param>
public sealed class StepScheduler(Func<int, int> choose, string name) : TaskScheduler
{
    private readonly List<Task> _ready = [];
    private int _thread;

    /// <summary>Tasks that came from another thread than the one that runs everything. With any, the choices do not decide alone.</summary>
    public int Foreign { get; private set; }

    public StepScheduler(int seed) : this(new Random(seed).Next, $"seed {seed}")
    {
    }

    /// <summary>
    /// Runs to the end. When nothing is ready and the end is not reached, <paramref name="stuck"/> may move time; else it is a deadlock.
    /// </summary>
    public void Run(Func<Task> main, Func<bool>? stuck = null)
    {
        _thread = Environment.CurrentManagedThreadId;
        var end = Task.Factory.StartNew(main, CancellationToken.None, TaskCreationOptions.DenyChildAttach, this).Unwrap();
        while (!end.IsCompleted)
        {
            Task next;
            lock (_ready)
            {
                if (_ready.Count > 0)
                {
                    // Not always the oldest: any order of independent tasks may happen on a real machine.
                    var chosen = choose(_ready.Count);
                    next = _ready[chosen];
                    _ready.RemoveAt(chosen);
                }
                else
                {
                    next = end;
                }
            }
            if (next != end) TryExecuteTask(next);
            else if (stuck is null || !stuck()) Assert.Fail($"nothing is left to run and the end is not reached ({name})");
        }
        end.GetAwaiter().GetResult();
    }

    protected override void QueueTask(Task task)
    {
        lock (_ready)
        {
            _ready.Add(task);
            if (_thread != 0 && _thread != Environment.CurrentManagedThreadId) Foreign++;
        }
    }

    protected override bool TryExecuteTaskInline(Task task, bool taskWasPreviouslyQueued) => false;

    protected override IEnumerable<Task> GetScheduledTasks()
    {
        lock (_ready) return [.. _ready];
    }
}
