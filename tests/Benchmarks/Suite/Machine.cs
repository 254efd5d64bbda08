using System.Globalization;
using System.Runtime.InteropServices;
using ArtifactStore.Benchmarks.Processes;

namespace ArtifactStore.Benchmarks.Suite;

/// <summary>What the numbers were measured on: without it they say nothing.</summary>
internal static class Machine
{
    private static readonly TimeSpan BusySample = TimeSpan.FromMilliseconds(300);

    private static readonly (string Program, string[] Arguments)[] Peers =
    [
        ("docker-registry", ["--version"]),
        ("openssl", ["version"]),
        ("b3sum", ["--version"]),
        ("wrk", ["--version"]),
        ("postgres", ["--version"]),
        ("radosgw", ["--version"]),
        ("aws", ["--version"]),
        ("dd", ["--version"]),
    ];

    public static string Describe(string folder)
    {
        var disk = DriveOf(folder);
        var memoryKib = double.Parse(Field("/proc/meminfo", "MemTotal").Split(' ')[0], CultureInfo.InvariantCulture);
        var lines = new List<string>
        {
            $"cpu          {Field("/proc/cpuinfo", "model name")}, {Environment.ProcessorCount} cores",
            $"memory       {Units.Mebibytes(memoryKib * 1024)}",
            $"system       {RuntimeInformation.OSDescription}, kernel {File.ReadAllText("/proc/sys/kernel/osrelease").Trim()}",
            $"runtime      {RuntimeInformation.FrameworkDescription}",
            $"file system  {disk.DriveFormat} at {disk.Name}, {disk.AvailableFreeSpace / (1L << 30)} GiB free",
            $"load         {File.ReadAllText("/proc/loadavg").Trim()}",
        };
        if (disk.DriveFormat is "tmpfs" or "ramfs") lines.Add("warning      the data folder is in memory: no durable write is measured");
        foreach (var (program, arguments) in Peers)
        {
            var version = Tool.Find(program) is null ? "not installed" : Tool.FirstLine(program, arguments);
            lines.Add($"{program,-12} {version}");
        }
        return string.Join('\n', lines);
    }

    /// <summary>How much of the machine others are using right now: the sleep is the sample, in which this program does nothing.</summary>
    public static double BusyPercent() => BusyPercent(() => Thread.Sleep(BusySample));

    /// <summary>How much of the machine is used, by whomever, while something is done.</summary>
    public static double BusyPercent(Action work)
    {
        var (busy, all) = CpuTicks();
        work();
        var (busyNow, allNow) = CpuTicks();
        return allNow == all ? 0 : 100.0 * (busyNow - busy) / (allNow - all);
    }

    public static string Field(string file, string name)
    {
        foreach (var line in File.ReadLines(file))
        {
            var colon = line.IndexOf(':', StringComparison.Ordinal);
            if (colon > 0 && line.AsSpan(0, colon).Trim().SequenceEqual(name)) return line[(colon + 1)..].Trim();
        }
        return "unknown";
    }

    private static DriveInfo DriveOf(string folder) => DriveInfo.GetDrives()
        .Where(drive => folder.StartsWith(drive.Name, StringComparison.Ordinal))
        .MaxBy(drive => drive.Name.Length)!;

    /// <summary>The fourth and fifth number of /proc/stat are idle and waiting for the disk; the rest is work, or stolen.</summary>
    private static (long Busy, long All) CpuTicks()
    {
        var ticks = File.ReadLines("/proc/stat").First().Split(' ', StringSplitOptions.RemoveEmptyEntries).Skip(1).Take(8)
            .Select(text => long.Parse(text, CultureInfo.InvariantCulture)).ToArray();
        var all = ticks.Sum();
        return (all - ticks[3] - ticks[4], all);
    }
}
