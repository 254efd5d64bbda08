using ArtifactStore.Benchmarks.Processes;
using ArtifactStore.Benchmarks.Suite;

namespace ArtifactStore.Benchmarks.Cases;

/// <summary>
/// The same small pushes with the journal in PostgreSQL and in SQLite, one node each, and then with ever more clients on PostgreSQL: group
/// commit has to turn more clients into more pushes until the cores are busy.
/// </summary>
internal static class PushPostgres
{
    private const double OfSqlite = 0.5;

    public static async Task Run(Workbench bench)
    {
        await using var server = await PostgresEndpoint.Start(bench);
        if (server is null) return;
        using var postgres = StoreServer.Start(bench, bench.NewFolder("postgres-store"), await server.NewDatabase());
        using var sqlite = StoreServer.Start(bench, bench.NewFolder("sqlite-store"));
        Compare(bench, postgres, sqlite);
        Grow(bench, postgres);
    }

    private static void Compare(Workbench bench, StoreServer postgres, StoreServer sqlite)
    {
        var clients = bench.Scale.Clients;
        var ours = PushLoad.IntoOnePackage("PostgreSQL", bench, [postgres], clients);
        var other = PushLoad.IntoOnePackage("SQLite", bench, [sqlite], clients);
        bench.Alternate(bench.Scale.Rounds, ours.Side, other.Side);
        bench.Report.Compare(
            $"push 1 KiB on PostgreSQL, {clients} clients", ours.Rate, other.Rate, Series.Ratio(ours.Rate, other.Rate),
            Goal.AtLeastTimes(OfSqlite));
        bench.Report.Compare(
            $"push 1 KiB on PostgreSQL, {clients} clients, p99", ours.P99, other.P99, Series.Ratio(other.P99, ours.P99), goal: null);
    }

    private static void Grow(Workbench bench, StoreServer postgres)
    {
        var steps = bench.Scale.ClientCounts.Select(clients => new Step(bench, postgres, clients)).ToArray();
        bench.Alternate(bench.Scale.Rounds, [.. steps.Select(step => step.Side)]);
        Step? before = null;
        foreach (var step in steps)
        {
            bench.Report.Add(new(
                $"push 1 KiB on PostgreSQL, {step.Rate.Name}, cores busy {step.Busy}", step.Rate.ToString(),
                before is null ? "" : $"{before.Rate.Name}: {before.Rate}",
                before is null ? "" : Series.Ratio(step.Rate, before.Rate).ToString(), "", null));
            before = step;
        }
    }

    /// <summary>A number of clients, and how busy they kept the machine.</summary>
    private sealed class Step
    {
        private double _busyPercent;

        public Step(Workbench bench, StoreServer postgres, int clients)
        {
            var name = clients == 1 ? "1 client" : Units.Text($"{clients} clients");
            var load = PushLoad.IntoOnePackage(name, bench, [postgres], clients, bench.Scale.GrowthSeconds);
            Rate = load.Rate;
            // The first round is the one that is not counted.
            var counted = bench.Options.Quick;
            Side = load.Side with
            {
                Measure = () =>
                {
                    var rate = 0.0;
                    _busyPercent = Machine.BusyPercent(() => rate = load.Side.Measure());
                    return rate;
                },
                CleanUp = () =>
                {
                    if (counted) Busy.Add(_busyPercent);
                    counted = true;
                },
            };
        }

        public Series Rate { get; }

        public Series Busy { get; } = new("cores busy", percent => Units.Text($"{percent:0} %"));

        public Side Side { get; }
    }
}
