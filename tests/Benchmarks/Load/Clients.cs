using System.Diagnostics;

namespace ArtifactStore.Benchmarks.Load;

/// <summary>What a number of clients got done together.</summary>
internal sealed record Throughput(double PerSecond, double P99Seconds);

/// <summary>Closed loops: each client has a thread and a connection, and asks again as soon as it was answered.</summary>
internal static class Clients
{
    public static Throughput Run(int clients, double seconds, Func<int, Action> loopOf)
    {
        var loops = Enumerable.Range(0, clients).Select(loopOf).ToArray();
        var latencies = new List<long>[clients];
        var watch = Stopwatch.StartNew();
        var end = Stopwatch.GetTimestamp() + (long)(seconds * Stopwatch.Frequency);
        InParallel(clients, client => latencies[client] = Repeat(loops[client], end));
        var elapsed = watch.Elapsed.TotalSeconds;
        var all = latencies.SelectMany(list => list).Order().ToArray();
        return new(all.Length / elapsed, all[(int)(all.Length * 0.99)] / (double)Stopwatch.Frequency);
    }

    /// <summary>On threads, because the sockets block. The first failure is thrown when all have ended.</summary>
    public static void InParallel(int clients, Action<int> work)
    {
        Exception? failure = null;
        var threads = Enumerable.Range(0, clients).Select(client => new Thread(() =>
        {
            try
            {
                work(client);
            }
            catch (Exception e)
            {
                Interlocked.CompareExchange(ref failure, e, null);
            }
        })).ToArray();
        foreach (var thread in threads) thread.Start();
        foreach (var thread in threads) thread.Join();
        if (failure is not null) System.Runtime.ExceptionServices.ExceptionDispatchInfo.Throw(failure);
    }

    private static List<long> Repeat(Action once, long end)
    {
        var latencies = new List<long>(100_000);
        long now;
        while ((now = Stopwatch.GetTimestamp()) < end || latencies.Count == 0)
        {
            once();
            latencies.Add(Stopwatch.GetTimestamp() - now);
        }
        return latencies;
    }
}
