using ArtifactStore.Interfaces.Journal;

namespace ArtifactStore.Conformance.InMemory;

/// <summary>What a test may see of a store besides the ports.</summary>
public sealed partial class InMemoryStore
{
    /// <summary>Reservations that stand.</summary>
    public IReadOnlyList<Interfaces.Contents.Reservation> Standing
    {
        get
        {
            lock (Gate) return [.. Settling.Values.SelectMany(rows => rows.Values)];
        }
    }

    /// <summary>Events in the log.</summary>
    public int Count
    {
        get
        {
            lock (Gate) return Log.Count;
        }
    }

    public int CandidateCount
    {
        get
        {
            lock (Gate) return Candidates.Count;
        }
    }

    /// <summary>The log from the given index on, each event with its sequence.</summary>
    public IReadOnlyList<(StreamEvent Event, long Sequence)> LogFrom(int index)
    {
        lock (Gate) return [.. Log.Skip(index).Select((line, i) => (line.Event, (long)index + i + 1))];
    }

    /// <summary>A store that has nothing but the log of this one.</summary>
    public InMemoryStore Replayed()
    {
        var replayed = new InMemoryStore();
        lock (Gate)
        {
            foreach (var append in Log.GroupBy(line => line.Append))
            {
                var first = append.First();
                replayed.Apply(new(append.Key, first.Event.Stream.Tenant, first.Actor, [.. append.Select(line => line.Event)], [], []));
            }
        }
        return replayed;
    }

    /// <summary>What the views say about packages, locations, references and holds: a line each, in an order that depends on nothing else.</summary>
    public IReadOnlyList<string> Dump()
    {
        lock (Gate)
        {
            var packages = Packages.Values.Select(row =>
                $"package {row.View.Id} {row.View.Status} files={row.View.FileCount} left={Left(row.View)} eligible={row.View.Eligible is not null}");
            var locations = Locations.Values.SelectMany(rows => rows).Select(row =>
                $"location {row.Backend} {row.Content.ToHex()} {row.Generation} {row.State} {row.PhysicalKey}");
            var references = References.Select(row => $"reference {row.Content.ToHex()} in {row.Backend} by {row.Keeper?.ToString() ?? $"hold {row.Hold}"}");
            var holds = Holding.Values.Select(hold => $"hold {hold.Id} on {hold.Kind} {hold.Covers}");
            return [.. packages.Concat(locations).Concat(references).Concat(holds).Order(StringComparer.Ordinal)];
        }
    }
}
