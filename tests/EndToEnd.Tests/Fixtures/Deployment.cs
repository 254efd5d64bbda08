namespace ArtifactStore.EndToEnd.Tests.Fixtures;

/// <summary>
/// What a store of the suite runs on. The tests are the same on each; <c>ARTIFACTSTORE_TEST_STORE</c> says which one this run is about:
/// <c>sqlite</c> (also when it is not set), <c>postgres</c> or <c>cluster</c>. A test about one of them in particular names it.
/// </summary>
internal sealed record Deployment(string Name, bool Postgres, int Nodes)
{
    public static readonly Deployment Sqlite = new("sqlite", Postgres: false, Nodes: 1);
    public static readonly Deployment PostgresNode = new("postgres", Postgres: true, Nodes: 1);

    /// <summary>Three nodes on one database and one storage root, behind a balancer that gives each connection to the next node.</summary>
    public static readonly Deployment Cluster = new("cluster", Postgres: true, Nodes: 3);

    public static readonly Deployment OfThisRun = Environment.GetEnvironmentVariable("ARTIFACTSTORE_TEST_STORE") is { Length: > 0 } name ? Named(name) : Sqlite;

    public static Deployment Named(string name) => name switch
    {
        "sqlite" => Sqlite,
        "postgres" => PostgresNode,
        "cluster" => Cluster,
        _ => throw new InvalidOperationException($"ARTIFACTSTORE_TEST_STORE is '{name}'; sqlite, postgres and cluster are known"),
    };
}
