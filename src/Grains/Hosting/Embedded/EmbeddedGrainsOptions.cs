namespace ArtifactStore.Grains.Hosting.Embedded;

/// <summary>What bounds the memory of the host.</summary>
public sealed record EmbeddedGrainsOptions
{
    /// <summary>An activation without a call for this long is dropped; measured in eighths, so up to an eighth late.</summary>
    public TimeSpan IdleTime { get; init; } = TimeSpan.FromMinutes(5);

    /// <summary>
    /// Above this many, the least recently used are dropped early. Those with a call in progress stay: the calls bound their number.
    /// </summary>
    public int MaxActivations { get; init; } = 100_000;

    /// <summary>Calls that may wait for one activation; more fail with <see cref="GrainOverloadedException"/>.</summary>
    public int MaxWaitingCalls { get; init; } = 100_000;

    /// <summary>Told about what no caller waits for: a failing <c>OnDeactivate</c>.</summary>
    public Action<string, Exception>? Unhandled { get; init; }
}

/// <summary>What a grain class may need to be made: its key, and the way to other grains.</summary>
public sealed record GrainActivationContext(string Key, Interfaces.Hosting.IGrains Grains);

/// <summary>Too many calls wait for one grain. Doors render it as <c>overloaded</c>.</summary>
public sealed class GrainOverloadedException(string key)
    : Interfaces.Hosting.OverloadedException($"too many calls wait for the grain {key}");

/// <summary>
/// A grain was called by what it is itself waiting for. Rule: calls go down (package to content, class, schema) and never back up; a call
/// to a non-interleaving grain that stands in the chain of its own callers is refused at once instead of waiting for ever.
/// </summary>
public sealed class GrainCallCycleException(string key) : Exception($"the grain {key} waits for the call that now calls it");
