using System.Diagnostics;
using System.Globalization;
using System.Text;
using ArtifactStore.Benchmarks.Load;
using ArtifactStore.Benchmarks.Suite;

namespace ArtifactStore.Benchmarks.Cases;

/// <summary>
/// What the journal's counters say about the load: an append that had a transaction for itself would cost a sync, a batch costs one
/// for all. The saving is appends minus batches.
/// </summary>
internal sealed class GroupCommit(HttpConnection store)
{
    private const string Appends = "artifactstore_journal_appends_total";
    private const string Batches = "artifactstore_journal_batches_total";
    private double _appends;
    private double _batches;
    private double _seconds;

    public Side Around(Side load) => load with
    {
        Measure = () =>
        {
            var before = (Read(Appends), Read(Batches));
            var watch = Stopwatch.StartNew();
            var value = load.Measure();
            _seconds += watch.Elapsed.TotalSeconds;
            _appends += Read(Appends) - before.Item1;
            _batches += Read(Batches) - before.Item2;
            return value;
        },
    };

    public void AddTo(Report report)
    {
        if (_batches == 0) return;
        report.Add(new Row(
            "syncs of the journal saved by group commit",
            $"{Units.PerSecond((_appends - _batches) / _seconds)}",
            Units.Text($"{_appends / _seconds:#,0} appends/s in {_batches / _seconds:#,0} commits/s, {_appends / _batches:0.0} a commit"),
            "", "", null));
    }

    /// <summary>The sum over all labels of a counter; zero when the store has none of that name.</summary>
    private double Read(string name) => Encoding.UTF8.GetString(store.Send("GET", "/metrics").Expect(200).Body.Span).Split('\n')
        .Where(line => line.StartsWith(name, StringComparison.Ordinal))
        .Sum(line => double.Parse(line[(line.LastIndexOf(' ') + 1)..], CultureInfo.InvariantCulture));
}
