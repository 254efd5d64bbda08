using ArtifactStore.Architecture.Tests;
using ArtifactStore.Simulation.Tests.Model;
using ArtifactStore.Simulation.Tests.Museum;
using FsCheck;
using FsCheck.Fluent;

namespace ArtifactStore.Simulation.Tests;

/// <summary>Published bugs of other stores, each put back in: one that no schedule notices fails the run (docs/gc/MUSEUM.md).</summary>
public sealed class MuseumTests(ITestOutputHelper output)
{
    private const int Schedules = 20_000;
    private const int AtOnce = 500;

    private static readonly Dictionary<string, (Func<Exhibit> Make, string Address, string[] Breaks)> s_bugs = new()
    {
        ["Harbor 23116"] = (() => new Harbor23116(), "https://github.com/goharbor/harbor/issues/23116", [Invariants.ReferencesAreLive]),
        ["Harbor 15332"] = (() => new Harbor15332(), "https://github.com/goharbor/harbor/issues/15332", [Invariants.LiveBytesAreThere]),
        ["Quay 6318"] = (() => new Quay6318(), "https://github.com/quay/quay/pull/6318", [Invariants.CondemnedIsUnkept]),
        ["distribution 3544"] = (
            () => new Distribution3544(), "https://github.com/distribution/distribution/pull/3544", [Invariants.CondemnedIsUnkept]),
        ["distribution 3178"] = (
            () => new Distribution3178(), "https://github.com/distribution/distribution/issues/3178", [Invariants.CondemnedIsUnkept]),
        ["zot 4427"] = (() => new Zot4427(), "https://github.com/project-zot/zot/issues/4427", [Invariants.LiveBytesAreThere]),
        ["zot 2625"] = (() => new Zot2625(), "https://github.com/project-zot/zot/issues/2625", [Invariants.LiveBytesAreThere]),
        ["SeaweedFS 11366"] = (
            () => new SeaweedFs11366(), "https://github.com/seaweedfs/seaweedfs/issues/11366", [Invariants.LiveBytesAreThere]),
        ["SeaweedFS 10663"] = (
            () => new SeaweedFs10663(), "https://github.com/seaweedfs/seaweedfs/issues/10663", [Invariants.LiveBytesAreThere]),
        ["SeaweedFS 10366"] = (
            () => new SeaweedFs10366(), "https://github.com/seaweedfs/seaweedfs/issues/10366", [Invariants.LiveBytesAreThere]),
        ["SeaweedFS 7194"] = (() => new SeaweedFs7194(), "https://github.com/seaweedfs/seaweedfs/issues/7194", [Invariants.CondemnedIsUnkept]),
        ["RustFS 1509"] = (() => new RustFs1509(), "https://github.com/rustfs/rustfs/issues/1509", [Invariants.HeldStays]),
        ["versitygw 579"] = (() => new VersityGw579(), "https://github.com/versity/versitygw/issues/579", [Invariants.HeldStays]),
        ["NooBaa 9896"] = (() => new NooBaa9896(), "https://github.com/noobaa/noobaa-core/pull/9896", [Invariants.HeldStays]),
        ["Duplicacy 8985"] = (
            () => new Duplicacy8985(),
            "https://forum.duplicacy.com/t/race-condition-between-backups-and-prunes-can-lead-to-corrupted-snapshot/8985",
            [Invariants.ReferencesAreLive]),
    };

    public static TheoryData<string> Bugs => [.. s_bugs.Keys];

    [Theory]
    [MemberData(nameof(Bugs))]
    public void Is_noticed(string name)
    {
        var (make, _, breaks) = s_bugs[name];
        for (var run = 0; run < Schedules; run += AtOnce)
        {
            foreach (var (scenario, i) in Scenario.Any.Generator.Sample(AtOnce, new Rnd((ulong)run + 1), 50).Select((scenario, i) => (scenario, i)))
            {
                if (Simulation.Run(scenario, make()).Broken is not { } broken) continue;
                output.WriteLine($"noticed by schedule {run + i + 1}: {broken.Message}");
                Assert.Contains(broken.Invariant, breaks);
                return;
            }
        }
        Assert.Fail($"{name} survives {Schedules} schedules");
    }

    /// <summary>The showcase itself breaks nothing: what is noticed is the bug.</summary>
    [Fact]
    public void An_exhibit_without_a_bug_is_not_noticed()
    {
        foreach (var scenario in Scenario.Any.Generator.Sample(AtOnce, new Rnd(1), 50)) Assert.Null(Simulation.Run(scenario, new EmptyShowcase()).Broken);
    }

    [Fact]
    public void Each_has_its_story_and_its_address()
    {
        var museum = File.ReadAllText(Path.Combine(Checkout.Root, "docs/gc/MUSEUM.md"));
        Assert.All(s_bugs, bug =>
        {
            Assert.Contains($"## {bug.Key}\n", museum, StringComparison.Ordinal);
            Assert.Contains($"]({bug.Value.Address})", museum, StringComparison.Ordinal);
        });
    }
}
