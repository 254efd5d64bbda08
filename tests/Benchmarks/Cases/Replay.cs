using System.Text.Json;
using ArtifactStore.Benchmarks.Processes;
using ArtifactStore.Benchmarks.Stores;
using ArtifactStore.Benchmarks.Suite;

namespace ArtifactStore.Benchmarks.Cases;

/// <summary>
/// <c>artifactstore replay</c> with no server running: the whole process, reading and checking the log, making every view anew, comparing.
/// Each file of the store is two events (its content settled, the file ingested), so a million files are two million events.
/// </summary>
internal static class Replay
{
    private const double MinEventsPerSecond = 50_000;

    public static async Task Run(Workbench bench)
    {
        var made = await GeneratedStores.Files(bench);
        var variables = StoreServer.Variables(GeneratedStores.Copy(bench, made));
        var side = new Side(new("store", Units.PerSecond), () => EventsPerSecond(bench, variables));
        bench.Alternate(bench.Scale.ReplayRounds, side);
        bench.Report.Absolute(
            $"replay of {Units.Count(bench.Scale.Files)} files (two events each)", side.Series,
            new(MinEventsPerSecond, AtLeast: true, Units.PerSecond));
    }

    private static double EventsPerSecond(Workbench bench, IReadOnlyDictionary<string, string> variables)
    {
        var finished = Tool.Run(bench.Options.Executable, ["replay", "--json"], variables);
        using var answer = JsonDocument.Parse(finished.Output);
        if (!answer.RootElement.GetProperty("identical").GetBoolean()) throw new BenchmarkException("the replayed views differ");
        return answer.RootElement.GetProperty("highest_sequence").GetInt64() / finished.Seconds;
    }
}
