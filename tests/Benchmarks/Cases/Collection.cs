using System.Text.Json;
using ArtifactStore.Benchmarks.Load;
using ArtifactStore.Benchmarks.Processes;
using ArtifactStore.Benchmarks.Stores;
using ArtifactStore.Benchmarks.Suite;

namespace ArtifactStore.Benchmarks.Cases;

/// <summary>
/// What retention costs where there is much: a sweep that finds a few expired packages among very many, a plan of very many expired files, and
/// how fast the collector lets them go. The bytes are missing, so that only the store's own work is measured.
/// </summary>
internal static class Collection
{
    private const double MaxSweepSeconds = 2;
    private const double MaxPlanSeconds = 60;
    private const double MaxPlanBytes = 400e6;
    private const double MinDeletionsPerMinute = 100_000;

    /// <summary>Nothing is collected before it is measured.</summary>
    private static readonly Dictionary<string, string> Quiet = new() { ["ARTIFACTSTORE_RETENTION_GC_INTERVAL_SECONDS"] = "0" };

    public static async Task Run(Workbench bench)
    {
        await Sweep(bench);
        var files = await GeneratedStores.Files(bench);
        using var store = StoreServer.Start(bench, GeneratedStores.Copy(bench, files), more: Quiet);
        using var connection = store.Connect();
        Ask(connection, "/retention/sweeps");
        Plan(bench, store, connection);
        Collect(bench, connection);
    }

    /// <summary>The whole process, on a fresh copy each time: what it marks stays marked.</summary>
    private static async Task Sweep(Workbench bench)
    {
        var made = await GeneratedStores.AgeingPackages(bench);
        var copy = "";
        var expired = bench.Scale.Packages / GeneratedStores.OneExpiredOf;
        var side = new Side(
            new("sweep", Units.Seconds),
            () =>
            {
                var finished = Tool.Run(bench.Options.Executable, ["retention", "sweep", "--json"], StoreServer.Variables(copy));
                using var said = JsonDocument.Parse(finished.Output);
                var marked = said.RootElement.GetProperty("eligible").GetInt64();
                return marked == expired ? finished.Seconds : throw new BenchmarkException($"{marked} packages were marked, not {expired}");
            },
            Prepare: () => copy = GeneratedStores.Copy(bench, made),
            CleanUp: () => Directory.Delete(copy, recursive: true));
        bench.Alternate(bench.Scale.SweepRounds, side);
        bench.Report.Absolute(
            $"sweep of {Units.Count(bench.Scale.Packages)} packages, {Units.Count(expired)} of them expired", side.Series,
            new(MaxSweepSeconds, AtLeast: false, Units.Seconds));
    }

    private static void Plan(Workbench bench, StoreServer store, HttpConnection connection)
    {
        var side = new Side(new("plan", Units.Seconds), () =>
        {
            var watch = System.Diagnostics.Stopwatch.StartNew();
            using var plan = Ask(connection, "/retention/plans");
            var files = plan.RootElement.GetProperty("files").GetInt64();
            return files == bench.Scale.Files ? watch.Elapsed.TotalSeconds : throw new BenchmarkException($"the plan has {files} files");
        });
        bench.Alternate(bench.Scale.SweepRounds, side);
        bench.Report.Absolute(
            $"plan of {Units.Count(bench.Scale.Files)} expired files", side.Series, new(MaxPlanSeconds, AtLeast: false, Units.Seconds));
        var peak = new Series("peak", Units.Megabytes);
        peak.Add(store.PeakMemoryBytes());
        bench.Report.Absolute("peak memory of the server that made these plans", peak, new(MaxPlanBytes, AtLeast: false, Units.Megabytes));
    }

    private static void Collect(Workbench bench, HttpConnection connection)
    {
        var watch = System.Diagnostics.Stopwatch.StartNew();
        using var done = Ask(connection, $"/retention/collections?seconds={bench.Scale.CollectSeconds}");
        var rate = new Series("collector", value => $"{Units.Count(value)} a minute");
        // Each lets go one reference and one copy, and tells both.
        rate.Add(done.RootElement.GetProperty("released").GetInt64() / watch.Elapsed.TotalMinutes);
        bench.Say($"  {rate}");
        bench.Report.Absolute(
            $"references let go in {bench.Scale.CollectSeconds} s, with their copies", rate,
            new(MinDeletionsPerMinute, AtLeast: true, value => $"{Units.Count(value)} a minute"));
    }

    private static JsonDocument Ask(HttpConnection connection, string target)
    {
        var answer = connection.Send("POST", target);
        return JsonDocument.Parse(answer.Expect(answer.Status == 201 ? 201 : 200).Body);
    }
}
