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

    private readonly Queue<Action> waiting = new();
    private readonly object gate = new();
    private int threads;
    private int idle;

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
        lock (gate)
        {
            if (waiting.Count >= MaxWaiting)
                throw new BlobStoreException(BlobFailure.Unavailable, $"The disk of {name} is {MaxWaiting} operations behind.");
            waiting.Enqueue(job);
            if (idle >= waiting.Count)
            {
                Monitor.Pulse(gate);
                return;
            }
            if (threads == MaxThreads) return;
            threads++;
        }
        new Thread(Serve) { IsBackground = true, Name = name }.UnsafeStart();
    }

    private void Serve()
    {
        while (Next() is { } job) job();
    }

    private Action? Next()
    {
        lock (gate)
        {
            while (waiting.Count == 0)
            {
                idle++;
                var woken = Monitor.Wait(gate, IdleMilliseconds);
                idle--;
                if (woken || waiting.Count > 0) continue;
                threads--;
                return null;
            }
            return waiting.Dequeue();
        }
    }
}
