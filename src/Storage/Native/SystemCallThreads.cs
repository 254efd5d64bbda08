using ArtifactStore.Interfaces.Blobs;

namespace ArtifactStore.Storage.Native;

/// <summary>
/// Threads that wait for disks. A sync blocks for milliseconds; on the thread pool two of them would hold up a machine of two cores,
/// and the file system only joins syncs into one commit when several wait at the same time. Threads start when needed and end when
/// idle.
/// </summary>
internal sealed class SystemCallThreads(string name)
{
    public const int MaxThreads = 32;
    public const int MaxWaiting = 16_384;
    private const int IdleMilliseconds = 5_000;

    private readonly Queue<Action> _waiting = new();
    private readonly object _gate = new();
    private int _threads;
    private int _idle;

    public Task Run(Action call, CancellationToken cancellation = default) => Run(() => { call(); return true; }, cancellation);

    /// <summary>A call that has begun is not interrupted: cancellation only keeps it from beginning.</summary>
    public Task<T> Run<T>(Func<T> call, CancellationToken cancellation = default)
    {
        var completion = new TaskCompletionSource<T>(TaskCreationOptions.RunContinuationsAsynchronously);
        Enqueue(() =>
        {
            if (cancellation.IsCancellationRequested)
            {
                completion.SetCanceled(cancellation);
                return;
            }
            try
            {
                completion.SetResult(call());
            }
            catch (OperationCanceledException stopped)
            {
                completion.SetCanceled(stopped.CancellationToken);
            }
            catch (Exception failure)
            {
                completion.SetException(failure);
            }
        });
        return completion.Task;
    }

    private void Enqueue(Action job)
    {
        lock (_gate)
        {
            if (_waiting.Count >= MaxWaiting)
                throw new BlobStoreException(BlobFailure.Unavailable, $"The disk of {name} is {MaxWaiting} operations behind.");
            _waiting.Enqueue(job);
            if (_idle >= _waiting.Count)
            {
                Monitor.Pulse(_gate);
                return;
            }
            if (_threads == MaxThreads) return;
            _threads++;
        }
        new Thread(Serve) { IsBackground = true, Name = name }.UnsafeStart();
    }

    private void Serve()
    {
        while (Next() is { } job) job();
    }

    private Action? Next()
    {
        lock (_gate)
        {
            while (_waiting.Count == 0)
            {
                _idle++;
                var woken = Monitor.Wait(_gate, IdleMilliseconds);
                _idle--;
                if (woken || _waiting.Count > 0) continue;
                _threads--;
                return null;
            }
            return _waiting.Dequeue();
        }
    }
}
