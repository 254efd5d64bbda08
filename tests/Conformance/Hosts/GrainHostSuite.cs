using ArtifactStore.Conformance.Time;
using ArtifactStore.Interfaces.Errors;
using ArtifactStore.Interfaces.Hosting;

namespace ArtifactStore.Conformance.Hosts;

/// <summary>What the grains rely on, whoever hosts them (design §4).</summary>
public abstract class GrainHostSuite
{
    protected Board Board { get; } = new();

    /// <summary>A host that makes <see cref="ProbeGrain"/> and <see cref="InterleavingProbeGrain"/> with the board.</summary>
    protected abstract Task<HostUnderTest> Start();

    private async Task<HostUnderTest> Opened()
    {
        Board.Open("activation");
        Board.Open("open");
        return await Start();
    }

    [Fact]
    public async Task A_call_is_answered()
    {
        await using var host = await Opened();
        Assert.Equal("hello", await Eventually.In(host.Grains.Call<IProbeGrain, string>("a", grain => grain.Echo("hello"))));
    }

    [Fact]
    public async Task Calls_of_one_caller_begin_in_the_order_in_which_they_were_made()
    {
        await using var host = await Opened();
        var names = Enumerable.Range(0, 500).Select(i => i.ToString()).ToList();
        names.ForEach(Board.Open);
        var calls = names.Select(name => host.Grains.Call<IProbeGrain>("a", grain => grain.Pass(name))).ToList();
        await Eventually.In(Task.WhenAll(calls));
        Assert.Equal(names.SelectMany(name => new[] { $"begin {name}", $"end {name}" }), Board.Lines.Skip(1));
    }

    [Fact]
    public async Task A_call_ends_before_the_next_one_begins()
    {
        await using var host = await Opened();
        var first = host.Grains.Call<IProbeGrain>("a", grain => grain.Pass("first"));
        var second = host.Grains.Call<IProbeGrain>("a", grain => grain.Pass("second"));
        Board.Open("second");
        await Eventually.True(() => Board.Lines.Contains("begin first"));
        await Eventually.In(host.Grains.Call<IProbeGrain, string>("another", grain => grain.Echo("")));
        Assert.DoesNotContain("begin second", Board.Lines);
        Board.Open("first");
        await Eventually.In(Task.WhenAll(first, second));
        Assert.Equal(["begin first", "end first", "begin second", "end second"], Board.Lines.Where(line => !line.StartsWith("activate")));
    }

    [Fact]
    public async Task An_interleaving_grain_begins_the_next_call_while_one_awaits()
    {
        await using var host = await Opened();
        var first = host.Grains.Call<IInterleavingProbeGrain>("a", grain => grain.Pass("first"));
        var second = host.Grains.Call<IInterleavingProbeGrain>("a", grain => grain.Pass("second"));
        Board.Open("second");
        await Eventually.In(second);
        Assert.False(first.IsCompleted);
        Board.Open("first");
        await Eventually.In(first);
    }

    [Fact]
    public async Task Turns_never_overlap()
    {
        await using var host = await Opened();
        var calls = Enumerable.Range(0, 8).Select(_ => Task.Run(async () =>
        {
            for (var i = 0; i < 200; i++)
            {
                await host.Grains.Call<IInterleavingProbeGrain, int>("a", grain => grain.AddOne());
                await host.Grains.Call<IInterleavingProbeGrain, int>("a", grain => grain.ManyWaits(3));
            }
        }));
        await Eventually.In(Task.WhenAll(calls));
        Assert.DoesNotContain("overlap", Board.Lines);
        Assert.Equal(1 + 8 * 200 * 4, await host.Grains.Call<IInterleavingProbeGrain, int>("a", grain => grain.AddOne()));
    }

    [Fact]
    public async Task A_stampede_activates_once()
    {
        await using var host = await Start();
        var calls = Enumerable.Range(0, 1000).Select(i =>
            Task.Run(() => host.Grains.Call<IProbeGrain, string>("a", grain => grain.Echo($"{i}"))));
        var all = Task.WhenAll(calls.ToList());
        await Eventually.True(() => Board.Lines.Count > 0);
        Assert.False(all.IsCompleted);
        Board.Open("activation");
        Assert.Equal(Enumerable.Range(0, 1000).Select(i => $"{i}"), await Eventually.In(all));
        Assert.Equal(1, Board.Count("activate a"));
    }

    [Fact]
    public async Task Keys_and_interfaces_have_activations_of_their_own()
    {
        await using var host = await Opened();
        Assert.Equal(2, await Twice(host.Grains, "a"));
        Assert.Equal(2, await Twice(host.Grains, "b"));
        Assert.Equal(1, await host.Grains.Call<IInterleavingProbeGrain, int>("a", grain => grain.AddOne()));
        Assert.Equal(2, Board.Count("activate a"));
    }

    [Fact]
    public async Task A_grain_that_asked_to_leave_is_activated_afresh()
    {
        await using var host = await Opened();
        Assert.Equal(2, await Twice(host.Grains, "a"));
        await host.Grains.Call<IProbeGrain>("a", grain => grain.Leave());
        await Eventually.True(() => Board.Count("deactivate a") == 1);
        Assert.Equal(1, await Eventually.In(host.Grains.Call<IProbeGrain, int>("a", grain => grain.AddOne())));
        Assert.Equal(["activate a", "deactivate a", "activate a"], Board.Lines);
    }

    [Fact]
    public async Task Calls_that_wait_behind_a_grain_that_leaves_are_not_lost()
    {
        await using var host = await Opened();
        var calls = new List<Task>();
        for (var i = 0; i < 200; i++)
        {
            calls.Add(host.Grains.Call<IProbeGrain, int>("a", grain => grain.AddOne()));
            if (i % 10 == 0) calls.Add(host.Grains.Call<IProbeGrain>("a", grain => grain.Leave()));
        }
        await Eventually.In(Task.WhenAll(calls));
    }

    [Fact]
    public async Task An_idle_grain_is_dropped_and_comes_back()
    {
        await using var host = await Opened();
        Assert.Equal(2, await Twice(host.Grains, "a"));
        await host.LetIdleTimePass();
        await Eventually.True(() => Board.Count("deactivate a") == 1);
        Assert.Equal(1, await Eventually.In(host.Grains.Call<IProbeGrain, int>("a", grain => grain.AddOne())));
    }

    [Fact]
    public async Task A_grain_with_a_call_in_progress_is_not_dropped()
    {
        await using var host = await Opened();
        var call = host.Grains.Call<IProbeGrain>("a", grain => grain.Pass("long"));
        await Eventually.True(() => Board.Lines.Contains("begin long"));
        await host.LetIdleTimePass();
        Board.Open("long");
        await Eventually.In(call);
        Assert.True(Board.Lines.ToList().IndexOf("end long") < (uint)Board.Lines.ToList().IndexOf("deactivate a"));
    }

    [Fact]
    public async Task A_failing_activation_answers_its_callers_and_the_next_call_tries_again()
    {
        Board.ActivationFails = true;
        await using var host = await Start();
        var calls = Enumerable.Range(0, 3).Select(_ => host.Grains.Call<IProbeGrain, string>("a", grain => grain.Echo("x"))).ToList();
        Board.Open("activation");
        foreach (var call in calls) await Assert.ThrowsAnyAsync<Exception>(() => Eventually.In(call));
        Board.ActivationFails = false;
        Assert.Equal("x", await Eventually.In(host.Grains.Call<IProbeGrain, string>("a", grain => grain.Echo("x"))));
    }

    [Fact]
    public async Task A_refusal_is_a_value()
    {
        await using var host = await Opened();
        var outcome = await Eventually.In(host.Grains.Call<IProbeGrain, Outcome<string>>("a", grain => grain.Refuse()));
        Assert.Equal(ErrorCatalogue.PackageUnknown.With("no"), outcome.Error);
    }

    [Fact]
    public async Task An_exception_reaches_the_caller_and_the_grain_goes_on()
    {
        await using var host = await Opened();
        var thrown = await Assert.ThrowsAsync<InvalidOperationException>(
            () => Eventually.In(host.Grains.Call<IProbeGrain, string>("a", grain => grain.Throw())));
        Assert.Equal("a bug", thrown.Message);
        Assert.Equal(2, await Twice(host.Grains, "a"));
        Assert.Equal(1, Board.Count("activate a"));
    }

    [Fact]
    public async Task A_call_that_was_cancelled_inside_is_cancelled_for_its_caller()
    {
        await using var host = await Opened();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(
            () => Eventually.In(host.Grains.Call<IProbeGrain, string>("a", grain => grain.Cancelled())));
    }

    [Fact]
    public async Task A_caller_that_stops_waiting_does_not_stop_the_call()
    {
        await using var host = await Opened();
        using var patience = new CancellationTokenSource();
        var call = host.Grains.Call<IProbeGrain>("a", grain => grain.Pass("long"));
        var waiting = call.WaitAsync(patience.Token);
        await patience.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => waiting);
        Board.Open("long");
        await Eventually.In(call);
        Assert.Contains("end long", Board.Lines);
    }

    [Fact]
    public async Task Grains_call_grains()
    {
        await using var host = await Opened();
        Assert.Equal("deep", await Eventually.In(host.Grains.Call<IProbeGrain, string>("a", grain => grain.AskAnother("b", "deep"))));
        Assert.Equal("the end", await Eventually.In(host.Grains.Call<IProbeGrain, string>("a", grain => grain.Ring(["b", "c", "d"], 0))));
    }

    [Fact]
    public async Task A_ring_of_calls_fails_instead_of_waiting_for_ever()
    {
        await using var host = await Opened();
        await Assert.ThrowsAnyAsync<Exception>(
            () => Eventually.In(host.Grains.Call<IProbeGrain, string>("a", grain => grain.Ring(["b", "c", "a"], 0))));
        Assert.Equal(2, await Twice(host.Grains, "a"));
    }

    [Fact]
    public async Task What_flows_with_the_caller_does_not_flow_into_the_grain()
    {
        await using var host = await Opened();
        ProbeGrain.Local.Value = "mine";
        Assert.Null(await Eventually.In(host.Grains.Call<IProbeGrain, string?>("a", grain => grain.SeesAsyncLocal())));
        Assert.Null(await Eventually.In(host.Grains.Call<IInterleavingProbeGrain, string?>("a", grain => grain.SeesAsyncLocal())));
        Assert.Equal("mine", ProbeGrain.Local.Value);
    }

    private static async Task<int> Twice(IGrains grains, string key)
    {
        await Eventually.In(grains.Call<IProbeGrain, int>(key, grain => grain.AddOne()));
        return await Eventually.In(grains.Call<IProbeGrain, int>(key, grain => grain.AddOne()));
    }
}
