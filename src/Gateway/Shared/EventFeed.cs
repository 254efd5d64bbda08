using ArtifactStore.Interfaces.Errors;
using ArtifactStore.Interfaces.Journal;
using ArtifactStore.Interfaces.Views;

namespace ArtifactStore.Gateway.Shared;

/// <param name="After">Sequence of the last event that the consumer has seen; 0 for none.</param>
/// <param name="Types">Empty: all.</param>
/// <param name="Wait">How long to wait for the first event that matches.</param>
public sealed record EventQuery(long After, int Limit, IReadOnlyList<string> Types, TimeSpan Wait);

/// <param name="Next">Pass it as <see cref="EventQuery.After"/> next time.</param>
public sealed record EventPage(IReadOnlyList<EventRecord> Events, long Next, long Head);

/// <summary>
/// The log, tailed. Invariant: <see cref="EventPage.Next"/> never passes an event that matched and was not in the page. It may pass events
/// that did not match, so that a consumer of a rare type does not read the whole log again.
/// </summary>
public sealed class EventFeed(IJournal journal, IViews views, TimeProvider time)
{
    public const int MaxWaiting = 1024;
    public static readonly TimeSpan MaxWait = TimeSpan.FromSeconds(60);

    private int _waiting;

    /// <param name="stopping">Ends the waiting early with the page as it is; nothing is lost by that.</param>
    public async Task<Outcome<EventPage>> Read(EventQuery query, CancellationToken stopping, CancellationToken cancellation)
    {
        var started = time.GetTimestamp();
        var after = query.After;
        while (true)
        {
            // Before the read: everything up to here is in the answer, whatever is committed meanwhile.
            var head = journal.Head;
            var events = await views.Events(after, query.Limit, query.Types, cancellation);
            // A page that has events may have been cut, by rows or by bytes; only an empty one says that nothing up to the head matched.
            var next = events.Count > 0 ? events[^1].Sequence : Math.Max(after, head);
            var left = query.Wait - time.GetElapsedTime(started);
            if (events.Count > 0 || left <= TimeSpan.Zero || stopping.IsCancellationRequested)
                return new EventPage(events, next, Math.Max(head, next));
            after = next;
            if (await Wait(after, left, stopping, cancellation) is { } refusal) return refusal;
        }
    }

    private async Task<Error?> Wait(long after, TimeSpan atMost, CancellationToken stopping, CancellationToken cancellation)
    {
        try
        {
            if (Interlocked.Increment(ref _waiting) > MaxWaiting)
                return ErrorCatalogue.Overloaded.With($"{MaxWaiting} consumers are waiting for events already");
            using var either = CancellationTokenSource.CreateLinkedTokenSource(stopping, cancellation);
            await journal.WaitForEvents(after, atMost, either.Token);
        }
        catch (OperationCanceledException) when (stopping.IsCancellationRequested && !cancellation.IsCancellationRequested)
        {
            // Stopping is no failure of the consumer's: it gets the page it would have got when the time was up.
        }
        finally
        {
            Interlocked.Decrement(ref _waiting);
        }
        return null;
    }
}
