namespace ArtifactStore.Storage.Journal;

/// <summary>
/// The head of the log, and those who wait for it to move. All waiters share one signal, so ten thousand long polls cost the writer one
/// exchange. The head moves after the commit and before the append's answer; it never moves back.
/// </summary>
internal sealed class JournalFeed(TimeProvider time)
{
    private long _head;
    private TaskCompletionSource _moved = NewSignal();

    public long Head => Volatile.Read(ref _head);

    public void MoveTo(long sequence)
    {
        var known = Head;
        while (known < sequence)
        {
            var found = Interlocked.CompareExchange(ref _head, sequence, known);
            if (found == known) break;
            known = found;
        }
        if (known >= sequence) return;
        Interlocked.Exchange(ref _moved, NewSignal()).SetResult();
    }

    public async Task<long> Wait(long after, TimeSpan atMost, CancellationToken cancellation)
    {
        var started = time.GetTimestamp();
        while (true)
        {
            // The signal is taken before the head is read: a move between the two completes the signal in hand.
            var signal = Volatile.Read(ref _moved).Task;
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
