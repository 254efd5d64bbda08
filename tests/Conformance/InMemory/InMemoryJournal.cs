using ArtifactStore.Interfaces.Contents;
using ArtifactStore.Interfaces.Journal;

namespace ArtifactStore.Conformance.InMemory;

/// <summary>The journal's rules without a disk: what a grain is tested against, and what the journal suite proves to be one.</summary>
public sealed class InMemoryJournal(InMemoryStore store, TimeProvider time) : IJournal
{
    public long Head
    {
        get
        {
            lock (store.Gate) return store.Log.Count;
        }
    }

    public Task<IReadOnlyList<AppendResult>> Append(IReadOnlyList<Append> appends, CancellationToken cancellation = default)
    {
        TaskCompletionSource? grown = null;
        var results = new AppendResult[appends.Count];
        lock (store.Gate)
        {
            var before = store.Log.Count;
            for (var i = 0; i < appends.Count; i++) results[i] = Append(appends[i]);
            if (store.Log.Count > before)
            {
                grown = store.Grown;
                store.Grown = new(TaskCreationOptions.RunContinuationsAsynchronously);
            }
        }
        grown?.TrySetResult();
        return Task.FromResult<IReadOnlyList<AppendResult>>(results);
    }

    public Task<ReserveResult> Reserve(ReserveContent request, CancellationToken cancellation = default)
    {
        lock (store.Gate) return Task.FromResult(Reserve(request));
    }

    public async Task<long> WaitForEvents(long after, TimeSpan atMost, CancellationToken cancellation = default)
    {
        var end = Task.Delay(atMost, time, cancellation);
        while (true)
        {
            Task grown;
            lock (store.Gate)
            {
                if (store.Log.Count > after) return store.Log.Count;
                grown = store.Grown.Task;
            }
            if (await Task.WhenAny(grown, end) != end) continue;
            await end;
            return Head;
        }
    }

    private AppendResult Append(Append append)
    {
        if (store.Appends.TryGetValue(append.Id, out var earlier)) return earlier;
        for (var i = 0; i < append.Conditions.Length; i++)
        {
            if (!store.Holds(append.Conditions[i])) return new AppendResult.Refused(i);
        }
        var committed = new AppendResult.Committed(store.Log.Count + 1, append.Events.Length);
        store.Apply(append);
        store.Appends.Add(append.Id, committed);
        return committed;
    }

    private ReserveResult Reserve(ReserveContent request)
    {
        var content = request.Content.Blake3;
        if (store.Live(request.Tenant, request.Backend, content) is { } live) return new ReserveResult.Live(live);
        var settling = store.Reservations(request.Tenant, request.Backend, content);
        if (settling.Values.FirstOrDefault(row => row.Owner == request.Attempt) is { } mine) return new ReserveResult.Granted(mine);
        if (settling.Count > 0 && !request.TakeOver)
        {
            var newest = settling.Values.Last();
            return new ReserveResult.Busy(newest.Owner, newest.Generation);
        }
        var located = store.Of(request.Tenant, request.Backend, content).Select(row => row.Generation);
        var highest = settling.Keys.Concat(located).DefaultIfEmpty().Max();
        var generation = highest + 1;
        var key = PhysicalKey.Of(request.Tenant, content, generation, request.Attempt, incarnation: 1);
        var reservation = new Reservation(request.Tenant, request.Backend, request.Content, generation, key, request.Attempt);
        settling.Add(generation, reservation);
        return new ReserveResult.Granted(reservation);
    }
}
