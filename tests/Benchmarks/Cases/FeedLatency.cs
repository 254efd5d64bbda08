using System.Diagnostics;
using System.Text;
using System.Text.Json;
using ArtifactStore.Benchmarks.Load;
using ArtifactStore.Benchmarks.Processes;
using ArtifactStore.Benchmarks.Suite;

namespace ArtifactStore.Benchmarks.Cases;

/// <summary>
/// Single files are pushed through one node while a consumer waits in <c>GET /events</c> of another. An event counts as committed when its
/// push was answered, and as delivered when the poll's answer was read. The commit lies a little before the answer, so what is measured is a
/// little too short, and nothing when the event came first; the time since just before the push was sent is shown beside, and is too long.
/// </summary>
internal static class FeedLatency
{
    private const double MaxP99Seconds = 0.05;

    public static async Task Run(Workbench bench)
    {
        await using var server = await PostgresEndpoint.Start(bench);
        if (server is null) return;
        var (folder, database) = (bench.NewFolder("nodes"), await server.NewDatabase());
        using var first = StoreServer.Start(bench, folder, database);
        using var second = StoreServer.Start(bench, folder, database);
        using var producer = first.Connect();
        var package = producer.CreatePackage("feed");
        var push = new Push(producer, package, Bytes.Random(seed: 3, bench.Scale.SmallBytes));
        using var another = new Delivery("another node", bench, second, push);
        using var same = new Delivery("the same node", bench, first, push);
        bench.Alternate(bench.Scale.Rounds, another.Side, same.Side);

        var goal = new Goal(MaxP99Seconds, AtLeast: false, Units.Seconds);
        bench.Report.Add(RowOf(bench, "from answered push to delivery", another.AfterAnswer, same.AfterAnswer, goal));
        bench.Report.Add(RowOf(bench, "from sending the push to delivery", another.AfterSending, same.AfterSending, goal: null));
    }

    private static Row RowOf(Workbench bench, string measure, Series another, Series same, Goal? goal) => new(
        Units.Text($"feed on another node, {measure}, p99 of {bench.Scale.FeedEvents}"), another.ToString(), $"{same.Name}: {same}", "",
        goal?.ToString() ?? "", goal?.Met(another.Median));

    /// <summary>A push at a time; the files are numbered through all rounds.</summary>
    private sealed class Push(HttpConnection connection, string package, byte[] bytes)
    {
        public int Number { get; private set; }

        /// <summary>The time before it was sent and the time when it was answered.</summary>
        public (long Sent, long Answered) Next()
        {
            Bytes.Stamp(bytes);
            Number++;
            var sent = Stopwatch.GetTimestamp();
            connection.PutFile(package, PathOf(Number), bytes);
            return (sent, Stopwatch.GetTimestamp());
        }

        public static string PathOf(int number) => Units.Text($"f{number}");
    }

    /// <summary>A consumer at one node, and what it saw in each round.</summary>
    private sealed class Delivery : IDisposable
    {
        private const string FileIngested = "v1.file.ingested";
        private const int WaitSeconds = 10;
        private const int MaxPauseMilliseconds = 8;
        private readonly Workbench _bench;
        private readonly HttpConnection _consumer;
        private readonly Push _push;
        private readonly Random _pauses = new(4);
        private string _cursor = "0";
        private double _p99AfterSending;

        public Delivery(string name, Workbench bench, StoreServer node, Push push)
        {
            (_bench, _push) = (bench, push);
            _consumer = new(node.Url, $"Authorization: Bearer {StoreServer.Token}\r\nAccept: application/json\r\n");
            AfterAnswer = new(name, Units.Seconds);
            AfterSending = new(name, Units.Seconds);
            // The first round is the one that is not counted.
            var counted = bench.Options.Quick;
            Side = new(AfterAnswer, Measure, Prepare: CatchUp, CleanUp: () =>
            {
                if (counted) AfterSending.Add(_p99AfterSending);
                counted = true;
            });
        }

        public Series AfterAnswer { get; }

        public Series AfterSending { get; }

        public Side Side { get; }

        public void Dispose() => _consumer.Dispose();

        /// <summary>Nothing of the other side's round is left to be delivered.</summary>
        private void CatchUp()
        {
            while (Poll(waitSeconds: 0).Paths.Length > 0)
            {
            }
        }

        /// <summary>The p99 in seconds, counted from the answer of each push.</summary>
        private double Measure()
        {
            var (events, before) = (_bench.Scale.FeedEvents, _push.Number);
            var delivered = new long[events];
            using var arrived = new SemaphoreSlim(0);
            var (afterAnswer, afterSending) = (new double[events], new double[events]);
            Clients.InParallel(clients: 2, client =>
            {
                if (client == 0) Consume(before, delivered, arrived);
                else Produce(delivered, arrived, afterAnswer, afterSending);
            });
            _p99AfterSending = P99(afterSending);
            return P99(afterAnswer);
        }

        private void Consume(int before, long[] delivered, SemaphoreSlim arrived)
        {
            for (var number = 0; number < delivered.Length; number++)
            {
                var (at, paths) = Poll(WaitSeconds);
                if (paths is not [var path] || path != Push.PathOf(before + number + 1))
                    throw new BenchmarkException($"push {number + 1} was answered by the feed with [{string.Join(", ", paths)}]");
                delivered[number] = at;
                arrived.Release();
            }
        }

        private void Produce(long[] delivered, SemaphoreSlim arrived, double[] afterAnswer, double[] afterSending)
        {
            for (var number = 0; number < delivered.Length; number++)
            {
                // The next poll must be waiting already, or no wake is measured; and not always equally long, so that nothing beats in time.
                Thread.Sleep(_pauses.Next(2, MaxPauseMilliseconds));
                var (sent, answered) = _push.Next();
                if (!arrived.Wait(TimeSpan.FromSeconds(2 * WaitSeconds))) throw new BenchmarkException($"push {number + 1} never came through the feed");
                afterAnswer[number] = Math.Max(0, delivered[number] - answered) / (double)Stopwatch.Frequency;
                afterSending[number] = (delivered[number] - sent) / (double)Stopwatch.Frequency;
            }
        }

        /// <summary>The time at which the answer had been read, and the paths of the files that it told of.</summary>
        private (long At, string[] Paths) Poll(int waitSeconds)
        {
            var target = Units.Text($"/events?after={_cursor}&types={FileIngested}&limit=1000&wait={waitSeconds}");
            var answer = _consumer.Send("GET", target).Expect(200);
            var at = Stopwatch.GetTimestamp();
            using var page = JsonDocument.Parse(answer.Body);
            _cursor = page.RootElement.GetProperty("next_cursor").GetString()!;
            return (at, [.. page.RootElement.GetProperty("items").EnumerateArray().Select(PathOf)]);
        }

        private static string PathOf(JsonElement item) => item.GetProperty("payload").GetProperty("relative_path").GetString()!;

        private static double P99(double[] seconds) => seconds.Order().ElementAt((int)(seconds.Length * 0.99));
    }
}
