namespace ArtifactStore.Storage.Journal;

/// <summary>
/// The head of the log, and those who wait for it to move. All waiters share one signal, so ten thousand long polls cost the writer one
/// exchange. The head moves after the commit and before the append's answer.
/// </summary>
internal sealed class JournalFeed(TimeProvider time)
{
    private long head;
    private TaskCompletionSource moved = NewSignal();

    public long Head => Volatile.Read(ref head);

    public void MoveTo(long sequence)
    {
        if (sequence <= head) return;
        Volatile.Write(ref head, sequence);
        Interlocked.Exchange(ref moved, NewSignal()).SetResult();
    }

    public async Task<long> Wait(long after, TimeSpan atMost, CancellationToken cancellation)
    {
        var started = time.GetTimestamp();
        while (true)
        {
            // The signal is taken before the head is read: a move between the two completes the signal in hand.
            var signal = Volatile.Read(ref moved).Task;
            if (Head > after) return Head;
            var left = atMost - time.GetElapsedTime(started);
            if (left <= TimeSpan.Zero) return Head;
            try
            {
                await signal.WaitAsync(left, time, cancellation);
            }
            catch (TimeoutException)
            {
                return Head;
            }
        }
    }

    private static TaskCompletionSource NewSignal() => new(TaskCreationOptions.RunContinuationsAsynchronously);
}
