using ArtifactStore.Benchmarks.Suite;
using ArtifactStore.Conformance.Servers;

namespace ArtifactStore.Benchmarks.Processes;

/// <summary>The PostgreSQL of the tests, with its data on the measured disk.</summary>
internal static class PostgresEndpoint
{
    /// <summary>Null: it is not installed, and that was said.</summary>
    public static async Task<PostgresServer?> Start(Workbench bench)
    {
        if (!bench.Has("postgres")) return null;
        var folder = bench.NewFolder("postgres");
        try
        {
            return await PostgresServer.StartNew(folder);
        }
        catch (InvalidOperationException refusal)
        {
            throw new BenchmarkException(
                $"no PostgreSQL in {folder}: {refusal.Message} (under root its own user must be able to enter: name another folder with --data)");
        }
    }
}
