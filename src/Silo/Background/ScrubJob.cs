using ArtifactStore.Gateway.Shared;
using ArtifactStore.Interfaces.Blobs;
using ArtifactStore.Interfaces.Contents;
using ArtifactStore.Interfaces.Ids;
using ArtifactStore.Interfaces.Views;

namespace ArtifactStore.Silo.Background;

/// <summary>
/// Reads everything again, once in each pass. Passes are multiples of the period since 1970, and what was verified or settled since this one
/// began needs nothing more: so a node that takes over, or starts again, knows what is left from the views alone, and nothing is kept of a
/// cursor. Within a pass the reading is spread evenly over nine tenths of the time that is left.
/// </summary>
public sealed class ScrubJob(
    IViews views, IBlobStores blobs, LocationVerifier verifier, ScrubProgress progress, TimeSpan period, TimeProvider time) : IBackgroundJob
{
    /// <summary>What an object costs besides its bytes.</summary>
    public const long ObjectCost = 64 * 1024;

    private const int SurveyPage = 1000;
    private const int StepLocations = 64;
    private const double Spread = 0.9;

    /// <summary>After a longer pause another node may have been at it.</summary>
    private static readonly TimeSpan Stale = TimeSpan.FromMinutes(2);

    private readonly Queue<(BackendId Backend, long After)> _left = new();
    private DateTimeOffset _pass;
    private DateTimeOffset _surveyed;
    private DateTimeOffset _lastStep;
    private long _done;

    public string Name => "scrub";

    public TimeSpan Every => TimeSpan.FromSeconds(10);

    public bool OnEveryNode => false;

    public async Task<bool> Step(CancellationToken cancellation)
    {
        var now = time.GetUtcNow();
        var pass = DateTimeOffset.UnixEpoch + period * Math.Floor((now - DateTimeOffset.UnixEpoch) / period);
        if (pass != _pass || now - _lastStep > Stale) await Survey(pass, cancellation);
        try
        {
            return await Work(cancellation);
        }
        finally
        {
            _lastStep = time.GetUtcNow();
        }
    }

    /// <summary>What is due, in pages of the views: no object is touched.</summary>
    private async Task Survey(DateTimeOffset pass, CancellationToken cancellation)
    {
        long objects = 0, bytes = 0, overdue = 0;
        _left.Clear();
        foreach (var backend in blobs.All)
        {
            for (long? after = 0; after is { } key;)
            {
                var page = await views.Locations(backend.Id, key, SurveyPage, cancellation);
                foreach (var item in page.Items.Where(item => IsDue(item, pass)))
                {
                    objects++;
                    bytes += item.Content.Size;
                    if (item.CheckedAt < pass - period) overdue++;
                }
                after = page.Next;
            }
            _left.Enqueue((backend.Id, 0));
        }
        (_pass, _surveyed, _done) = (pass, time.GetUtcNow(), 0);
        Say(new(pass, pass + period, objects, bytes, objects, bytes, overdue, Faults: 0));
    }

    private async Task<bool> Work(CancellationToken cancellation)
    {
        if (!_left.TryPeek(out var at)) return false;
        var page = await views.Locations(at.Backend, at.After, StepLocations, cancellation);
        var due = page.Items.Where(item => IsDue(item, _pass)).ToList();
        var credit = Credit();
        var taken = new List<StoredLocation>();
        foreach (var item in due)
        {
            credit -= CostOf(item);
            if (credit < 0) break;
            taken.Add(item);
        }
        if (taken.Count == 0 && due.Count > 0) return false;
        // To the end of the queue first: a backend that is away must not keep the others from being read.
        _left.Dequeue();
        if (taken.Count > 0) await Verify(at, taken, cancellation);
        var next = taken.Count < due.Count ? taken[^1].Key : page.Next;
        if (next is { } key) _left.Enqueue((at.Backend, key));
        return _left.Count > 0;
    }

    private async Task Verify((BackendId Backend, long After) at, List<StoredLocation> taken, CancellationToken cancellation)
    {
        VerificationPage found;
        try
        {
            found = await verifier.Verify(at.Backend, taken, jobs: 1, cancellation);
        }
        catch
        {
            _left.Enqueue(at);
            throw;
        }
        _done += taken.Sum(CostOf);
        var report = progress.Report!;
        Say(report with
        {
            ObjectsLeft = Math.Max(0, report.ObjectsLeft - taken.Count),
            BytesLeft = Math.Max(0, report.BytesLeft - taken.Sum(item => item.Content.Size)),
            ObjectsOverdue = Math.Max(0, report.ObjectsOverdue - taken.Count(item => item.CheckedAt < _pass - period)),
            Faults = report.Faults + found.Faults.Count,
        });
    }

    /// <summary>How much may be read by now and was not.</summary>
    private double Credit()
    {
        var report = progress.Report!;
        var total = report.Bytes + (double)report.Objects * ObjectCost;
        var available = (_pass + period - _surveyed) * Spread;
        var share = available > TimeSpan.Zero ? Math.Min(1, (time.GetUtcNow() - _surveyed) / available) : 1;
        return total * share - _done;
    }

    private void Say(ScrubReport report)
    {
        progress.Report = report;
        BackgroundMetrics.Scrub(report);
    }

    private static long CostOf(StoredLocation item) => item.Content.Size + ObjectCost;

    private static bool IsDue(StoredLocation item, DateTimeOffset pass) => item.CheckedAt < pass;
}
