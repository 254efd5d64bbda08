using ArtifactStore.Interfaces.Ids;

namespace ArtifactStore.Silo.Hosting;

/// <summary>Version 7: the first 48 bits are the time, so ids made later sort later and indexes on them grow at one end.</summary>
internal sealed class SystemIds : IIds
{
#pragma warning disable RS0030 // the composition root is where ids come from
    public Guid Next() => Guid.CreateVersion7();
#pragma warning restore RS0030
}

/// <summary>The one place that names the system's clock.</summary>
internal static class SystemClock
{
#pragma warning disable RS0030 // the composition root is where time comes from
    public static TimeProvider Instance => TimeProvider.System;
#pragma warning restore RS0030
}
