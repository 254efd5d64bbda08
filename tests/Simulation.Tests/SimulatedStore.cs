using ArtifactStore.Conformance.InMemory;
using ArtifactStore.Grains.Tests;
using ArtifactStore.Interfaces.Contents;
using ArtifactStore.Interfaces.Hashing;
using ArtifactStore.Interfaces.Ids;
using ArtifactStore.Simulation.Tests.Model;
using ArtifactStore.Simulation.Tests.Museum;
using ArtifactStore.Simulation.Tests.Scheduling;

namespace ArtifactStore.Simulation.Tests;

/// <summary>What all nodes share, and what is promised about it after every step.</summary>
internal sealed class SimulatedStore
{
    private readonly HashSet<string> _mayComeBack = [];
    private readonly Dictionary<string, byte[]> _verified = [];
    private readonly List<(PackageId Package, string Path, Digest256 Content)> _answered = [];
    private (int, int, int) _checked;
    private int _seen;

    public SimulatedStore(Exhibit exhibit, Scenario scenario)
    {
        Exhibit = exhibit;
        Machine = new(new(scenario.Choices, scenario.ChoiceCount), scenario.FaultsOf256, scenario.ToString(), Check);
    }

    public Exhibit Exhibit { get; }

    public Machine Machine { get; }

    public InMemoryStore Journal { get; } = new();

    public InMemoryBlobRoot Root { get; } = new();

    public Sequence Ids { get; } = new();

    public ReferenceModel Model { get; } = new();

    /// <summary>The first promise that was broken.</summary>
    public BrokenInvariantException? Broken { get; private set; }

    public IReadOnlyList<(PackageId Package, string Path, Digest256 Content)> Answered => _answered;

    /// <summary>A PUT of this key may arrive after it was deleted; such bytes are nobody's.</summary>
    public void MayComeBack(string key) => _mayComeBack.Add(key);

    public void WasAnswered(PackageId package, string path, Digest256 content)
    {
        _answered.Add((package, path, content));
        Check();
    }

    /// <summary>After every step.</summary>
    public void Check()
    {
        var now = (Journal.Count, Root.Changes, _answered.Count);
        if (now == _checked) return;
        _checked = now;
        Prove(CheckStep);
    }

    /// <summary>When nobody does anything any more.</summary>
    public void CheckRest() => Prove(() =>
    {
        CheckStep();
        foreach (var (where, location) in Model.Locations)
        {
            if (location.State == LocationState.Condemned) throw Leak($"{location.Key} is still condemned");
            if (location.State != LocationState.Gone && !Model.IsKept(where.Backend, where.Content)) throw Leak($"nothing keeps {location.Key}");
        }
        if (Model.Packages.FirstOrDefault(pair => pair.Value.Status == Interfaces.Packages.PackageStatus.Collecting) is { Value: not null } stuck)
            throw Leak($"package {stuck.Key} is still on its way");
        if (Journal.Standing.Count > 0) throw Leak("a reservation is left");
        if (Journal.CandidateCount > 0) throw Leak("a candidate is left");
        var kept = Model.Locations.Values.Where(location => location.State == LocationState.Live).Select(location => location.Key);
        if (Root.Keys.Except(kept).Except(_mayComeBack).FirstOrDefault() is { } orphan) throw Leak($"bytes at {orphan} belong to nothing");
        Compare(Invariants.CountsAreProved, Model.Dump(), Journal.Dump());
        Compare(Invariants.ReplayIsIdentical, Journal.Replayed().Dump(), Journal.Dump());

        static BrokenInvariantException Leak(string what) => new(Invariants.NothingLeaks, what);
    });

    /// <summary>Keeps the first failure; whoever caused it must not be able to swallow it.</summary>
    public void Prove(Action proof)
    {
        if (Broken is not null) return;
        try
        {
            proof();
        }
        catch (BrokenInvariantException broken)
        {
            Broken = broken;
        }
    }

    private void CheckStep()
    {
        foreach (var (@event, sequence) in Journal.LogFrom(_seen))
        {
            _seen++;
            Model.Apply(@event, sequence);
        }
        foreach (var (keeper, (backend, content)) in Model.References)
        {
            if (Model.Live(backend, content) is null)
                throw new BrokenInvariantException(Invariants.ReferencesAreLive, $"{keeper} refers to {content.ToHex()}, which is live nowhere");
        }
        foreach (var (where, location) in Model.Locations)
        {
            if (location.State == LocationState.Live && !IsGood(location.Key, where.Content))
                throw new BrokenInvariantException(Invariants.LiveBytesAreThere, $"{location.Key} is live, and its bytes are not there");
        }
        foreach (var key in Model.UnderBackup ?? [])
        {
            if (Root.BytesAt(key) is null)
                throw new BrokenInvariantException(Invariants.BytesUnderBackupStay, $"{key} was deleted while everything was held");
        }
        foreach (var (package, path, content) in _answered)
        {
            if (Model.IsStanding(package) && Model.Packages[package].Files.GetValueOrDefault(path) != content)
                throw new BrokenInvariantException(Invariants.AnsweredStays, $"{path} of {package} was answered, and is not in the log");
        }
    }

    private bool IsGood(string key, Digest256 content)
    {
        if (Root.BytesAt(key) is not { } bytes) return false;
        // The backend never changes an array, so what was hashed once is good as long as it is the same one.
        if (ReferenceEquals(_verified.GetValueOrDefault(key), bytes)) return true;
        _verified[key] = bytes;
        return ContentHasher.Hash(bytes).Blake3 == content;
    }

    private static void Compare(string invariant, IEnumerable<string> expected, IEnumerable<string> found)
    {
        var (missing, wrong) = (expected.Except(found).FirstOrDefault(), found.Except(expected).FirstOrDefault());
        if (missing is not null || wrong is not null) throw new BrokenInvariantException(invariant, $"expected '{missing}', found '{wrong}'");
    }
}
