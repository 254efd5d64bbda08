using System.Diagnostics;
using ArtifactStore.Benchmarks.Stores;
using ArtifactStore.Benchmarks.Suite;
using ArtifactStore.Interfaces.Ids;
using ArtifactStore.Interfaces.Journal;
using ArtifactStore.Storage.Journal.Sqlite;

namespace ArtifactStore.Benchmarks.Cases;

/// <summary>
/// The journal alone, in this process: many appenders, each waiting until its append is durable before the next, against one. An
/// append is a package: two events and a condition. The ratio is what group commit gives.
/// </summary>
internal static class Journal
{
    private const int EventsPerAppend = 2;

    public static async Task Run(Workbench bench)
    {
        var ids = new RandomIds();
        var path = Path.Combine(bench.NewFolder("journal"), "artifactstore.db");
#pragma warning disable RS0030 // this program is its own composition root
        await using var store = await SqliteStore.Open(new() { Path = path }, TimeProvider.System, ids);
#pragma warning restore RS0030
        var appenders = bench.Scale.Appenders;
        var many = new Side(new($"{appenders} appenders", PerSecond), () => Measure(bench, store.Journal, ids, appenders));
        var one = new Side(new("one appender", PerSecond), () => Measure(bench, store.Journal, ids, appenders: 1));
        bench.Alternate(bench.Scale.Rounds, many, one);
        bench.Report.Compare(
            $"journal, {appenders} concurrent appenders", many.Series, one.Series, Series.Ratio(many.Series, one.Series), goal: null);
    }

    private static string PerSecond(double events) => Units.Text($"{events:#,0} events/s");

    /// <summary>Events per second.</summary>
    private static double Measure(Workbench bench, IJournal journal, IIds ids, int appenders)
    {
        var before = journal.Head;
        var watch = Stopwatch.StartNew();
        var end = TimeSpan.FromSeconds(bench.Scale.JournalSeconds);
        Task.WhenAll(Enumerable.Range(0, appenders).Select(_ => AppendUntil(journal, ids, watch, end))).GetAwaiter().GetResult();
        return (journal.Head - before) / watch.Elapsed.TotalSeconds;
    }

    private static async Task AppendUntil(IJournal journal, IIds ids, Stopwatch watch, TimeSpan end)
    {
        for (var number = 0; watch.Elapsed < end; number++)
        {
            var results = await journal.Append([SyntheticEvents.Package(ids, new PackageId(ids.Next()), number)]);
            if (results[0] is not AppendResult.Committed { Count: EventsPerAppend }) throw new BenchmarkException("an append was refused");
        }
    }
}
