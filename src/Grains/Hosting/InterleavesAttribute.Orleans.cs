using Orleans.Metadata;
using Orleans.Runtime;

namespace ArtifactStore.Grains.Hosting;

/// <summary>Tells Orleans what its own attribute for reentrant grains would tell it.</summary>
public sealed partial class InterleavesAttribute : IGrainPropertiesProviderAttribute
{
    public void Populate(IServiceProvider services, Type grainClass, GrainType grainType, Dictionary<string, string> properties) =>
        properties[WellKnownGrainTypeProperties.Reentrant] = "true";
}
