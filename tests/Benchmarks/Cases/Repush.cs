using ArtifactStore.Benchmarks.Load;
using ArtifactStore.Benchmarks.Processes;
using ArtifactStore.Benchmarks.Suite;

namespace ArtifactStore.Benchmarks.Cases;

/// <summary>A directory of small files pushed with the command line, then pushed again unchanged into another package.</summary>
internal static class Repush
{
    private const int Folders = 100;
    private const int MaxFileBytes = 4096;
    private const int MinFileBytes = 1024;

    public static Task Run(Workbench bench)
    {
        using var store = StoreServer.Start(bench, bench.NewFolder("store"));
        var state = bench.NewFolder("state");
        var directory = "";
        var first = new Side(
            new("first push", Units.Seconds), () => Push(bench, store, state, directory), () => directory = NewDirectory(bench));
        var again = new Side(new("pushed again", Units.Seconds), () => Push(bench, store, state, directory));
        bench.Alternate(bench.Scale.Rounds, first, again);
        bench.Report.Compare(
            $"push {Units.Count(bench.Scale.RepushFiles)} unchanged files again", again.Series, first.Series,
            Series.Ratio(first.Series, again.Series), Goal.AtLeastTimes(10));
        return Task.CompletedTask;
    }

    private static double Push(Workbench bench, StoreServer store, string state, string directory)
    {
        var variables = new Dictionary<string, string>
        {
            ["ARTIFACTSTORE_API_URL"] = store.Url.ToString(),
            ["ARTIFACTSTORE_API_TOKEN"] = StoreServer.Token,
            ["XDG_STATE_HOME"] = state,
            ["XDG_CACHE_HOME"] = state,
        };
        string[] arguments = ["push", directory, "--new", "--producer", "bench", "--subject", "repush", "--retention-class", "transient"];
        return Tool.Run(bench.Options.Executable, arguments, variables).Seconds;
    }

    private static string NewDirectory(Workbench bench)
    {
        var root = bench.NewFolder("files");
        var random = new Random(4);
        for (var folder = 0; folder < Folders; folder++) Directory.CreateDirectory($"{root}/{folder}");
        for (var number = 0; number < bench.Scale.RepushFiles; number++)
        {
            var bytes = new byte[random.Next(MinFileBytes, MaxFileBytes)];
            random.NextBytes(bytes);
            Bytes.Stamp(bytes.AsSpan());
            File.WriteAllBytes($"{root}/{number % Folders}/{number}", bytes);
        }
        return root;
    }
}
