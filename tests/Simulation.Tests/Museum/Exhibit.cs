using ArtifactStore.Gateway.Tests.Fixtures;
using ArtifactStore.Interfaces.Blobs;
using ArtifactStore.Interfaces.Collection;
using ArtifactStore.Interfaces.Journal;

namespace ArtifactStore.Simulation.Tests.Museum;

/// <summary>
/// A bug of another store, put between this one and its ports; docs/gc/MUSEUM.md tells the stories. Without any it is the store as it is. One
/// exhibit stands in one run, and all nodes of the run share it.
/// </summary>
internal class Exhibit
{
    public virtual IJournal Journal(IJournal inner, SimulatedStore store) => inner;

    /// <summary>The backend itself.</summary>
    public virtual IBlobStore Backend(IBlobStore inner, SimulatedStore store) => inner;

    /// <summary>How a node uses its backend, faults and all.</summary>
    public virtual IBlobStore Client(IBlobStore inner, SimulatedStore store) => inner;

    public virtual ICollectionViews Lists(ICollectionViews inner, SimulatedStore store) => inner;
}

/// <summary>Everything that exhibits are made of, without a bug.</summary>
internal sealed class EmptyShowcase : Exhibit
{
    public override IJournal Journal(IJournal inner, SimulatedStore store) => new ForgetfulJournal(inner, _ => false);

    public override IBlobStore Backend(IBlobStore inner, SimulatedStore store) => new ForwardingBackend(inner);

    public override IBlobStore Client(IBlobStore inner, SimulatedStore store) => new ForwardingBackend(inner);

    public override ICollectionViews Lists(ICollectionViews inner, SimulatedStore store) => new Observed(inner);
}
