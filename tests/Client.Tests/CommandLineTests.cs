using System.Text.Json.Nodes;
using ArtifactStore.Cli;
using ArtifactStore.Client.Tests.StandIn;

namespace ArtifactStore.Client.Tests;

public sealed class CommandLineTests
{
    public static TheoryData<string> Helps => ["", "version", "health", "push", "pull", "manifest", "ls", "delete", "explain", "events", "backup"];

    [Theory]
    [MemberData(nameof(Helps))]
    public async Task The_help_is_the_golden_one_and_the_manual_quotes_it(string verb)
    {
        await using var fixture = await Fixture.Start();
        var ran = await fixture.Run(verb.Length == 0 ? ["--help"] : [verb, "--help"]);
        Assert.Equal(ExitCode.Ok, ran.ExitCode);
        var help = ran.Out.TrimEnd().ReplaceLineEndings("\n") + "\n";
        // The name of the process that runs the tests is not the program's.
        help = help.Replace(System.CommandLine.RootCommand.ExecutableName, "artifactstore");
        var name = verb.Length == 0 ? "help.txt" : $"help.{verb}.txt";
        if (Environment.GetEnvironmentVariable("UPDATE_GOLDEN") is { Length: > 0 } golden) File.WriteAllText(Path.Combine(golden, name), help);
        else Assert.Equal(File.ReadAllText(Path.Combine(AppContext.BaseDirectory, "Golden", name)), help);
        Assert.Contains(help, File.ReadAllText(Manual()));
    }

    [Fact]
    public async Task K11_help_lists_every_subcommand()
    {
        await using var fixture = await Fixture.Start();
        var help = (await fixture.Run("--help")).Out;
        Assert.All(Helps.Where(verb => verb.Data.Length > 0), verb => Assert.Contains($"  {verb.Data}", help));
    }

    [Fact]
    public async Task K01_version_is_a_semantic_version()
    {
        await using var fixture = await Fixture.Start();
        var ran = await fixture.Run("version");
        Assert.Equal(ExitCode.Ok, ran.ExitCode);
        Assert.Matches(@"\A\d+\.\d+\.\d+", ran.Out);
        Assert.Equal("1.2.3", (string)JsonNode.Parse((await fixture.Run("version", "--json")).Out)!["version"]!);
    }

    [Fact]
    public async Task K04_health_is_the_payload_of_the_route()
    {
        await using var fixture = await Fixture.Start();
        var ran = await fixture.Run("health");
        using var http = new HttpClient();
        Assert.Equal(ExitCode.Ok, ran.ExitCode);
        Assert.True(JsonNode.DeepEquals(JsonNode.Parse(await http.GetStringAsync(new Uri(fixture.Store.Url, "health"))), JsonNode.Parse(ran.Out)));
    }

    [Fact]
    public async Task K06_manifest_prints_the_bytes_of_the_route()
    {
        await using var fixture = await Fixture.Start();
        fixture.Write("a", "alpha");
        await fixture.Push();
        var id = fixture.Store.OnlyPackage.Id;

        var json = await fixture.Run("manifest", id);
        Assert.Equal("{\"files\":[]}\n", json.Out);
        Assert.Equal(ExitCode.Ok, (await fixture.Run("manifest", id, "--cbor", fixture.In("m.cbor"))).ExitCode);
        Assert.Equal(fixture.Store.OnlyPackage.Manifest, File.ReadAllBytes(fixture.In("m.cbor")));
    }

    [Fact]
    public async Task C06_the_address_comes_from_the_option_else_from_the_variable()
    {
        await using var fixture = await Fixture.Start();
        var url = fixture.Variables["ARTIFACTSTORE_API_URL"];
        Assert.Equal(ExitCode.Ok, (await fixture.Run("health")).ExitCode);
        fixture.Variables["ARTIFACTSTORE_API_URL"] = $"http://127.0.0.1:{StandInStore.FreePort()}";
        Assert.Equal(ExitCode.Unreachable, (await fixture.Run("health")).ExitCode);
        Assert.Equal(ExitCode.Ok, (await fixture.Run("health", "--api-url", url)).ExitCode);
        Assert.Equal(ExitCode.Usage, (await fixture.Run("health", "--api-url", "here")).ExitCode);
    }

    [Fact]
    public async Task C07_without_the_token_push_exits_with_3_and_with_it_with_0()
    {
        await using var fixture = await Fixture.Start();
        fixture.Write("a", "alpha");
        fixture.Store.RequiredToken = "s3cret";

        var refused = await fixture.Push();
        Assert.Equal(ExitCode.Unauthorized, refused.ExitCode);
        Assert.StartsWith("error: Authentication is required", refused.Error);

        fixture.Variables["ARTIFACTSTORE_API_TOKEN"] = "s3cret";
        Assert.Equal(ExitCode.Ok, (await fixture.Push()).ExitCode);
        fixture.Variables.Remove("ARTIFACTSTORE_API_TOKEN");
        File.WriteAllText(fixture.In("token"), "s3cret\n");
        Assert.Equal(ExitCode.Ok, (await fixture.Push("--token-file", fixture.In("token"))).ExitCode);
    }

    [Fact]
    public async Task A_token_on_the_command_line_is_refused_and_not_repeated()
    {
        await using var fixture = await Fixture.Start();
        var ran = await fixture.Run("ls", "--token", "s3cret");
        Assert.Equal(ExitCode.Usage, ran.ExitCode);
        Assert.Contains("--token-file", ran.Error);
        Assert.DoesNotContain("s3cret", ran.Error + ran.Out);
    }

    [Fact]
    public async Task A_server_that_is_not_there_is_one_sentence_at_once()
    {
        await using var fixture = await Fixture.Start();
        var nobody = $"http://127.0.0.1:{StandInStore.FreePort()}";
        var ran = await fixture.Run("ls", "--api-url", nobody);
        Assert.Equal(ExitCode.Unreachable, ran.ExitCode);
        Assert.Equal($"error: cannot reach {nobody}: connection refused; is the server running? (start it with: artifactstore serve)\n", ran.Error);
    }

    [Theory]
    [InlineData("push")]
    [InlineData("push", "/tmp", "--producer", "ci")]
    [InlineData("pull", "not-an-id", "/tmp/x")]
    [InlineData("manifest")]
    [InlineData("events", "--after", "-1")]
    [InlineData("ls", "--status", "odd")]
    [InlineData("explain")]
    [InlineData("explain", "not-an-address")]
    [InlineData("explain", "blake3:12")]
    [InlineData("explain", "--free", "ten")]
    [InlineData("explain", "--free", "0")]
    [InlineData("explain", "01890000-0000-7000-8000-000000000000", "--free", "1GB")]
    [InlineData("explain", "01890000-0000-7000-8000-000000000000", "--limit", "0")]
    [InlineData("no-such-verb")]
    public async Task A_wrong_command_line_exits_with_2_and_points_to_the_help(params string[] args)
    {
        await using var fixture = await Fixture.Start();
        var ran = await fixture.Run(args);
        Assert.Equal(ExitCode.Usage, ran.ExitCode);
        Assert.StartsWith("error: ", ran.Error);
        Assert.Contains("--help", ran.Error);
        Assert.Empty(fixture.Store.Requests);
    }

    [Fact]
    public async Task An_unknown_package_exits_with_4()
    {
        await using var fixture = await Fixture.Start();
        var ran = await fixture.Run("manifest", Guid.NewGuid().ToString());
        Assert.Equal(ExitCode.NotFound, ran.ExitCode);
        Assert.StartsWith("error: No such package", ran.Error);
    }

    [Fact]
    public async Task A_refused_request_exits_with_1_and_says_how_to_do_better()
    {
        await using var fixture = await Fixture.Start();
        fixture.Write("a", "alpha");
        var ran = await fixture.Run("push", fixture.In("tree"), "--producer", "ci", "--subject", "s", "--retention-class", "forever");
        Assert.Equal(ExitCode.Failed, ran.ExitCode);
        Assert.Contains("No such retention class", ran.Error);
        Assert.Contains("The classes are", ran.Error);
    }

    [Fact]
    public async Task Lists_and_events_are_json_lines_on_request_and_nothing_else_is_on_standard_output()
    {
        await using var fixture = await Fixture.Start();
        fixture.Write("a", "alpha");
        fixture.Write("b\u00e9", "beta");
        await fixture.Push();
        var id = fixture.Store.OnlyPackage.Id;

        foreach (var args in (string[][])[["ls"], ["ls", id], ["events"]])
        {
            var ran = await fixture.Run([.. args, "--json"]);
            Assert.Equal(ExitCode.Ok, ran.ExitCode);
            var lines = ran.Out.Split('\n', StringSplitOptions.RemoveEmptyEntries);
            Assert.NotEmpty(lines);
            Assert.All(lines, line => Assert.IsType<JsonObject>(JsonNode.Parse(line)));
            Assert.Equal(lines.Length, (await fixture.Run(args)).Out.Split('\n', StringSplitOptions.RemoveEmptyEntries).Length);
        }
    }

    private static string Manual()
    {
        var directory = AppContext.BaseDirectory;
        while (!File.Exists(Path.Combine(directory, "ArtifactStore.sln"))) directory = Path.GetDirectoryName(directory)!;
        return Path.Combine(directory, "docs", "cli.md");
    }
}
