using ArtifactStore.Interfaces.Hosting;

namespace ArtifactStore.Grains.Hosting.Embedded;

/// <summary>Which class answers which interface, and how one is made. A factory does no I/O: that belongs into <c>OnActivate</c>.</summary>
public sealed class GrainFactories
{
    private readonly Dictionary<Type, Func<GrainActivationContext, GrainBase>> _factories = [];

    public GrainFactories Add<TGrain>(Func<GrainActivationContext, GrainBase> factory) where TGrain : class, IGrain
    {
        _factories.Add(typeof(TGrain), factory);
        return this;
    }

    internal IEnumerable<KeyValuePair<Type, Func<GrainActivationContext, GrainBase>>> All => _factories;
}
