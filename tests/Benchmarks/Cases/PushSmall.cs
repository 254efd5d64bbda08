using ArtifactStore.Benchmarks.Processes;
using ArtifactStore.Benchmarks.Suite;

namespace ArtifactStore.Benchmarks.Cases;

/// <summary>
/// Small distinct files from eight clients. The store answers when bytes, names and fact are durable; distribution syncs nothing,
/// and needs two requests a blob.
/// </summary>
internal static class PushSmall
{
    public static Task Run(Workbench bench)
    {
        using var store = StoreServer.Start(bench, bench.NewFolder("store"));
        using var control = store.Connect();
        using var registry = RegistryServer.Start(bench);
        var journal = new GroupCommit(control);

        var one = PushLoad.IntoOnePackage("into one package", bench, [store], bench.Scale.Clients);
        var eight = PushLoad.IntoOwnPackages("into eight packages", bench, [store], bench.Scale.Clients);
        var peer = registry is null ? null : PushLoad.OfBlobs("distribution", bench, registry);
        bench.Alternate(bench.Scale.Rounds, journal.Around(one.Side), journal.Around(eight.Side), peer?.Side);

        foreach (var ours in new[] { one, eight })
        {
            bench.Report.Compare(
                $"push 1 KiB {ours.Rate.Name}, 8 clients", ours.Rate, peer?.Rate,
                peer is null ? null : Series.Ratio(ours.Rate, peer.Rate), Goal.AtLeastTimes(4));
            bench.Report.Compare(
                $"push 1 KiB {ours.Rate.Name}, p99", ours.P99, peer?.P99,
                peer is null ? null : Series.Ratio(peer.P99, ours.P99), Goal.AtLeastTimes(1));
        }
        journal.AddTo(bench.Report);
        return Task.CompletedTask;
    }
}
