using ArtifactStore.Benchmarks.Load;
using ArtifactStore.Benchmarks.Processes;
using ArtifactStore.Benchmarks.Suite;

namespace ArtifactStore.Benchmarks.Cases;

/// <summary>Clients that push small distinct files, and what came of it in each round.</summary>
internal sealed class PushLoad
{
    private Throughput? _last;

    /// <param name="name">What the series are called.</param>
    /// <param name="bench">Says how long.</param>
    /// <param name="clients">How many.</param>
    /// <param name="prepare">Called before each round; from the number of a client it makes what that client repeats.</param>
    /// <param name="seconds">How long a round is; as long as other pushes when null.</param>
    private PushLoad(string name, Workbench bench, int clients, Func<Func<int, Action>> prepare, double? seconds = null)
    {
        Rate = new(name, Units.PerSecond);
        P99 = new(name, Units.Seconds);
        Func<int, Action>? loops = null;
        var counted = bench.Options.Quick;
        Side = new(
            Rate,
            () => (_last = Clients.Run(clients, seconds ?? bench.Scale.PushSeconds, loops!)).PerSecond,
            () => loops = prepare(),
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

    /// <summary>Clients are spread over the nodes of a store.</summary>
    public static PushLoad IntoOnePackage(
        string name, Workbench bench, IReadOnlyList<StoreServer> nodes, int clients, double? seconds = null) =>
        new(name, bench, clients, () =>
        {
            var package = NewPackage(nodes[0]);
            return PushesTo(bench, nodes, _ => package);
        }, seconds);

    public static PushLoad IntoOwnPackages(string name, Workbench bench, IReadOnlyList<StoreServer> nodes, int clients) =>
        new(name, bench, clients, () => PushesTo(bench, nodes, _ => NewPackage(nodes[0])));

    public static PushLoad OfBlobs(string name, Workbench bench, RegistryServer registry) =>
        new(name, bench, bench.Scale.Clients, () => _ =>
        {
            var connection = registry.Connect();
            var bytes = NewBytes(bench);
            return () =>
            {
                Bytes.Stamp(bytes);
                connection.PushBlob(bytes);
            };
        });

    private static Func<int, Action> PushesTo(Workbench bench, IReadOnlyList<StoreServer> nodes, Func<int, string> packageOf)
    {
        var pushed = 0;
        return number =>
        {
            var package = packageOf(number);
            var connection = nodes[number % nodes.Count].Connect();
            var bytes = NewBytes(bench);
            return () =>
            {
                Bytes.Stamp(bytes);
                connection.PutFile(package, $"f{Interlocked.Increment(ref pushed)}", bytes);
            };
        };
    }

    private static string NewPackage(StoreServer node)
    {
        using var connection = node.Connect();
        return connection.CreatePackage("pushed");
    }

    private static byte[] NewBytes(Workbench bench) => Bytes.Random(seed: 2, bench.Scale.SmallBytes);
}
