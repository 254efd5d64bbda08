using ArtifactStore.Interfaces.Journal;
using Microsoft.Extensions.Logging;

namespace ArtifactStore.Silo.Background;

/// <summary>
/// Compares the numbers that the store shows with its rows, a page a step. It repairs nothing: a drift is a bug, and whoever hides it hides the bug.
/// </summary>
public sealed partial class RecountJob(IMaintenance maintenance, TimeSpan interval, TimeProvider time, ILogger<RecountJob> logger) : IBackgroundJob
{
    private readonly DueTime _due = new(interval, time);
    private RecountPlace? _after;
    private long _drifts;

    public string Name => "recount";

    public TimeSpan Every => _due.Look;

    public bool OnEveryNode => false;

    public async Task<bool> Step(CancellationToken cancellation)
    {
        if (_after is null && !_due.Passed()) return false;
        var page = await maintenance.Recount(_after, cancellation);
        foreach (var drift in page.Drifts) LogDrift(logger, drift.What, drift.Of, drift.Shown, drift.Counted);
        _drifts += page.Drifts.Count;
        _after = page.Next;
        if (_after is not null) return true;
        BackgroundMetrics.Recounted(_drifts);
        _drifts = 0;
        return false;
    }

    [LoggerMessage(EventId = 5031, Level = LogLevel.Error,
        Message = "The {What} of {Of} drifted: the store shows {Shown}, its rows say {Counted}; artifactstore recount tells all, artifactstore replay makes "
            + "the views anew")]
    private static partial void LogDrift(ILogger logger, string what, string of, long shown, long counted);
}
