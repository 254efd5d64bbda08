namespace ArtifactStore.Benchmarks.Suite;

/// <summary>How much is done. The full sizes are those that the goals are about.</summary>
internal sealed record Scale
{
    public static readonly Scale Full = new();

    public static readonly Scale Quick = new()
    {
        Rounds = 1,
        LargeBytes = 4 << 20,
        PushSeconds = 0.3,
        GrowthSeconds = 0.1,
        FeedEvents = 10,
        S3RangeRequests = 5,
        ReadSeconds = 1,
        ReadContents = 64,
        RepushFiles = 50,
        Files = 2_000,
        Directories = 500,
        Packages = 1_000,
        ListRequests = 20,
        ReplayRounds = 1,
        SweepRounds = 1,
        CollectSeconds = 5,
        JournalSeconds = 0.3,
    };

    public int Rounds { get; private init; } = 5;
    public long LargeBytes { get; private init; } = 1L << 30;
    public int SmallBytes { get; } = 1024;
    public int Clients { get; } = 8;
    public double PushSeconds { get; private init; } = 4;

    /// <summary>Many numbers of clients are tried, so each gets less time.</summary>
    public double GrowthSeconds { get; private init; } = 2;
    public IReadOnlyList<int> ClientCounts { get; } = [1, 4, 8, 16, 32];
    public int Nodes { get; } = 3;
    public int FeedEvents { get; private init; } = 500;

    /// <summary>Until then the store's compiler takes most of a core, and the endpoint shares the cores.</summary>
    public int S3UncountedRounds { get; } = 5;
    public int S3SmallBytes { get; } = 4096;
    public int S3Clients { get; } = 16;
    public int S3Ranges { get; } = 8;
    public int S3RangeRequests { get; private init; } = 200;

    /// <summary>wrk takes whole seconds.</summary>
    public int ReadSeconds { get; private init; } = 3;
    public int ReadContents { get; private init; } = 4_096;
    public int RepushFiles { get; private init; } = 10_000;
    public int Files { get; private init; } = 1_000_000;
    public int Directories { get; private init; } = 65_536;
    public int Packages { get; private init; } = 1_000_000;
    public int FewPackages { get; } = 100;
    public int ListRequests { get; private init; } = 300;
    public int ReplayRounds { get; private init; } = 5;
    public int SweepRounds { get; private init; } = 3;
    public int CollectSeconds { get; private init; } = 60;
    public int Appenders { get; } = 64;
    public double JournalSeconds { get; private init; } = 3;
}
