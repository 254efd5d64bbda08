using System.Diagnostics;
using ArtifactStore.Benchmarks.Processes;
using ArtifactStore.Benchmarks.Stores;
using ArtifactStore.Benchmarks.Suite;

namespace ArtifactStore.Benchmarks.Cases;

/// <summary>From the start of the process until it has answered GET /health, with a large store and with an empty one.</summary>
internal static class Startup
{
    public static async Task Run(Workbench bench)
    {
        var large = await GeneratedStores.Files(bench);
        var empty = bench.NewFolder("empty");
        var ours = new Side(new("large store", Units.Seconds), () => StartAndAsk(bench, large));
        var other = new Side(new("empty store", Units.Seconds), () => StartAndAsk(bench, empty));
        bench.Alternate(bench.Scale.Rounds, ours, other);
        var what = $"start with {Units.Count(bench.Scale.Files)} contents in {Units.Count(bench.Scale.Directories)} directories";
        bench.Report.Absolute(
            what, ours.Series, new(1, AtLeast: false, Units.Seconds),
            $"{other.Series.Name}: {other.Series}, ratio {Series.Ratio(ours.Series, other.Series)}");
    }

    private static double StartAndAsk(Workbench bench, string folder)
    {
        var watch = Stopwatch.StartNew();
        using var store = StoreServer.Start(bench, folder);
        using var connection = store.Connect();
        connection.Send("GET", "/health").Expect(200);
        // Stopping, when this scope ends, comes after the value was taken.
        return watch.Elapsed.TotalSeconds;
    }
}
