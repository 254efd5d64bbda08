namespace ArtifactStore.Benchmarks.Suite;

/// <summary>What <c>build/bench.sh</c> was asked for.</summary>
internal sealed record Options
{
    public const string Usage = """
        usage: bench [--quick] [--executable FILE] [--data DIR] [--cache DIR] [NAME...]
          --quick       tiny sizes and one round: shows that everything runs, the numbers mean nothing
          --executable  artifactstore, as `make build` leaves it [default: bin/artifactstore]
          --data        where everything is written; gone afterwards [default: $BENCH_DATA, else /var/tmp]
          --cache       keeps the stores of a million entries for the next run [default: $BENCH_CACHE, else they are made anew]
        """;

    public required IReadOnlyList<string> Names { get; init; }
    public bool Quick { get; init; }
    public string Executable { get; init; } = Path.GetFullPath("bin/artifactstore");
    public string Data { get; init; } = Variable("BENCH_DATA") ?? "/var/tmp";
    public string? Cache { get; init; } = Variable("BENCH_CACHE");

    public static bool TryParse(string[] arguments, IReadOnlyList<string> known, out Options? options, out string complaint)
    {
        options = null;
        complaint = "";
        var parsed = new Options { Names = known };
        var names = new List<string>();
        for (var at = 0; at < arguments.Length; at++)
        {
            var takesValue = arguments[at] is "--executable" or "--data" or "--cache";
            if (takesValue && at + 1 == arguments.Length) complaint = $"{arguments[at]} needs a value\n{Usage}";
            else if (arguments[at] == "--quick") parsed = parsed with { Quick = true };
            else if (arguments[at] == "--executable") parsed = parsed with { Executable = Path.GetFullPath(arguments[++at]) };
            else if (arguments[at] == "--data") parsed = parsed with { Data = Path.GetFullPath(arguments[++at]) };
            else if (arguments[at] == "--cache") parsed = parsed with { Cache = Path.GetFullPath(arguments[++at]) };
            else if (known.Contains(arguments[at])) names.Add(arguments[at]);
            else complaint = $"'{arguments[at]}' is none of {string.Join(", ", known)}\n{Usage}";
            if (complaint.Length > 0) return false;
        }
        if (!File.Exists(parsed.Executable)) complaint = $"{parsed.Executable} does not exist: run 'make build' first";
        options = names.Count > 0 ? parsed with { Names = names } : parsed;
        return complaint.Length == 0;
    }

    private static string? Variable(string name) => Environment.GetEnvironmentVariable(name) is { Length: > 0 } value ? value : null;
}
