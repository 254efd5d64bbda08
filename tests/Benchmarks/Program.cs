using ArtifactStore.Benchmarks.Cases;
using ArtifactStore.Benchmarks.Processes;
using ArtifactStore.Benchmarks.Suite;

(string Name, Func<Workbench, Task> Run)[] all =
[
    ("push-large", PushLarge.Run),
    ("push-small", PushSmall.Run),
    ("read-small", ReadSmall.Run),
    ("blake3", Blake3Speed.Run),
    ("download-large", DownloadLarge.Run),
    ("repush", Repush.Run),
    ("memory", Memory.Run),
    ("startup", Startup.Run),
    ("list", ListPackages.Run),
    ("replay", Replay.Run),
    ("collection", Collection.Run),
    ("journal", Journal.Run),
    ("journal-postgres", Journal.RunOnPostgres),
    ("push-postgres", PushPostgres.Run),
    ("cluster", Cluster.Run),
    ("feed-latency", FeedLatency.Run),
    ("s3-large", S3Large.Run),
    ("s3-small", S3Small.Run),
    ("s3-range", S3Range.Run),
];

if (!Options.TryParse(args, [.. all.Select(one => one.Name)], out var options, out var complaint))
{
    await Console.Error.WriteLineAsync(complaint);
    return 2;
}
await using var children = new Children();
using var bench = new Workbench(options!, children);
bench.Say(Machine.Describe(bench.Folder));

var failed = 0;
foreach (var (name, run) in all.Where(one => options!.Names.Contains(one.Name)))
{
    bench.Begin(name);
    try
    {
        await run(bench);
    }
    catch (Exception broken)
    {
        children.RestWhenEnding();
        // Whatever it was, the others still say something.
        failed++;
        bench.Say($"  {name} could not be measured: {(broken is BenchmarkException ? broken.Message : broken)}");
        bench.Report.Add(new Row(name, "could not be measured", "", "", "", null));
    }
    finally
    {
        children.RestWhenEnding();
        // What a broken benchmark leaves running would disturb the next one.
        await children.DisposeAsync();
        bench.Clear();
    }
}
bench.Say("");
bench.Say(bench.Report.ToMarkdown());
return failed == 0 ? 0 : 1;
