using System.Diagnostics;
using ArtifactStore.Benchmarks.Load;
using ArtifactStore.Benchmarks.Processes;
using ArtifactStore.Benchmarks.Suite;

namespace ArtifactStore.Benchmarks.Cases;

/// <summary>
/// One large file into the store (both digests, fsync), against what the same work costs with separate programs one after another,
/// and against distribution, which hashes once and does not sync. The bytes are new in every round.
/// </summary>
internal static class PushLarge
{
    public static Task Run(Workbench bench)
    {
        var file = Bytes.RandomFile(bench.NewFolder("input"), bench.Scale.LargeBytes);
        var copy = Path.Combine(bench.NewFolder("copy"), "copy");
        using var store = StoreServer.Start(bench, bench.NewFolder("store"));
        using var connection = store.Connect();
        using var registry = RegistryServer.Start(bench);
        using var peer = registry?.Connect();
        var package = connection.CreatePackage("push-large");

        var pushed = 0;
        PushedFile? last = null;
        var sha256 = "";
        var ours = new Side(
            new("store", Units.Seconds),
            () => Timed(() =>
            {
                var answer = connection.SendFile("PUT", $"/packages/{package}/files/f{pushed++}", file, prefix: []);
                last = NativeDoor.Parse(answer);
            }),
            () => Bytes.Stamp(file),
            () => store.DropBytes(last!.Blake3));
        var tools = bench.Has("b3sum") && bench.Has("openssl")
            ? new Side(
                new("dd + openssl + b3sum", Units.Seconds),
                () => Tool.Run("dd", $"if={file}", $"of={copy}", "bs=1M", "conv=fsync", "status=none")
                    + Tool.Run("openssl", "dgst", "-sha256", file)
                    + Tool.Run("b3sum", file),
                CleanUp: () => File.Delete(copy))
            : null;
        var distribution = registry is null ? null : new Side(
            new("distribution", Units.Seconds),
            () => Timed(() => peer!.PushBlob(file, sha256)),
            () => sha256 = Bytes.Sha256(file),
            () => registry.DropBytes(sha256));

        bench.Alternate(bench.Scale.Rounds, ours, tools, distribution);
        var size = Units.Mebibytes(bench.Scale.LargeBytes);
        bench.Report.Compare(
            $"push {size}, time against separate programs", ours.Series, tools?.Series,
            tools is null ? null : Series.Ratio(ours.Series, tools.Series), Goal.AtMostTimes(1.5));
        bench.Report.Compare(
            $"push {size}, speed against distribution", ours.Series, distribution?.Series,
            distribution is null ? null : Series.Ratio(distribution.Series, ours.Series), Goal.AtLeastTimes(2));
        return Task.CompletedTask;
    }

    private static double Timed(Action action)
    {
        var watch = Stopwatch.StartNew();
        action();
        return watch.Elapsed.TotalSeconds;
    }
}
