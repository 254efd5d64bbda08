using System.Collections.Concurrent;

namespace ArtifactStore.Grains.Hosting.Embedded;

/// <summary>One grain interface: how its grains are made, and those that are active.</summary>
internal sealed class GrainKind(Type type, Func<GrainActivationContext, GrainBase> factory)
{
    public ConcurrentDictionary<string, Activation> Activations { get; } = new();

    /// <summary>Whether the class interleaves; known from the first grain that was made, before any call runs on it.</summary>
    public bool Interleaves { get; private set; }

    public GrainBase Make(GrainActivationContext context)
    {
        var grain = factory(context);
        if (!type.IsInstanceOfType(grain))
        {
            throw new InvalidOperationException($"{grain.GetType().Name} is registered for {type.Name} but is none");
        }
        Interleaves = grain.GetType().IsDefined(typeof(InterleavesAttribute), inherit: true);
        return grain;
    }

    public override string ToString() => type.Name;
}
