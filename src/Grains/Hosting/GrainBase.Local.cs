using ArtifactStore.Grains.Hosting.Embedded;

namespace ArtifactStore.Grains.Hosting;

public abstract partial class GrainBase
{
    private Activation? _activation;

    /// <summary>The key it was called by.</summary>
    protected string Key => Bound.Key;

    private Activation Bound => _activation ?? throw new InvalidOperationException("the grain has no key before its host has activated it");

    /// <summary>Asks to be dropped once the calls in progress have ended. Calls that come later find a fresh activation.</summary>
    protected void DeactivateSoon() => Bound.CloseSoon();

    internal void Bind(Activation activation) => _activation = activation;

    internal Task Activate() => OnActivate();

    internal Task Deactivate() => OnDeactivate();
}
