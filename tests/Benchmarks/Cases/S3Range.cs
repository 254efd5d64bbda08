using System.Diagnostics;
using ArtifactStore.Benchmarks.Load;
using ArtifactStore.Benchmarks.Processes;
using ArtifactStore.Benchmarks.Suite;

namespace ArtifactStore.Benchmarks.Cases;

/// <summary>A range of 1 MiB out of one large object in Ceph RGW, through the store and directly, by the same client.</summary>
internal static class S3Range
{
    private const int RangeBytes = 1 << 20;

    public static async Task Run(Workbench bench)
    {
        await using var rgw = await RgwEndpoint.Start(bench);
        if (rgw is null) return;
        var size = bench.Scale.LargeBytes;
        var file = Bytes.RandomFile(bench.NewFolder("input"), size);
        using var store = StoreServer.Start(bench, bench.NewFolder("store"), more: rgw.Settings());
        using var control = store.Connect();
        var package = control.CreatePackage("s3-range");
        var pushed = NativeDoor.Parse(control.SendFile("PUT", $"/packages/{package}/files/f", file, prefix: []));
        var direct = rgw.SignedTarget(await rgw.KeyOf(pushed.Blake3));

        // A connection has its headers for good, so there is one for each range.
        var ranges = Enumerable.Range(1, bench.Scale.S3Ranges).Select(part => (size - RangeBytes) * part / bench.Scale.S3Ranges).ToArray();
        string Header(long first) => Units.Text($"Range: bytes={first}-{first + RangeBytes - 1}\r\n");
        var throughStore = ranges.Select(first => new HttpConnection(store.Url, $"Authorization: Bearer {StoreServer.Token}\r\n{Header(first)}")).ToArray();
        var toEndpoint = ranges.Select(first => new HttpConnection(rgw.Url, Header(first))).ToArray();
        try
        {
            var ours = new Side(new("store", Units.Seconds), () => Seconds(throughStore, $"/files/{pushed.Id}/download", bench.Scale.S3RangeRequests));
            var other = new Side(new("direct", Units.Seconds), () => Seconds(toEndpoint, direct, bench.Scale.S3RangeRequests));
            bench.Alternate(bench.Scale.S3UncountedRounds, bench.Scale.Rounds, ours, other);
            bench.Report.Compare(
                $"read 1 MiB of {Units.Mebibytes(size)} in RGW", ours.Series, other.Series, Series.Ratio(ours.Series, other.Series), Goal.AtMostTimes(1.3));
        }
        finally
        {
            foreach (var connection in throughStore.Concat(toEndpoint)) connection.Dispose();
        }
    }

    /// <summary>Of one request, on average.</summary>
    private static double Seconds(HttpConnection[] connections, string target, int requests)
    {
        var watch = Stopwatch.StartNew();
        for (var number = 0; number < requests; number++)
        {
            var answer = connections[number % connections.Length].Send("GET", target).Expect(206);
            if (answer.BodyBytes != RangeBytes) throw new BenchmarkException($"{answer.BodyBytes} bytes came instead of {RangeBytes}");
        }
        return watch.Elapsed.TotalSeconds / requests;
    }
}
