using System.Diagnostics;
using ArtifactStore.Benchmarks.Load;
using ArtifactStore.Benchmarks.Processes;
using ArtifactStore.Benchmarks.Stores;
using ArtifactStore.Benchmarks.Suite;

namespace ArtifactStore.Benchmarks.Cases;

/// <summary>A page of packages from a store with few and from one with very many: the same rows, so it should be the same time.</summary>
internal static class ListPackages
{
    // Every filter below finds at least this many packages in the smaller store.
    private const int PageRows = 20;
    private const double MaxRatio = 1.25;

    private static readonly (string Name, string Query)[] Questions =
    [
        ("no filter", ""),
        ("by producer", "&producer=producer-1"),
        ("by subject", "&subject=subject-1"),
        ("by retention class", "&retention_class=transient"),
        ("by status", "&status=created"),
        ("by metadata", "&metadata.parity=odd"),
        ("by producer and class", "&producer=producer-1&retention_class=transient"),
        ("a filter that matches nothing", "&producer=nobody"),
        ("one that matches nothing and one that matches half", "&producer=producer-1&metadata.parity=neither"),
    ];

    public static async Task Run(Workbench bench)
    {
        var few = await GeneratedStores.Packages(bench, bench.Scale.FewPackages);
        var many = await GeneratedStores.Packages(bench, bench.Scale.Packages);
        using var small = StoreServer.Start(bench, few);
        using var large = StoreServer.Start(bench, many);
        using var smallConnection = small.Connect();
        using var largeConnection = large.Connect();
        foreach (var (name, query) in Questions)
        {
            bench.Say($"  {name}");
            var target = $"/packages?limit={PageRows}{query}";
            if (smallConnection.Send("GET", target).Expect(200).BodyBytes / 2 > largeConnection.Send("GET", target).Expect(200).BodyBytes)
                throw new BenchmarkException($"{target}: the pages do not have the same number of rows");
            var ours = SideOf(bench.Scale.Packages, bench, largeConnection, target);
            var other = SideOf(bench.Scale.FewPackages, bench, smallConnection, target);
            bench.Alternate(bench.Scale.Rounds, ours, other);
            bench.Report.Compare(
                $"page of {Units.Count(bench.Scale.Packages)} packages, {name}", ours.Series, other.Series,
                Series.Ratio(ours.Series, other.Series), Goal.AtMostTimes(MaxRatio));
        }
    }

    private static Side SideOf(int packages, Workbench bench, HttpConnection connection, string target) =>
        new(new($"of {Units.Count(packages)}", Units.Seconds), () => MedianLatency(bench, connection, target));

    private static double MedianLatency(Workbench bench, HttpConnection connection, string target)
    {
        var latencies = new long[bench.Scale.ListRequests];
        for (var i = 0; i < latencies.Length; i++)
        {
            var began = Stopwatch.GetTimestamp();
            connection.Send("GET", target).Expect(200);
            latencies[i] = Stopwatch.GetTimestamp() - began;
        }
        Array.Sort(latencies);
        return latencies[latencies.Length / 2] / (double)Stopwatch.Frequency;
    }
}
