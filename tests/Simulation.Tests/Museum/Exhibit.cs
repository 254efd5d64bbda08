using ArtifactStore.Interfaces.Blobs;
using ArtifactStore.Interfaces.Collection;
using ArtifactStore.Interfaces.Journal;
using ArtifactStore.Interfaces.Views;

namespace ArtifactStore.Simulation.Tests.Museum;

/// <summary>A bug of another store, put between this one and its ports. Without any it is the store as it is.</summary>
internal class Exhibit
{
    public static readonly Exhibit None = new();

    public virtual IJournal Journal(IJournal inner, SimulatedStore store) => inner;

    public virtual IBlobStore Backend(IBlobStore inner, SimulatedStore store) => inner;

    public virtual IViews Views(IViews inner, SimulatedStore store) => inner;

    public virtual ICollectionViews Lists(ICollectionViews inner, SimulatedStore store) => inner;
}
