using Orleans;

namespace ArtifactStore.Grains.Hosting;

/// <summary>The same grains as Orleans sees them: constructor arguments come from the silo's services.</summary>
public abstract partial class GrainBase : Grain
{
    /// <summary>The key it was called by.</summary>
    protected string Key => this.GetPrimaryKeyString();

    /// <summary>Asks to be dropped once the calls in progress have ended. Calls that come later find a fresh activation.</summary>
    protected void DeactivateSoon() => DeactivateOnIdle();

    public sealed override Task OnActivateAsync(CancellationToken cancellationToken) => OnActivate();

    public sealed override Task OnDeactivateAsync(DeactivationReason reason, CancellationToken cancellationToken) => OnDeactivate();
}
