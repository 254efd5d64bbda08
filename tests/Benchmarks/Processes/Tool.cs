using System.Diagnostics;
using ArtifactStore.Benchmarks.Suite;

namespace ArtifactStore.Benchmarks.Processes;

/// <summary>A program that runs to its end.</summary>
internal static class Tool
{
    private const string PostgresPackages = "/usr/lib/postgresql";

    public static string? Find(string program) => (Environment.GetEnvironmentVariable("PATH") ?? "").Split(':')
        .Append("/usr/sbin")
        .Concat(PostgresFolders())
        .Select(folder => Path.Combine(folder, program))
        // A link may be all that is left of a program.
        .FirstOrDefault(file => File.Exists(file) && File.ResolveLinkTarget(file, returnFinalTarget: true) is null or { Exists: true });

    /// <summary>Seconds from start to end.</summary>
    public static double Run(string program, params string[] arguments) => Run(program, arguments, variables: null).Seconds;

    public static Finished Run(string program, string[] arguments, IReadOnlyDictionary<string, string>? variables)
    {
        var finished = Execute(program, arguments, variables);
        if (finished.ExitCode != 0)
        {
            var said = finished.Errors + finished.Output;
            throw new BenchmarkException($"{program} {string.Join(' ', arguments)}: exit {finished.ExitCode}: {said}");
        }
        return finished;
    }

    public static bool Succeeds(string program, params string[] arguments) => Execute(program, arguments, variables: null).ExitCode == 0;

    /// <summary>A process that has just ended by itself is no failure.</summary>
    public static void Signal(Process process, string signal) =>
        Succeeds("kill", $"-{signal}", process.Id.ToString(System.Globalization.CultureInfo.InvariantCulture));

    /// <summary>For versions: some programs end with an error after telling theirs.</summary>
    public static string FirstLine(string program, string[] arguments)
    {
        var finished = Execute(program, arguments, variables: null);
        return $"{finished.Output}{finished.Errors}".Split('\n')[0].Trim();
    }

    public static ProcessStartInfo Prepare(string program, IEnumerable<string> arguments, IReadOnlyDictionary<string, string>? variables)
    {
        var start = new ProcessStartInfo(Find(program) ?? program, arguments)
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            UseShellExecute = false,
        };
        // A setting of the developer's shell must not reach what is measured.
        foreach (var name in start.Environment.Keys.Where(name => name.StartsWith("ARTIFACTSTORE_", StringComparison.Ordinal)).ToArray())
            start.Environment.Remove(name);
        foreach (var (name, value) in variables ?? new Dictionary<string, string>()) start.Environment[name] = value;
        return start;
    }

    /// <summary>Debian keeps the programs of each version in a folder of their own, outside the path. The newest comes first.</summary>
    private static IEnumerable<string> PostgresFolders() => !Directory.Exists(PostgresPackages)
        ? []
        : Directory.EnumerateDirectories(PostgresPackages)
            .OrderByDescending(folder => int.TryParse(Path.GetFileName(folder), out var version) ? version : 0)
            .Select(folder => Path.Combine(folder, "bin"));

    private static Finished Execute(string program, string[] arguments, IReadOnlyDictionary<string, string>? variables)
    {
        var start = Prepare(program, arguments, variables);
        var watch = Stopwatch.StartNew();
        using var process = Process.Start(start) ?? throw new BenchmarkException($"{program} did not start");
        process.StandardInput.Close();
        var errors = new System.Text.StringBuilder();
        process.ErrorDataReceived += (_, line) => errors.AppendLine(line.Data);
        process.BeginErrorReadLine();
        var output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        return new(process.ExitCode, watch.Elapsed.TotalSeconds, output, errors.ToString());
    }
}

internal sealed record Finished(int ExitCode, double Seconds, string Output, string Errors);
