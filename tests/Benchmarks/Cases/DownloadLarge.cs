using System.Diagnostics;
using ArtifactStore.Benchmarks.Load;
using ArtifactStore.Benchmarks.Processes;
using ArtifactStore.Benchmarks.Suite;

namespace ArtifactStore.Benchmarks.Cases;

/// <summary>One large file from the page cache of either server to a client that throws it away.</summary>
internal static class DownloadLarge
{
    public static Task Run(Workbench bench)
    {
        var size = bench.Scale.LargeBytes;
        var file = Bytes.RandomFile(bench.NewFolder("input"), size);
        using var store = StoreServer.Start(bench, bench.NewFolder("store"));
        using var connection = store.Connect();
        var package = connection.CreatePackage("download-large");
        var pushed = NativeDoor.Parse(connection.SendFile("PUT", $"/packages/{package}/files/f", file, prefix: []));
        var ours = new Side(new("store", Units.MegabytesPerSecond), () => Rate(connection, $"/files/{pushed.Id}/download", size));

        using var registry = RegistryServer.Start(bench);
        using var peerConnection = registry?.Connect();
        var sha256 = Bytes.Sha256(file);
        peerConnection?.PushBlob(file, sha256);
        var peer = peerConnection is null
            ? null
            : new Side(new("distribution", Units.MegabytesPerSecond), () => Rate(peerConnection, OciDoor.Target(sha256), size));

        bench.Alternate(bench.Scale.Rounds, ours, peer);
        bench.Report.Compare(
            $"download {Units.Mebibytes(size)}", ours.Series, peer?.Series,
            peer is null ? null : Series.Ratio(ours.Series, peer.Series), Goal.AtLeastTimes(1));
        return Task.CompletedTask;
    }

    private static double Rate(HttpConnection connection, string target, long size)
    {
        var watch = Stopwatch.StartNew();
        var answer = connection.Send("GET", target).Expect(200);
        if (answer.BodyBytes != size) throw new BenchmarkException($"{answer.BodyBytes} bytes came instead of {size}");
        return size / watch.Elapsed.TotalSeconds;
    }
}
