using ArtifactStore.Conformance.InMemory;
using ArtifactStore.Gateway.Shared;
using ArtifactStore.Gateway.Shared.Collection;
using ArtifactStore.Grains.Contents;
using ArtifactStore.Grains.Hosting.Embedded;
using ArtifactStore.Grains.MetadataSchemas;
using ArtifactStore.Grains.Packages;
using ArtifactStore.Grains.Retention;
using ArtifactStore.Interfaces.Blobs;
using ArtifactStore.Interfaces.Collection;
using ArtifactStore.Interfaces.Contents;
using ArtifactStore.Interfaces.Ids;
using ArtifactStore.Interfaces.Journal;
using ArtifactStore.Interfaces.MetadataSchemas;
using ArtifactStore.Interfaces.Packages;
using ArtifactStore.Interfaces.Retention;
using ArtifactStore.Interfaces.Views;
using ArtifactStore.Simulation.Tests.Ports;
using ArtifactStore.Simulation.Tests.Scheduling;
using Microsoft.Extensions.Logging.Abstractions;

namespace ArtifactStore.Simulation.Tests;

/// <summary>
/// One process: the real grains and the real services over simulated ports. When it crashes, whatever it was doing stops at its next call to a
/// port, and all that it remembered is gone.
/// </summary>
internal sealed class SimulatedNode : IBlobStores
{
    private readonly TaskCompletionSource _crashed = new();
    private readonly TaskCompletionSource _never = new();
    private readonly string _name;

    public SimulatedNode(string name, SimulatedStore store, SimulatedTime.Clock clock)
    {
        var machine = store.Machine;
        _name = name;
        Clock = clock;
        var exhibit = store.Exhibit;
        IViews views = SimulatedViews<IViews>.Over(new InMemoryViews(store.Journal), machine, this, stale: false);
        var lists = SimulatedViews<ICollectionViews>.Over(
            exhibit.Lists(new InMemoryCollectionViews(store.Journal), store), machine, this, stale: true);
        var journal = new SimulatedJournal(machine, this, exhibit.Journal(new InMemoryJournal(store.Journal, clock), store));
        var backend = new InMemoryBlobStore(BackendId.Local, store.Root, new(store.Ids.Next()));
        All = [exhibit.Client(new SimulatedBackend(machine, this, exhibit.Backend(backend, store), store.MayComeBack), store)];

        Grains = new(
            new GrainFactories()
                .Add<IPackageGrain>(context => new PackageGrain(journal, views, context.Grains))
                .Add<IContentGrain>(_ => new ContentGrain(journal, views, clock, store.Ids))
                .Add<IRetentionClassGrain>(_ => new RetentionClassGrain(journal, views))
                .Add<IHoldGrain>(_ => new HoldGrain(journal, views))
                .Add<IMetadataSchemaGrain>(_ => new MetadataSchemaGrain(journal, views)),
            machine.Scheduler, clock);
        var contents = new ContentIngest(Grains, this, store.Ids, NullLogger<ContentIngest>.Instance);
        Reader = new(views, Grains, this, NullLogger<ContentReader>.Instance);
        Creation = new(Grains, views, this, store.Ids, clock);
        Files = new(contents, Reader, Grains, views, store.Ids, clock);
        Finalizer = new(contents, new(views), Grains, views, store.Ids, clock);
        Retention = new(Grains, views, store.Ids, clock);
        Sweep = new(Grains, views, store.Ids, clock);
        Collector = new(
            lists, Grains, this, new(lists, Grains, this, store.Ids, clock, NullLogger<LocationDeletion>.Instance), store.Ids, clock);
        Views = views;
    }

    public SimulatedTime.Clock Clock { get; }

    public IViews Views { get; }

    public EmbeddedGrains Grains { get; }

    public ContentReader Reader { get; }

    public PackageCreation Creation { get; }

    public FileIngest Files { get; }

    public PackageFinalizer Finalizer { get; }

    public RetentionService Retention { get; }

    public RetentionSweep Sweep { get; }

    public Collector Collector { get; }

    public IReadOnlyCollection<IBlobStore> All { get; }

    public bool IsDead { get; private set; }

    /// <summary>Ends when the node dies.</summary>
    public Task Crashed => _crashed.Task;

    /// <summary>Where a dead node's code stays.</summary>
    public Task Forever => _never.Task;

    public IBlobStore Get(BackendId id) => All.First();

    public BackendId Route(string producer, string retentionClass) => BackendId.Local;

    /// <summary>For its own code this never returns.</summary>
    public Task Crash()
    {
        IsDead = true;
        _crashed.TrySetResult();
        return Forever;
    }

    public override string ToString() => _name;
}
