using FsCheck;
using FsCheck.Fluent;

namespace ArtifactStore.Simulation.Tests;

/// <summary>The real grains, ingest and collector, in every order that a seed can think of, with crashes and faults (docs/gc/README.md).</summary>
public sealed class SimulationTests
{
    [Fact]
    public void The_same_scenario_is_the_same_run()
    {
        foreach (var scenario in Scenario.Any.Generator.Sample(50, new Rnd(7), 20))
        {
            var first = Simulation.Run(scenario).Trace;
            Assert.Equal(first, Simulation.Run(scenario).Trace);
            Assert.True(first.Count > 10);
        }
    }

    [Fact]
    public void No_schedule_loses_a_byte_or_leaves_one()
    {
        Prop.ForAll(Scenario.Any, scenario =>
        {
            if (Simulation.Run(scenario).Broken is { } broken) throw broken;
        }).Check(Config.QuickThrowOnFailure.WithMaxTest(1000));
    }
}
