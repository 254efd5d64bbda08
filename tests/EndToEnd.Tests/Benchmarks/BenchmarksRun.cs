using ArtifactStore.EndToEnd.Tests.Fixtures;

namespace ArtifactStore.EndToEnd.Tests.Benchmarks;

/// <summary><c>make bench</c> with tiny sizes: no number is judged here, only that every benchmark still does its work.</summary>
public class BenchmarksRun
{
    /// <summary>Some thirty servers are started one after another, on a machine that other tests share.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(5);

    [Fact]
    public async Task Every_benchmark_runs_and_the_table_has_a_row_for_each()
    {
        using var folder = new TemporaryFolder();
        // Under root PostgreSQL runs as a user of its own, and has its data in there.
        await Execution.Run("chmod", ["711", folder.Path]);
        var program = Path.Combine(AppContext.BaseDirectory, "ArtifactStore.Benchmarks");
        string[] arguments = ["--quick", "--executable", StoreProcess.Executable, "--data", folder.Path];
        var finished = await Execution.Run(program, arguments, directory: folder.Path, atMost: Patience);
        Assert.True(finished.ExitCode == 0, finished.ToString());
        string[] measures =
        [
            "push 1 KiB into one package", "push 50 unchanged files", "peak memory", "start with", "replay of", "sweep of", "plan of", "references let go", "journal, 64",
            "journal on PostgreSQL",
            "push 1 KiB on PostgreSQL, 8 clients", "push 1 KiB on PostgreSQL, 32 clients", "push 1 KiB through 3 nodes", "feed on another node",
            "push 4 MiB into RGW", "push 4 KiB into RGW", "read 1 MiB of 4 MiB in RGW",
        ];
        foreach (var measure in measures) Assert.Contains($"| {measure}", finished.Output, StringComparison.Ordinal);
        Assert.DoesNotContain("could not be measured", finished.Output, StringComparison.Ordinal);
        Assert.Empty(Directory.GetFileSystemEntries(folder.Path));
    }
}
