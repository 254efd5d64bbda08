using System.Diagnostics;
using ArtifactStore.Benchmarks.Processes;
using ArtifactStore.Benchmarks.Stores;
using ArtifactStore.Benchmarks.Suite;
using ArtifactStore.Interfaces.Ids;
using ArtifactStore.Interfaces.Journal;
using ArtifactStore.Storage.Journal.Postgres;
using ArtifactStore.Storage.Journal.Sqlite;

namespace ArtifactStore.Benchmarks.Cases;

/// <summary>
/// The journal alone, in this process: many appenders, each waiting until its append is durable before the next, against one. An
/// append is a package: two events and a condition. The ratio is what group commit gives.
/// </summary>
internal static class Journal
{
    private const int EventsPerAppend = 2;
    private const double EventsPerSecondOnPostgres = 5_000;

    public static async Task Run(Workbench bench)
    {
        var ids = new RandomIds();
        var path = Path.Combine(bench.NewFolder("journal"), "artifactstore.db");
#pragma warning disable RS0030 // this program is its own composition root
        await using var store = await SqliteStore.Open(new() { Path = path }, TimeProvider.System, ids);
#pragma warning restore RS0030
        var (many, one) = Compare(bench, store.Journal, ids);
        bench.Report.Compare(
            $"journal, {bench.Scale.Appenders} concurrent appenders", many, one, Series.Ratio(many, one), goal: null);
    }

    public static async Task RunOnPostgres(Workbench bench)
    {
        await using var server = await PostgresEndpoint.Start(bench);
        if (server is null) return;
        var ids = new RandomIds();
        var options = new PostgresOptions { Url = new(await server.NewDatabase()) };
#pragma warning disable RS0030 // this program is its own composition root
        await using var store = await PostgresStore.Open(options, TimeProvider.System, ids);
#pragma warning restore RS0030
        var (many, one) = Compare(bench, store.Journal, ids);
        var goal = new Goal(EventsPerSecondOnPostgres, AtLeast: true, PerSecond);
        bench.Report.Add(new(
            $"journal on PostgreSQL, {bench.Scale.Appenders} concurrent appenders", many.ToString(), $"{one.Name}: {one}",
            Series.Ratio(many, one).ToString(), goal.ToString(), goal.Met(many.Median)));
    }

    private static (Series Many, Series One) Compare(Workbench bench, IJournal journal, IIds ids)
    {
        var appenders = bench.Scale.Appenders;
        var many = new Side(new($"{appenders} appenders", PerSecond), () => Measure(bench, journal, ids, appenders));
        var one = new Side(new("one appender", PerSecond), () => Measure(bench, journal, ids, appenders: 1));
        bench.Alternate(bench.Scale.Rounds, many, one);
        return (many.Series, one.Series);
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
