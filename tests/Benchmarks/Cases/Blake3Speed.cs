using System.Diagnostics;
using ArtifactStore.Benchmarks.Load;
using ArtifactStore.Benchmarks.Processes;
using ArtifactStore.Benchmarks.Suite;
using ArtifactStore.Interfaces.Hashing;

namespace ArtifactStore.Benchmarks.Cases;

/// <summary>
/// Our BLAKE3 over memory on one thread, against b3sum's. b3sum has to read its file from the page cache; what reading alone costs is
/// measured beside it and taken off in a second line, so that only hashing is compared.
/// </summary>
internal static class Blake3Speed
{
    public static Task Run(Workbench bench)
    {
        if (!bench.Has("b3sum")) return Task.CompletedTask;
        var file = Bytes.RandomFile(bench.NewFolder("input"), bench.Scale.LargeBytes);
        var memory = File.ReadAllBytes(file);
        var size = (double)memory.Length;
        Agree(memory, file);

        var ours = new Side(new("store", Units.MegabytesPerSecond), () => size / Hash(memory));
        var peer = new Side(
            new("b3sum --num-threads 1 --no-mmap", Units.MegabytesPerSecond),
            () => size / Tool.Run("b3sum", "--num-threads", "1", "--no-mmap", file));
        var reading = new Side(
            new("reading alone", Units.MegabytesPerSecond),
            () => size / Tool.Run("dd", $"if={file}", "of=/dev/null", "bs=64K", "status=none"));
        bench.Alternate(bench.Scale.Rounds, ours, peer, reading);

        var hashing = Series.Combine("b3sum without reading", Units.MegabytesPerSecond, peer.Series, reading.Series, (b3sum, dd) =>
            1 / Math.Max(1 / b3sum - 1 / dd, double.Epsilon));
        var what = $"BLAKE3 of {Units.Mebibytes(size)} in memory, one thread";
        bench.Report.Compare(what, ours.Series, peer.Series, Series.Ratio(ours.Series, peer.Series), Goal.AtLeastTimes(1));
        bench.Report.Compare($"{what}, reading taken off", ours.Series, hashing, Series.Ratio(ours.Series, hashing), goal: null);
        return Task.CompletedTask;
    }

    private static double Hash(byte[] memory)
    {
        var watch = Stopwatch.StartNew();
        Blake3.Hash(memory);
        return watch.Elapsed.TotalSeconds;
    }

    /// <summary>A fast wrong answer is no answer.</summary>
    private static void Agree(byte[] memory, string file)
    {
        var theirs = Tool.Run("b3sum", ["--no-names", file], variables: null).Output.Trim();
        if (Convert.ToHexStringLower(Blake3.Hash(memory)) != theirs) throw new BenchmarkException("b3sum computes another digest");
    }
}
