using ArtifactStore.Benchmarks.Load;
using ArtifactStore.Benchmarks.Processes;
using ArtifactStore.Benchmarks.Suite;

namespace ArtifactStore.Benchmarks.Cases;

/// <summary>Eight large uploads at the same time into a store that has just started: the most memory the process ever had in RAM.</summary>
internal static class Memory
{
    private const double MaxBytes = 400e6;

    public static Task Run(Workbench bench)
    {
        var file = Bytes.RandomFile(bench.NewFolder("input"), bench.Scale.LargeBytes);
        using var store = StoreServer.Start(bench, bench.NewFolder("store"));
        using var control = store.Connect();
        var package = control.CreatePackage("memory");
        Clients.InParallel(bench.Scale.Clients, client =>
        {
            using var connection = store.Connect();
            var prefix = new byte[64];
            Bytes.Stamp(prefix.AsSpan());
            store.DropBytes(NativeDoor.Parse(connection.SendFile("PUT", $"/packages/{package}/files/f{client}", file, prefix)).Blake3);
        });
        var peak = new Series("peak", Units.Megabytes);
        peak.Add(store.PeakMemoryBytes());
        bench.Say($"  {peak}");
        bench.Report.Absolute(
            $"peak memory during {bench.Scale.Clients} uploads of {Units.Mebibytes(bench.Scale.LargeBytes)} at once", peak,
            new(MaxBytes, AtLeast: false, Units.Megabytes));
        return Task.CompletedTask;
    }
}
