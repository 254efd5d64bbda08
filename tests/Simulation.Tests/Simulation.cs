using ArtifactStore.Conformance.Time;
using ArtifactStore.Gateway.Shared;
using ArtifactStore.Interfaces.Access;
using ArtifactStore.Interfaces.Blobs;
using ArtifactStore.Interfaces.Canonical;
using ArtifactStore.Interfaces.Contents;
using ArtifactStore.Interfaces.Errors;
using ArtifactStore.Interfaces.Hashing;
using ArtifactStore.Interfaces.Ids;
using ArtifactStore.Interfaces.Journal;
using ArtifactStore.Interfaces.Packages;
using ArtifactStore.Interfaces.Retention;
using ArtifactStore.Simulation.Tests.Model;
using ArtifactStore.Simulation.Tests.Museum;
using ArtifactStore.Simulation.Tests.Scheduling;

namespace ArtifactStore.Simulation.Tests;

/// <summary>One run of a scenario: clients do what they want, then everything comes to rest, then everything is deleted.</summary>
internal sealed class Simulation
{
    private const string Subject = "case/7";
    private static readonly Principal s_caller = new(TenantId.Default, "alice", Anonymous: false);
    private static readonly byte[][] s_contents = [.. Enumerable.Range(0, Scenario.Contents).Select(i => new[] { (byte)i, (byte)7 })];
    private static readonly Digest256[] s_digests = [.. s_contents.Select(bytes => ContentHasher.Hash(bytes).Blake3)];

    private readonly Scenario _scenario;
    private readonly Machine _machine;
    private readonly SimulatedStore _store;
    private readonly SimulatedTime.Clock[] _clocks;
    private readonly SimulatedNode[] _nodes;
    private readonly PackageId?[] _packages = new PackageId?[Scenario.Packages];
    private readonly List<HoldId> _holds = [];
    private int _paths;

    private Simulation(Scenario scenario, Exhibit exhibit)
    {
        _scenario = scenario;
        _store = new(exhibit, scenario);
        _machine = _store.Machine;
        _clocks = [.. Enumerable.Range(0, Scenario.Nodes).Select(_ => new SimulatedTime.Clock(_machine.Time))];
        _nodes = [.. Enumerable.Range(0, Scenario.Nodes).Select(Start)];
    }

    /// <summary>What was broken, if anything, and all that happened.</summary>
    public static (BrokenInvariantException? Broken, IReadOnlyList<string> Trace) Run(Scenario scenario, Exhibit? exhibit = null)
    {
        var before = SynchronizationContext.Current;
        SynchronizationContext.SetSynchronizationContext(null);
        try
        {
            var run = new Simulation(scenario, exhibit ?? new Exhibit());
            run._machine.Scheduler.Run(run.Main, run._machine.Time.FireNext);
            Assert.Equal(0, run._machine.Scheduler.Foreign);
            return (run._store.Broken, run._machine.Trace);
        }
        finally
        {
            SynchronizationContext.SetSynchronizationContext(before);
        }
    }

    private async Task Main()
    {
        await Task.WhenAll(Enumerable.Range(0, Scenario.Clients).Select(Client));
        _machine.Calm();
        var node = await Recover();
        await Rest(node, held: true);
        await Rest(node, held: false);
    }

    private async Task Client(int client)
    {
        foreach (var command in _scenario.Commands.Where(command => command.Client == client))
        {
            await _machine.Pause();
            if (_store.Broken is not null) return;
            if (_nodes[command.Node].IsDead) _nodes[command.Node] = Start(command.Node);
            var node = _nodes[command.Node];
            _machine.Trace.Add(command.ToString());
            try
            {
                await await Task.WhenAny(Awaited(Do(command, node)), node.Crashed);
            }
            catch (Exception failure) when (failure is JournalUnavailableException or BlobStoreException)
            {
                _machine.Trace.Add($"{command}: {failure.Message}");
            }
        }
    }

    /// <summary>Awaited here, on the one thread, and not where the first of several tasks happens to end.</summary>
    private static async Task Awaited(Task task) => await task;

    private Task Do(Command command, SimulatedNode node) => command.Verb switch
    {
        Verb.Push => Push(node, command.Package, command.Content),
        Verb.Link => Link(node, command.Package, command.Content),
        Verb.Finalize => OnPackage(command.Package, id => node.Finalizer.Finalize(s_caller, id, default)),
        Verb.Read => Read(node, command.Package),
        Verb.Delete => OnPackage(command.Package, id => node.Retention.RequestDeletion(s_caller, id, "not needed")),
        Verb.HoldPackage => OnPackage(command.Package, id => Hold(node, new(HoldKind.Package, id.ToString()))),
        Verb.HoldContent => HoldContent(node, command.Content),
        Verb.HoldSubject => Hold(node, new(HoldKind.Subject, "case")),
        Verb.HoldEverything => Hold(node, HoldCover.Everything),
        Verb.Release => Release(node),
        Verb.Extend => OnPackage(command.Package, id => node.Retention.Extend(s_caller, id, node.Clock.GetUtcNow().AddDays(900), "longer")),
        Verb.Sweep => node.Sweep.Run(),
        Verb.Collect => node.Collector.Run(),
        Verb.Jump => Jump(node, command.Package),
        Verb.Crash => node.Crash(),
        _ => throw new InvalidOperationException($"{command.Verb} is not a command"),
    };

    private async Task Push(SimulatedNode node, int slot, int content)
    {
        if (await Open(node, slot) is not { } package) return;
        var file = NewFile(package.Id);
        var pushed = await node.Files.Ingest(file, package, new MemoryStream(s_contents[content]), null, ExpectedDigests.None, default);
        if (pushed.Succeeded) _store.WasAnswered(package.Id, file.Path.Value, s_digests[content]);
    }

    private async Task Link(SimulatedNode node, int slot, int content)
    {
        if (await Open(node, slot) is not { } package) return;
        var file = NewFile(package.Id);
        var linked = await node.Files.Link(file, package, ContentAddress.Blake3(s_digests[content]), default);
        if (linked.Succeeded) _store.WasAnswered(package.Id, file.Path.Value, s_digests[content]);
    }

    /// <summary>The package in this slot, or a new one when it takes files no more.</summary>
    private async Task<PackageView?> Open(SimulatedNode node, int slot)
    {
        if (_packages[slot] is { } known)
        {
            var expected = await node.Files.ExpectOpen(s_caller, known, default);
            if (expected.Succeeded) return expected.Value;
        }
        // The last slot outlives most jumps, and no hold on a subject covers it.
        var isLast = slot == Scenario.Packages - 1;
        var package = new NewPackage("p", "ci", isLast ? "main" : Subject, isLast ? "raw-evidence" : "transient", CanonicalDocument.EmptyMap);
        var made = await node.Creation.Create(s_caller, package, default);
        if (!made.Succeeded) return null;
        _packages[slot] = made.Value.Id;
        return made.Value;
    }

    /// <summary>Everything that was answered about the package, as long as it stands.</summary>
    private async Task Read(SimulatedNode node, int slot)
    {
        foreach (var (package, path, content) in _store.Answered.Where(answered => answered.Package == _packages[slot]).ToList())
        {
            var address = ContentAddress.Blake3(content);
            var found = await node.Reader.Find(s_caller.Scope, address, default);
            var opened = found.Succeeded ? await node.Reader.Open(s_caller.Scope, found.Value, 0, found.Value.Digests.Size, default) : found.Error;
            if (opened.Error?.Code is { } code && (code == ErrorCatalogue.DatabaseUnavailable.Code || code == ErrorCatalogue.Overloaded.Code)) return;
            using var copy = new MemoryStream();
            if (opened.Succeeded) opened.Value.CopyTo(copy);
            if (opened.Succeeded && ContentHasher.Hash(copy.ToArray()).Blake3 == content) continue;
            _store.Prove(() =>
            {
                if (_store.Model.IsStanding(package))
                    throw new BrokenInvariantException(Invariants.AnsweredIsRead, $"{path} of {package}: {opened.Error?.Detail ?? "other bytes"}");
            });
        }
    }

    private async Task<Outcome<HoldView>> Hold(SimulatedNode node, HoldCover cover)
    {
        var held = await node.Retention.Apply(s_caller, new(cover, "an audit"));
        if (held.Succeeded) _holds.Add(held.Value.Id);
        return held;
    }

    private async Task HoldContent(SimulatedNode node, int content)
    {
        var cover = new HoldCover(HoldKind.Content, s_digests[content].ToHex());
        var held = await node.Retention.ApplyToContent(s_caller, ContentAddress.Blake3(s_digests[content]), new(cover, "an audit"), default);
        if (held.Succeeded) _holds.Add(held.Value.Id);
    }

    private async Task Release(SimulatedNode node)
    {
        if (_holds.Count == 0) return;
        var hold = _holds[0];
        _holds.RemoveAt(0);
        await node.Retention.Release(s_caller, hold, "it is over", default);
    }

    private Task OnPackage<T>(int slot, Func<PackageId, Task<T>> call) => _packages[slot] is { } package ? call(package) : Task.CompletedTask;

    private static Task Jump(SimulatedNode node, int package)
    {
        node.Clock.Jumped += TimeSpan.FromDays(package == 0 ? -1 : 2 * package);
        return Task.CompletedTask;
    }

    private NewFile NewFile(PackageId package) => new(s_caller, package, RelativePath.FromStored($"f{++_paths}"), MediaType.OctetStream);

    private SimulatedNode Start(int number) => new($"n{number}", _store, _clocks[number]);

    /// <summary>Both nodes die; one begins anew and gives up the reservations of the dead, as the background work does.</summary>
    private async Task<SimulatedNode> Recover()
    {
        foreach (var node in _nodes) _ = node.Crash();
        var recovered = Start(0);
        foreach (var left in _store.Journal.Standing)
        {
            await recovered.Grains.Call<IContentGrain>(
                ContentKey.Of(left.Tenant, left.Backend, left.Content.Blake3), grain => grain.Abandon(left, "the process that reserved it ended"));
        }
        return recovered;
    }

    /// <summary>One collector runs to its end. First with the holds that stand but those on everything, then with none and nothing wanted.</summary>
    private async Task Rest(SimulatedNode node, bool held)
    {
        foreach (var hold in _store.Model.Holds.Values.ToList())
        {
            if (!held || hold.Kind == HoldKind.Everything) await node.Retention.Release(s_caller, hold.Hold, "it is over", default);
        }
        if (!held)
        {
            foreach (var (package, _) in _store.Model.Packages.Where(pair => pair.Value.IsStanding).ToList())
                await node.Retention.RequestDeletion(s_caller, package, "not needed");
        }
        await node.Collector.Run();
        for (var slot = 0; held && slot < Scenario.Packages; slot++) await Read(node, slot);
        _store.CheckRest();
        if (held) return;
        _store.Prove(() =>
        {
            if (_store.Model.References.Count > 0 || _store.Model.Locations.Values.Any(location => location.State != LocationState.Gone))
                throw new BrokenInvariantException(Invariants.NothingLeaks, "something is left of a store in which everything was deleted");
        });
    }
}
