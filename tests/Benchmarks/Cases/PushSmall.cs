using ArtifactStore.Benchmarks.Load;
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
        var template = Bytes.Random(seed: 2, bench.Scale.SmallBytes);
        var journal = new GroupCommit(control);

        var one = new Load("into one package", bench, store, client: _ => control.CreatePackage("one"), shared: true, template);
        var eight = new Load("into eight packages", bench, store, client: _ => control.CreatePackage("many"), shared: false, template);
        var peer = registry is null ? null : new Load("distribution", bench, registry, template);
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

    /// <summary>Eight clients at one server, and what came of it in each round.</summary>
    private sealed class Load
    {
        private Throughput? _last;

        public Load(string name, Workbench bench, StoreServer store, Func<int, string> client, bool shared, byte[] template)
            : this(name, bench, loop: () =>
            {
                var first = client(0);
                var pushed = 0;
                return number =>
                {
                    var package = shared || number == 0 ? first : client(number);
                    var connection = store.Connect();
                    var bytes = (byte[])template.Clone();
                    return () =>
                    {
                        Bytes.Stamp(bytes);
                        connection.PutFile(package, $"f{Interlocked.Increment(ref pushed)}", bytes);
                    };
                };
            })
        {
        }

        public Load(string name, Workbench bench, RegistryServer registry, byte[] template)
            : this(name, bench, loop: () => _ =>
            {
                var connection = registry.Connect();
                var bytes = (byte[])template.Clone();
                return () =>
                {
                    Bytes.Stamp(bytes);
                    connection.PushBlob(bytes);
                };
            })
        {
        }

        private Load(string name, Workbench bench, Func<Func<int, Action>> loop)
        {
            Rate = new(name, Units.PerSecond);
            P99 = new(name, Units.Seconds);
            Func<int, Action>? loops = null;
            var counted = bench.Options.Quick;
            Side = new(
                Rate,
                () => (_last = Clients.Run(bench.Scale.Clients, bench.Scale.PushSeconds, loops!)).PerSecond,
                () => loops = loop(),
                () =>
                {
                    // The first round is the one that is not counted.
                    if (counted) P99.Add(_last!.P99Seconds);
                    counted = true;
                });
        }

        public Series Rate { get; }

        public Series P99 { get; }

        public Side Side { get; }
    }
}
