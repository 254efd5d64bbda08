using Orleans;

namespace ArtifactStore.Interfaces.Hosting;

/// <summary>A key is a string; a tenant is its first segment.</summary>
public partial interface IGrain : IGrainWithStringKey;
