using System.Diagnostics;
using System.Globalization;
using FsCheck;
using FsCheck.Fluent;
using Microsoft.FSharp.Core;

namespace ArtifactStore.Simulation.Tests;

/// <summary>The real grains, ingest and collector, in every order that a seed can think of, with crashes and faults (docs/gc/README.md).</summary>
public sealed class SimulationTests(ITestOutputHelper output)
{
    private const string SeedVariable = "ARTIFACTSTORE_SIMULATION_SEED";
    private const string MinutesVariable = "ARTIFACTSTORE_SIMULATION_MINUTES";
    private const int Schedules = 10_000;
    private const int AllSchedules = 1_000_000;
    private const double MostMinutes = 60;

    [Fact]
    public void No_schedule_loses_a_byte_or_leaves_one()
    {
        if (Environment.GetEnvironmentVariable(SeedVariable) is { Length: > 0 } seed)
        {
            Check(1, Replay(seed));
            return;
        }
        var isFull = Environment.GetEnvironmentVariable("ARTIFACTSTORE_TEST_SCALE") == "full";
        var minutes = Environment.GetEnvironmentVariable(MinutesVariable) is { Length: > 0 } given
            ? double.Parse(given, CultureInfo.InvariantCulture)
            : MostMinutes;
        var (start, run) = (Stopwatch.GetTimestamp(), 0);
        do
        {
            Check(Schedules);
            run += Schedules;
        }
        while (isFull && run < AllSchedules && Stopwatch.GetElapsedTime(start).TotalMinutes < minutes);
        output.WriteLine($"{run} schedules in {Stopwatch.GetElapsedTime(start).TotalSeconds:F0} s");
    }

    [Fact]
    public void The_same_scenario_is_the_same_run()
    {
        foreach (var scenario in Scenario.Any.Generator.Sample(50, new Rnd(7), 50))
        {
            var first = Simulation.Run(scenario).Trace;
            Assert.Equal(first, Simulation.Run(scenario).Trace);
            Assert.True(first.Count > 10);
        }
    }

    /// <summary>A simulation in which nothing goes wrong proves nothing.</summary>
    [Fact]
    public void Schedules_come_to_everything_that_may_go_wrong()
    {
        string[] wanted =
        [
            "append CollectionStarted", "append LocationCondemned", "append LocationDeleted", "append PackageCollected", "append FileIngested",
            "append LocationSettled+PackageFinalized", "append DeletionEligible", "append HoldReleased", ".2-", ".3-", "away", "looked up",
            "no answer", "late n0 append", "late n1 append", "late n0 put", "late n1 delete", "Crash",
        ];
        var seen = Scenario.Any.Generator.Sample(4000, new Rnd(7), 1000).SelectMany(scenario => Simulation.Run(scenario).Trace).ToHashSet();
        Assert.All(wanted, what => Assert.Contains(seen, line => line.Contains(what, StringComparison.Ordinal)));
    }

    private static void Check(int schedules, Replay? replay = null)
    {
        var config = Config.QuickThrowOnFailure.WithMaxTest(schedules).WithQuietOnSuccess(true)
            .WithReplay(replay is null ? FSharpOption<Replay>.None : FSharpOption<Replay>.Some(replay));
        Prop.ForAll(Scenario.Any, scenario =>
        {
            var (broken, trace) = Simulation.Run(scenario);
            if (broken is not null) throw new BrokenRunException(broken, trace);
        }).Check(config);
    }

    /// <summary>What a failure printed after "Replay directly at failing step with": seed, gamma and size.</summary>
    private static Replay Replay(string text)
    {
        var numbers = text.Trim('(', ')').Split(',');
        var size = numbers.Length > 2 ? FSharpOption<int>.Some(int.Parse(numbers[2], CultureInfo.InvariantCulture)) : FSharpOption<int>.None;
        return new(new(ulong.Parse(numbers[0], CultureInfo.InvariantCulture), ulong.Parse(numbers[1], CultureInfo.InvariantCulture)), size);
    }
}

/// <summary>With all that happened, so that the printed failure is a story.</summary>
internal sealed class BrokenRunException(Exception broken, IReadOnlyList<string> trace)
    : Exception($"{broken.Message}\n{string.Join('\n', trace)}", broken);
