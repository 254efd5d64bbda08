using Amazon.S3.Model;
using ArtifactStore.Benchmarks.Load;
using ArtifactStore.Benchmarks.Processes;
using ArtifactStore.Benchmarks.Suite;

namespace ArtifactStore.Benchmarks.Cases;

/// <summary>Small objects from many clients through the store into Ceph RGW, against puts of the same SDK to the same RGW.</summary>
internal static class S3Small
{
    public static async Task Run(Workbench bench)
    {
        await using var rgw = await RgwEndpoint.Start(bench);
        if (rgw is null) return;
        using var store = StoreServer.Start(bench, bench.NewFolder("store"), more: rgw.Settings());
        using var control = store.Connect();
        var template = Bytes.Random(seed: 4, bench.Scale.S3SmallBytes);
        var number = 0;
        string Next() => Units.Text($"f{Interlocked.Increment(ref number)}");

        Side Load(string name, Func<int, Action> loop) => new(
            new(name, Units.PerSecond), () => Clients.Run(bench.Scale.S3Clients, bench.Scale.PushSeconds, loop).PerSecond);
        var ours = Load("store", client =>
        {
            var connection = store.Connect();
            var package = connection.CreatePackage("s3-small");
            var bytes = (byte[])template.Clone();
            return () =>
            {
                Bytes.Stamp(bytes);
                connection.PutFile(package, Next(), bytes);
            };
        });
        var direct = Load("direct puts", _ =>
        {
            var bytes = (byte[])template.Clone();
            return () =>
            {
                Bytes.Stamp(bytes);
                using var stream = new MemoryStream(bytes, writable: false);
                var request = new PutObjectRequest
                {
                    BucketName = RgwEndpoint.DirectBucket,
                    Key = Next(),
                    InputStream = stream,
                    UseChunkEncoding = false,
                };
                rgw.Client.PutObjectAsync(request).GetAwaiter().GetResult();
            };
        });
        bench.Alternate(bench.Scale.S3UncountedRounds, bench.Scale.Rounds, ours, direct);
        bench.Report.Compare(
            $"push 4 KiB into RGW, {bench.Scale.S3Clients} clients", ours.Series, direct.Series, Series.Ratio(ours.Series, direct.Series),
            Goal.AtLeastTimes(0.7));
    }
}
