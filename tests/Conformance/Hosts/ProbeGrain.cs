using System.Collections.Immutable;
using ArtifactStore.Grains.Hosting;
using ArtifactStore.Interfaces.Errors;
using ArtifactStore.Interfaces.Hosting;

namespace ArtifactStore.Conformance.Hosts;

public interface IProbeGrain : IGrain
{
    /// <summary>Writes "begin name", waits at the gate of that name, writes "end name".</summary>
    Task Pass(string name);

    Task<string> Echo(string text);

    /// <summary>Adds one, with a wait in the middle of reading and writing. Loses some when turns overlap.</summary>
    Task<int> AddOne();

    /// <summary>True when this is still the activation's turn after several kinds of waiting.</summary>
    Task<int> ManyWaits(int count);

    Task<Outcome<string>> Refuse();

    Task<string> Throw();

    Task<string> Cancelled();

    Task<string> AskAnother(string key, string text);

    /// <summary>Calls the grain with the next key of the ring, which ends where it began.</summary>
    Task<string> Ring(ImmutableArray<string> keys, int next);

    Task Leave();

    Task<string?> SeesAsyncLocal();
}

/// <summary>The same grain as <see cref="IProbeGrain"/>, interleaving.</summary>
public interface IInterleavingProbeGrain : IProbeGrain;

public class ProbeGrain(Board board, IGrains grains) : GrainBase, IProbeGrain
{
    public static readonly AsyncLocal<string?> Local = new();

    private int _count;
    private int _inside;

    public async Task Pass(string name)
    {
        board.Write($"begin {name}");
        await board.Pass(name);
        board.Write($"end {name}");
    }

    public Task<string> Echo(string text) => Task.FromResult(text);

    public async Task<int> AddOne()
    {
        var seen = ++_inside;
        if (seen != 1) board.Write("overlap");
        _count++;
        _inside--;
        await Task.Yield();
        return _count;
    }

    public async Task<int> ManyWaits(int count)
    {
        for (var i = 0; i < count; i++)
        {
            // Two turns at once would see each other here.
            if (++_inside != 1) board.Write("overlap");
            _count++;
            _inside--;
            // Three ways to let go of the thread; none of them may let another turn in.
            var wait = (i % 3) switch
            {
                0 => Foreign(),
                1 => Task.Delay(1),
                _ => board.Pass("open"),
            };
            await wait;
        }
        return _count;
    }

    public Task<Outcome<string>> Refuse() => Task.FromResult<Outcome<string>>(ErrorCatalogue.PackageUnknown.With("no"));

    public Task<string> Throw() => throw new InvalidOperationException("a bug");

    public async Task<string> Cancelled()
    {
        using var source = new CancellationTokenSource();
        await source.CancelAsync();
        await Task.FromCanceled(source.Token);
        return "";
    }

    public Task<string> AskAnother(string key, string text) => grains.Call<IProbeGrain, string>(key, grain => grain.Echo(text));

    public Task<string> Ring(ImmutableArray<string> keys, int next)
    {
        if (next == keys.Length) return Task.FromResult("the end");
        return grains.Call<IProbeGrain, string>(keys[next], grain => grain.Ring(keys, next + 1));
    }

    public Task Leave()
    {
        DeactivateSoon();
        return Task.CompletedTask;
    }

    public Task<string?> SeesAsyncLocal() => Task.FromResult(Local.Value);

    protected override async Task OnActivate()
    {
        board.Write($"activate {Key}");
        await board.Pass("activation");
        if (board.ActivationFails) throw new InvalidOperationException("cannot activate");
    }

    protected override Task OnDeactivate()
    {
        board.Write($"deactivate {Key}");
        return Task.CompletedTask;
    }

    private static Task Foreign()
    {
        var source = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        ThreadPool.QueueUserWorkItem(_ => source.SetResult());
        return source.Task;
    }
}

[Interleaves]
public sealed class InterleavingProbeGrain(Board board, IGrains grains) : ProbeGrain(board, grains), IInterleavingProbeGrain;
