using ArtifactStore.Benchmarks.Processes;
using ArtifactStore.Benchmarks.Suite;

namespace ArtifactStore.Benchmarks.Cases;

/// <summary>
/// The same pushes through one node and through three, all on this machine and on one PostgreSQL. The machine does not grow with the nodes,
/// so this shows what they cost each other: the journal's lock, smaller batches, and processes that share the cores.
/// </summary>
internal static class Cluster
{
    private const double OfOneNode = 0.8;

    public static async Task Run(Workbench bench)
    {
        await using var server = await PostgresEndpoint.Start(bench);
        if (server is null) return;
        using var single = StoreServer.Start(bench, bench.NewFolder("one-node"), await server.NewDatabase());
        var (folder, database) = (bench.NewFolder("nodes"), await server.NewDatabase());
        var nodes = new List<StoreServer>();
        try
        {
            while (nodes.Count < bench.Scale.Nodes) nodes.Add(StoreServer.Start(bench, folder, database));
            Compare(bench, single, nodes);
        }
        finally
        {
            foreach (var node in nodes) node.Dispose();
        }
    }

    private static void Compare(Workbench bench, StoreServer single, List<StoreServer> nodes)
    {
        var clients = bench.Scale.Clients;
        foreach (var (where, load) in new (string, Func<string, IReadOnlyList<StoreServer>, PushLoad>)[]
        {
            ("one package", (name, to) => PushLoad.IntoOnePackage(name, bench, to, clients)),
            ("eight packages", (name, to) => PushLoad.IntoOwnPackages(name, bench, to, clients)),
        })
        {
            bench.Say($"  into {where}");
            var many = load($"{nodes.Count} nodes", nodes);
            var one = load("one node", [single]);
            bench.Alternate(bench.Scale.Rounds, many.Side, one.Side);
            bench.Report.Compare(
                $"push 1 KiB through {nodes.Count} nodes into {where}, {clients} clients", many.Rate, one.Rate,
                Series.Ratio(many.Rate, one.Rate), Goal.AtLeastTimes(OfOneNode));
            bench.Report.Compare(
                $"push 1 KiB through {nodes.Count} nodes into {where}, p99", many.P99, one.P99, Series.Ratio(one.P99, many.P99), goal: null);
        }
    }
}
