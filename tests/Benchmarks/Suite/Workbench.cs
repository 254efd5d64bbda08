using System.Globalization;
using ArtifactStore.Benchmarks.Processes;

namespace ArtifactStore.Benchmarks.Suite;

/// <summary>What every benchmark works with: sizes, a folder on the measured disk, the peers, and the report.</summary>
internal sealed class Workbench : IDisposable
{
    private const int MaxDeletions = 10;
    private int _folders;

    public Workbench(Options options, Children children)
    {
        Options = options;
        Children = children;
        Scale = options.Quick ? Scale.Quick : Scale.Full;
        Report = new(options.Quick);
        Folder = Directory.CreateDirectory(Path.Combine(options.Data, $"artifactstore-bench-{Environment.ProcessId}")).FullName;
        // After the children's own handler: nobody writes any more.
        AppDomain.CurrentDomain.ProcessExit += (_, _) => Dispose();
    }

    public Options Options { get; }

    public Children Children { get; }

    public Scale Scale { get; }

    public Report Report { get; }

    public string Folder { get; }

    public void Say(string line) => Console.WriteLine(line);

    public void Begin(string name)
    {
        Say("");
        Say($"{name} (busy before it began: {Machine.BusyPercent():0} % of {Environment.ProcessorCount} cores)");
    }

    /// <summary>A fresh folder, gone after the benchmark.</summary>
    public string NewFolder(string name) => Directory.CreateDirectory(Path.Combine(Folder, $"{++_folders}-{name}")).FullName;

    /// <summary>Nobody pays for what another one left dirty in the page cache.</summary>
    public void Settle() => Tool.Run("sync", "-f", Folder);

    /// <summary>
    /// The other side of a comparison may be absent on a developer's machine. Where everything was installed on purpose that is a failure.
    /// </summary>
    public bool Has(string program)
    {
        if (Tool.Find(program) is not null) return true;
        if (Environment.GetEnvironmentVariable("CI") == "true") throw new BenchmarkException($"{program} is not installed (make deps)");
        Say($"  {program} is not installed (make deps): that side is left out");
        return false;
    }

    /// <summary>
    /// Alternating rounds: every side once, then every side again. Before each measurement the disk is quiet. One round comes first that is
    /// not counted: it compiles code and warms caches on every side alike.
    /// </summary>
    public void Alternate(int rounds, params Side?[] sides) => Alternate(uncounted: 1, rounds, sides);

    /// <summary>With more rounds that are not counted, for rounds so short that the server still compiles itself in the first ones.</summary>
    public void Alternate(int uncounted, int rounds, params Side?[] sides)
    {
        for (var round = Options.Quick ? 1 : 1 - uncounted; round <= rounds; round++)
        {
            foreach (var side in sides.OfType<Side>())
            {
                side.Prepare?.Invoke();
                Settle();
                var value = side.Measure();
                if (round > 0) side.Series.Add(value);
                side.CleanUp?.Invoke();
            }
            if (round <= 0) continue;
            var values = sides.OfType<Side>().Select(side => $"{side.Series.Name} {side.Series.Format(side.Series.Last)}");
            Say(string.Create(CultureInfo.InvariantCulture, $"  round {round}: {string.Join(", ", values)}"));
        }
    }

    public void Clear()
    {
        foreach (var folder in Directory.GetDirectories(Folder)) Directory.Delete(folder, recursive: true);
    }

    public void Dispose()
    {
        for (var attempt = 1; Directory.Exists(Folder); attempt++)
        {
            try
            {
                Directory.Delete(Folder, recursive: true);
            }
            catch (IOException) when (attempt < MaxDeletions)
            {
                // An interrupted benchmark was still writing into it.
            }
        }
    }
}

/// <summary>One side of a comparison. Preparing and cleaning up are not measured.</summary>
internal sealed record Side(Series Series, Func<double> Measure, Action? Prepare = null, Action? CleanUp = null);
