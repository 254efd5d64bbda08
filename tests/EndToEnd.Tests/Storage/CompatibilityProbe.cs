using System.Text.Json;
using ArtifactStore.Architecture.Tests;
using ArtifactStore.EndToEnd.Tests.Fixtures;

namespace ArtifactStore.EndToEnd.Tests.Storage;

/// <summary><c>artifactstore storage probe</c> as an operator runs it: no server, no database.</summary>
public class CompatibilityProbe
{
    /// <summary>What docs/COMPATIBILITY.md records of Ceph RGW is what the Ceph RGW of the tests answers, word by word.</summary>
    [Fact]
    public async Task The_recorded_result_of_ceph_rgw_is_what_the_probe_prints_today()
    {
        await using var bucket = await RgwBucket.Create();
        using var folder = new TemporaryFolder();
        var finished = await Run(folder, bucket, "s3");
        Assert.True(finished.ExitCode == 0, finished.ToString());
        var page = await File.ReadAllTextAsync(Checkout.Path("docs", "COMPATIBILITY.md"));
        var recorded = page.Split("<!-- recorded -->\n```text\n")[1].Split("```")[0];
        // The first line names the endpoint and the bucket.
        Assert.Equal(recorded.Split('\n')[1..], finished.Output.Split('\n')[1..]);
        Assert.Empty(await bucket.Names());
        Assert.Empty(Directory.GetFileSystemEntries(folder.Path));
    }

    [Fact]
    public async Task The_answer_is_one_json_document_and_a_failure_has_an_exit_code()
    {
        await using var bucket = await RgwBucket.Create();
        using var folder = new TemporaryFolder();
        var finished = await Run(folder, bucket, "s3", "--json", "ARTIFACTSTORE_S3_SSE=AES256");
        Assert.Equal(1, finished.ExitCode);
        using var document = JsonDocument.Parse(finished.Output);
        Assert.False(document.RootElement.GetProperty("ok").GetBoolean());
        Assert.Equal(1, document.RootElement.GetProperty("profile").GetInt32());
        var failed = document.RootElement.GetProperty("lines").EnumerateArray().Where(line => line.GetProperty("result").ValueEquals("fail"));
        Assert.Equal("sse", Assert.Single(failed).GetProperty("name").GetString());
        RgwBucket.RequireNoSecretIn(finished.ToString(), folder.Path);
    }

    [Theory]
    [InlineData("local", "nothing to probe")]
    [InlineData("other", "names local and s3")]
    public async Task A_backend_without_an_endpoint_is_a_wrong_command_line(string backend, string words)
    {
        await using var bucket = await RgwBucket.Create();
        using var folder = new TemporaryFolder();
        var finished = await Run(folder, bucket, backend);
        Assert.Equal(2, finished.ExitCode);
        Assert.Contains(words, finished.Errors, StringComparison.Ordinal);
    }

    private static async Task<Finished> Run(TemporaryFolder folder, RgwBucket bucket, string backend, params string[] more)
    {
        var variables = new Dictionary<string, string?>();
        bucket.Configure(variables);
        variables["ARTIFACTSTORE_STORAGE_BACKENDS"] = "local,s3";
        foreach (var pair in more.Where(one => one.Contains('=')).Select(one => one.Split('='))) variables[pair[0]] = pair[1];
        string[] arguments = ["storage", "probe", "--backend", backend, .. more.Where(one => !one.Contains('='))];
        return await Execution.Run(StoreProcess.Executable, arguments, variables, folder.Path);
    }
}
