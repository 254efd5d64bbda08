using System.Security.Cryptography;
using ArtifactStore.Benchmarks.Load;
using ArtifactStore.Benchmarks.Processes;
using ArtifactStore.Benchmarks.Suite;

namespace ArtifactStore.Benchmarks.Cases;

/// <summary>Small files at random, wrk on both sides. The store checks a token and who may read; distribution is open.</summary>
internal static class ReadSmall
{
    public static Task Run(Workbench bench)
    {
        if (!bench.Has(Wrk.Program)) return Task.CompletedTask;
        using var store = StoreServer.Start(bench, bench.NewFolder("store"));
        using var registry = RegistryServer.Start(bench);
        var lists = bench.NewFolder("targets");
        var downloads = Path.Combine(lists, "downloads");
        var contents = Path.Combine(lists, "contents");
        var blobs = Path.Combine(lists, "blobs");
        Fill(bench, store, registry, downloads, contents, blobs);

        var byFile = new Side(new("by file id", Units.PerSecond), () => Wrk.Run(bench, store, downloads, StoreServer.Token));
        var byAddress = new Side(new("by address", Units.PerSecond), () => Wrk.Run(bench, store, contents, StoreServer.Token));
        var peer = registry is null ? null : new Side(
            new("distribution", Units.PerSecond), () => Wrk.Run(bench, registry, blobs, token: null));
        bench.Alternate(bench.Scale.Rounds, byFile, byAddress, peer);

        foreach (var ours in new[] { byFile.Series, byAddress.Series })
        {
            bench.Report.Compare(
                $"read 1 KiB {ours.Name}, 8 connections", ours, peer?.Series,
                peer is null ? null : Series.Ratio(ours, peer.Series), Goal.AtLeastTimes(8));
        }
        return Task.CompletedTask;
    }

    /// <summary>The same files on both sides, and a line for each of what is asked for.</summary>
    private static void Fill(Workbench bench, StoreServer store, RegistryServer? registry, string downloads, string contents, string blobs)
    {
        using var downloadTargets = File.CreateText(downloads);
        using var contentTargets = File.CreateText(contents);
        using var blobTargets = File.CreateText(blobs);
        using var control = store.Connect();
        var package = control.CreatePackage("read-small");
        var gate = new object();
        var next = 0;
        Clients.InParallel(bench.Scale.Clients, client =>
        {
            using var connection = store.Connect();
            using var peer = registry?.Connect();
            var bytes = Bytes.Random(seed: 3, bench.Scale.SmallBytes);
            int number;
            while ((number = Interlocked.Increment(ref next)) <= bench.Scale.ReadContents)
            {
                Bytes.Stamp(bytes);
                var file = NativeDoor.Parse(connection.Send("PUT", $"/packages/{package}/files/f{number}", bytes));
                peer?.PushBlob(bytes);
                lock (gate)
                {
                    downloadTargets.WriteLine($"/files/{file.Id}/download");
                    contentTargets.WriteLine($"/contents/blake3:{file.Blake3}");
                    blobTargets.WriteLine(OciDoor.Target(Convert.ToHexStringLower(SHA256.HashData(bytes))));
                }
            }
        });
    }
}
