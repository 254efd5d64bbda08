namespace ArtifactStore.Grains.Hosting;

/// <summary>
/// On a grain class: the next call may begin while an earlier one awaits. Turns still never overlap. Without it a call runs to its end
/// before the next one begins. A grain that queues commands and appends them together, or that lets callers wait for each other, needs it.
/// </summary>
[AttributeUsage(AttributeTargets.Class)]
public sealed partial class InterleavesAttribute : Attribute;
