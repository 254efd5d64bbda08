using System.Diagnostics;
using ArtifactStore.Benchmarks.Load;
using ArtifactStore.Benchmarks.Processes;
using ArtifactStore.Benchmarks.Suite;

namespace ArtifactStore.Benchmarks.Cases;

/// <summary>One large file through the store into Ceph RGW, against <c>aws s3 cp</c> of the same file to the same RGW.</summary>
internal static class S3Large
{
    public static async Task Run(Workbench bench)
    {
        await using var rgw = await RgwEndpoint.Start(bench);
        if (rgw is null) return;
        var size = bench.Scale.LargeBytes;
        var file = Bytes.RandomFile(bench.NewFolder("input"), size);
        using var store = StoreServer.Start(bench, bench.NewFolder("store"), more: rgw.Settings());
        using var connection = store.Connect();
        var package = connection.CreatePackage("s3-large");
        var pushed = 0;
        void Prepare() => Bytes.Stamp(file);
        void CleanUp() => rgw.DropLarge(size).GetAwaiter().GetResult();

        var ours = new Side(
            new("store", Units.Seconds),
            () =>
            {
                var watch = Stopwatch.StartNew();
                NativeDoor.Parse(connection.SendFile("PUT", $"/packages/{package}/files/f{pushed++}", file, prefix: []));
                return watch.Elapsed.TotalSeconds;
            },
            Prepare, CleanUp);
        var aws = bench.Has("aws") ? new Side(new("aws s3 cp", Units.Seconds), () => rgw.CopyWithAws(file), Prepare, CleanUp) : null;
        bench.Alternate(bench.Scale.Rounds, ours, aws);
        bench.Report.Compare(
            $"push {Units.Mebibytes(size)} into RGW, speed", ours.Series, aws?.Series, aws is null ? null : Series.Ratio(aws.Series, ours.Series),
            Goal.AtLeastTimes(0.8));
    }
}
