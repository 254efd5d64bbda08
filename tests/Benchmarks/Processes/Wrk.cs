using System.Globalization;
using System.Text.RegularExpressions;
using ArtifactStore.Benchmarks.Suite;

namespace ArtifactStore.Benchmarks.Processes;

/// <summary>wrk, reading at random among many targets: the cheapest client there is, because it shares the cores with the server.</summary>
internal static partial class Wrk
{
    public const string Program = "wrk";

    // The requests are formatted once; choosing one is all that is left to do while measuring.
    private const string Script = """
        local requests = {}
        function init(args)
          for target in io.lines(os.getenv("BENCH_TARGETS")) do requests[#requests + 1] = wrk.format("GET", target) end
        end
        function request() return requests[math.random(#requests)] end
        """;

    /// <summary>Requests per second.</summary>
    public static double Run(Workbench bench, Server server, string targets, string? token)
    {
        var script = Path.Combine(bench.Folder, "targets.lua");
        File.WriteAllText(script, Script);
        string[] arguments =
        [
            "-t2", Text($"-c{bench.Scale.Clients}"), Text($"-d{bench.Scale.ReadSeconds}s"), "-s", script,
            .. token is null ? Array.Empty<string>() : ["-H", $"Authorization: Bearer {token}"],
            server.Url.ToString(),
        ];
        var output = Tool.Run(Program, arguments, new Dictionary<string, string> { ["BENCH_TARGETS"] = targets }).Output;
        if (output.Contains("Non-2xx", StringComparison.Ordinal) || output.Contains("Socket errors", StringComparison.Ordinal))
            throw new BenchmarkException($"wrk met errors: {output}");
        return double.Parse(Rate().Match(output).Groups[1].Value, CultureInfo.InvariantCulture);
    }

    private static string Text(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);

    [GeneratedRegex(@"Requests/sec:\s+([0-9.]+)", RegexOptions.None, 1000)]
    private static partial Regex Rate();
}
