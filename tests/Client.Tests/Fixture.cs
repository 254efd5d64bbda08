using ArtifactStore.Cli;
using ArtifactStore.Client.Tests.StandIn;

namespace ArtifactStore.Client.Tests;

/// <summary>Output of one run of the command line.</summary>
internal sealed record Ran(int ExitCode, string Out, string Error);

/// <summary>A store, a directory that goes away, and a command line whose state lies in it.</summary>
internal sealed class Fixture : IAsyncDisposable
{
    private Fixture(StandInStore store) => Store = store;

    public StandInStore Store { get; }

    public string Root { get; } = Directory.CreateTempSubdirectory("artifactstore-").FullName;

    public Dictionary<string, string> Variables { get; } = [];

    /// <summary>How far the clock of the command line is ahead: files are old then, without a test having to wait for it.</summary>
    public TimeSpan ClockAhead { get; set; }

    public static async Task<Fixture> Start()
    {
        var fixture = new Fixture(await StandInStore.Start());
        fixture.Variables["ARTIFACTSTORE_API_URL"] = fixture.Store.Url.ToString();
        fixture.Variables["XDG_STATE_HOME"] = Path.Combine(fixture.Root, "state");
        return fixture;
    }

    public string In(string path) => Path.Combine(Root, path);

    public string Write(string path, string text, string below = "tree")
    {
        var full = Path.Combine(Root, below, path);
        Directory.CreateDirectory(Path.GetDirectoryName(full)!);
        File.WriteAllText(full, text);
        return full;
    }

    /// <summary>The waits of retries pass at once: what is tested is that they are there, bounded, and not how long they are.</summary>
    public ArtifactStoreClient Client(int maxAttempts = 6) => new(new(Store.Url, new HastyClock(), new Random(1))
    {
        Token = Store.RequiredToken,
        Retries = new() { MaxAttempts = maxAttempts },
    });

    public Task<Ran> Run(params string[] args) => Run(CancellationToken.None, args);

    public async Task<Ran> Run(CancellationToken cancellation, params string[] args)
    {
        using var output = new StringWriter();
        using var error = new StringWriter();
        var host = new CliHost(output, TextWriter.Synchronized(error), Variables.GetValueOrDefault, new HastyClock { Ahead = ClockAhead }, new Random(1)) { Version = "1.2.3" };
        var code = await CommandLine.RunAsync(args, host, new NoAdministrativeVerbs(), cancellation);
        return new(code, output.ToString(), error.ToString());
    }

    public Task<Ran> Push(params string[] more) =>
        Run(["push", In("tree"), "--producer", "ci", "--subject", "build-7", "--retention-class", "transient", .. more]);

    public async ValueTask DisposeAsync()
    {
        await Store.DisposeAsync();
        Directory.Delete(Root, recursive: true);
    }
}

/// <summary>Timers that are shorter than a stall are due at once; the time of day is the real one.</summary>
internal sealed class HastyClock : TimeProvider
{
    public List<TimeSpan> Waits { get; } = [];

    public TimeSpan Ahead { get; init; }

    public override DateTimeOffset GetUtcNow() => base.GetUtcNow() + Ahead;

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
    {
        var isBackoff = dueTime > TimeSpan.Zero && dueTime < TimeSpan.FromSeconds(99) && period == Timeout.InfiniteTimeSpan;
        if (isBackoff)
        {
            lock (Waits) Waits.Add(dueTime);
        }
        return System.CreateTimer(callback, state, isBackoff ? TimeSpan.FromMilliseconds(1) : dueTime, period);
    }
}
