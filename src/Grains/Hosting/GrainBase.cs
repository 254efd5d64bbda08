namespace ArtifactStore.Grains.Hosting;

/// <summary>
/// Seam 2 of design §4: what every grain extends. The host gives it its key and runs it one turn at a time: code between two awaits is
/// never interrupted by other code of the same activation, so a grain needs no locks. Everything that an await returns to is a turn too,
/// therefore a grain never uses <c>ConfigureAwait(false)</c>, <c>Task.Run</c> or a thread.
/// </summary>
/// <remarks>
/// Two activations of one key may exist for a while (another node, a host that lost contact). A grain is a cache with a queue, never the
/// truth: the journal's conditions are (design §4).
/// </remarks>
public abstract partial class GrainBase
{
    /// <summary>Runs before the first call. A failure is the answer to the calls that wait, and the activation is dropped.</summary>
    protected virtual Task OnActivate() => Task.CompletedTask;

    /// <summary>Runs after the last call, unless the process dies: nothing that matters may depend on it.</summary>
    protected virtual Task OnDeactivate() => Task.CompletedTask;
}
