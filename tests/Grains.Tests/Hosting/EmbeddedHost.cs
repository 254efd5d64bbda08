using ArtifactStore.Conformance.Hosts;
using ArtifactStore.Grains.Hosting.Embedded;
using ArtifactStore.Interfaces.Hosting;

namespace ArtifactStore.Grains.Tests.Hosting;

internal sealed class EmbeddedHost : HostUnderTest
{
    private static readonly EmbeddedGrainsOptions Defaults = new();

    private readonly ManualTime _time = new();

    public EmbeddedHost(Board board, EmbeddedGrainsOptions? options = null, TaskScheduler? scheduler = null)
    {
        var factories = new GrainFactories()
            .Add<IProbeGrain>(context => new ProbeGrain(board, context.Grains))
            .Add<IInterleavingProbeGrain>(context => new InterleavingProbeGrain(board, context.Grains));
        Host = new(factories, scheduler ?? TaskScheduler.Default, _time, options ?? Defaults);
    }

    public EmbeddedGrains Host { get; }

    public override IGrains Grains => Host;

    public override Task LetIdleTimePass()
    {
        // Twice: the first time may only see that it was used.
        _time.Advance(2 * Defaults.IdleTime);
        return Task.CompletedTask;
    }

    public override ValueTask DisposeAsync() => Host.DisposeAsync();
}
