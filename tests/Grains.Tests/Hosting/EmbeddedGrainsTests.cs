using ArtifactStore.Conformance.Hosts;
using ArtifactStore.Grains.Hosting.Embedded;

namespace ArtifactStore.Grains.Tests.Hosting;

public class EmbeddedHostSuite : GrainHostSuite
{
    protected override Task<HostUnderTest> Start() => Task.FromResult<HostUnderTest>(new EmbeddedHost(Board));
}

/// <summary>What the embedded host promises beyond the suite: bounds, an end, and an injected scheduler.</summary>
public class EmbeddedGrainsTests
{
    private readonly Board _board = new();

    public EmbeddedGrainsTests() => _board.Open("activation");

    [Fact]
    public async Task The_number_of_activations_is_bounded_and_the_forgotten_go_first()
    {
        await using var host = new EmbeddedHost(_board, new() { MaxActivations = 100 });
        for (var i = 0; i < 1000; i++)
        {
            await Echo(host, $"{i}");
            await Echo(host, "favourite");
        }
        await Eventually.True(() => host.Host.Count <= 101);
        Assert.InRange(_board.Count("activate favourite"), 1, 20);
    }

    [Fact]
    public async Task Disposing_lets_calls_end_and_refuses_new_ones()
    {
        var host = new EmbeddedHost(_board);
        var call = host.Grains.Call<IProbeGrain>("a", grain => grain.Pass("long"));
        var waits = host.Grains.Call<IProbeGrain, string>("a", grain => grain.AskAnother("b", "still works"));
        await Eventually.True(() => _board.Lines.Contains("begin long"));
        var disposed = host.DisposeAsync().AsTask();
        await Assert.ThrowsAsync<ObjectDisposedException>(() => Echo(host, "c"));
        Assert.False(disposed.IsCompleted);
        _board.Open("long");
        await Eventually.In(disposed);
        Assert.True(call.IsCompletedSuccessfully);
        Assert.Equal("still works", await waits);
        Assert.Equal(0, host.Host.Count);
        Assert.Equal(1, _board.Count("deactivate a"));
        Assert.Equal(1, _board.Count("deactivate b"));
        await host.DisposeAsync();
    }

    [Fact]
    public async Task A_full_mailbox_refuses_instead_of_growing()
    {
        await using var host = new EmbeddedHost(_board, new() { MaxWaitingCalls = 3 });
        var long_ = host.Grains.Call<IProbeGrain>("a", grain => grain.Pass("long"));
        await Eventually.True(() => _board.Lines.Contains("begin long"));
        var waiting = Enumerable.Range(0, 3).Select(_ => Echo(host, "a")).ToList();
        await Assert.ThrowsAsync<GrainOverloadedException>(() => Echo(host, "a"));
        _board.Open("long");
        await Eventually.In(Task.WhenAll(waiting));
        await long_;
    }

    [Fact]
    public void One_thread_can_drive_everything()
    {
        var scheduler = new StepScheduler(seed: 1);
        var host = new EmbeddedHost(_board, scheduler: scheduler);
        scheduler.Run(async () =>
        {
            var thread = Environment.CurrentManagedThreadId;
            Assert.Equal("the end", await host.Grains.Call<IProbeGrain, string>("a", grain => grain.Ring(["b", "c"], 0)));
            Assert.Equal(1, await host.Grains.Call<IInterleavingProbeGrain, int>("a", grain => grain.AddOne()));
            await host.DisposeAsync();
            Assert.Equal(thread, Environment.CurrentManagedThreadId);
        });
    }

    private static Task<string> Echo(EmbeddedHost host, string key) =>
        Eventually.In(host.Grains.Call<IProbeGrain, string>(key, grain => grain.Echo(key)));
}
