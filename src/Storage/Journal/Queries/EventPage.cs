using ArtifactStore.Interfaces.Journal;
using ArtifactStore.Interfaces.Views;

namespace ArtifactStore.Storage.Journal.Queries;

/// <summary>
/// A page of the log in the making. A hole cannot be: a reader that finds one stops and says so, because what follows cannot be trusted.
/// </summary>
/// <param name="after">The line before the page.</param>
/// <param name="everyLine">The page is of all types, so each line must follow the one before.</param>
internal sealed class EventPage(long after, bool everyLine)
{
    private readonly List<EventRecord> _events = [];
    private long _bytes;

    public IReadOnlyList<EventRecord> Events => _events;

    /// <summary>No more lines are to be added, because of their bytes (<see cref="PageLimit"/>).</summary>
    public bool IsFull => _bytes >= PageLimit.Bytes;

    public void Add(EventRecord record)
    {
        var last = after + _events.Count;
        if (everyLine && record.Sequence != last + 1)
            throw new InvalidDataException(
                $"the log has a hole: after event {last} comes event {record.Sequence}; restore it from a backup");
        _events.Add(record);
        _bytes += record.Payload.Length;
    }
}
