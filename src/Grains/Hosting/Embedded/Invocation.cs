using System.Runtime.CompilerServices;
using ArtifactStore.Interfaces.Hosting;

namespace ArtifactStore.Grains.Hosting.Embedded;

/// <summary>One call on its way: waits in the mailbox, is started by a turn, completes the caller's task.</summary>
internal interface IInvocation
{
    Activation? Target { get; set; }

    /// <summary>The call whose turn made this one; null when it came from outside. Forgotten when the call has ended.</summary>
    IInvocation? Caller { get; set; }

    /// <summary>Begins the call on the grain, inside a turn. Tells the target when it has ended, now or later.</summary>
    void Start(GrainBase grain);

    void Fail(Exception exception);
}

/// <summary>It is its own completion source: one object less a call. Continuations never run inside the grain's turn.</summary>
internal sealed class Invocation<TGrain, TResult>(Func<TGrain, Task<TResult>> call)
    : TaskCompletionSource<TResult>(TaskCreationOptions.RunContinuationsAsynchronously), IInvocation
    where TGrain : class, IGrain
{
    private TaskAwaiter<TResult> _awaiter;
    private Task<TResult>? _running;

    public Activation? Target { get; set; }

    public IInvocation? Caller { get; set; }

    public void Start(GrainBase grain)
    {
        try
        {
            _running = call((TGrain)(object)grain);
            _awaiter = _running.GetAwaiter();
        }
        catch (Exception exception)
        {
            Fail(exception);
            Target!.Ended(this);
            return;
        }
        if (_running.IsCompleted) Finish();
        else _awaiter.UnsafeOnCompleted(Finish);
    }

    public void Fail(Exception exception) => TrySetException(exception);

    private void Finish()
    {
        TrySetFromTask(_running!);
        _running = null;
        _awaiter = default;
        Target!.Ended(this);
    }
}
