using System.Text.Json.Nodes;
using ArtifactStore.Cli;
using ArtifactStore.Client.Tests.StandIn;
using ArtifactStore.Interfaces.Errors;

namespace ArtifactStore.Client.Tests;

public sealed class PushTests
{
    [Fact]
    public async Task K05_push_stores_every_file_finalizes_and_prints_the_manifest_digest()
    {
        await using var fixture = await Fixture.Start();
        fixture.Write("a.txt", "alpha");
        fixture.Write("deep/er/b.json", "{}");
        fixture.Write("empty", "");

        var ran = await fixture.Push("--metadata", "commit=abc", "-m", "tries:=3");

        Assert.Equal((ExitCode.Ok, ""), (ran.ExitCode, ran.Error));
        var package = fixture.Store.OnlyPackage;
        Assert.Equal(["a.txt", "deep/er/b.json", "empty"], package.Sorted().Select(file => file.Key));
        Assert.Equal("text/plain", package.MediaTypeOf("a.txt"));
        Assert.Equal("""{"commit":"abc","tries":3}""", package.Request["metadata"]!.ToJsonString());
        Assert.Contains((string)package.Describe()["manifest_digest"]!, ran.Out);
        Assert.Contains(package.Id, ran.Out);
    }

    [Fact]
    public async Task Pushing_the_same_directory_again_uploads_nothing_and_asks_little()
    {
        await using var fixture = await Fixture.Start();
        for (var i = 0; i < 300; i++) fixture.Write($"f{i}", $"content {i}");
        await fixture.Push();
        fixture.Store.Requests.Clear();

        var ran = await fixture.Push("--json");

        Assert.Equal(ExitCode.Ok, ran.ExitCode);
        var document = JsonNode.Parse(ran.Out)!;
        Assert.Equal((0, 300), ((int)document["uploaded_files"]!, (int)document["linked_files"]!));
        Assert.DoesNotContain(fixture.Store.Requests, request => request.StartsWith("PUT"));
        Assert.InRange(fixture.Store.Requests.Count, 4, 60);
        Assert.Equal(2, fixture.Store.PackageCount);
    }

    [Fact]
    public async Task A_file_that_changed_under_the_same_size_and_time_is_read_again()
    {
        await using var fixture = await Fixture.Start();
        fixture.ClockAhead = TimeSpan.FromHours(1);
        var file = fixture.Write("f", "one");
        await fixture.Push();
        var time = File.GetLastWriteTimeUtc(file);
        File.WriteAllText(file, "two");
        File.SetLastWriteTimeUtc(file, time);

        await fixture.Push();

        Assert.Equal("two", Text(fixture.Store.Packages.Last(), "f"));
    }

    [Fact]
    public async Task Equal_files_are_uploaded_once_and_linked()
    {
        await using var fixture = await Fixture.Start();
        for (var i = 0; i < 20; i++) fixture.Write($"copy{i}", "the same");

        var ran = await fixture.Push("--jobs", "1");

        Assert.Equal(ExitCode.Ok, ran.ExitCode);
        Assert.Equal(20, fixture.Store.OnlyPackage.Sorted().Count());
        Assert.True(fixture.Store.Requests.Count(request => request.StartsWith("PUT")) < 20);
    }

    [Fact]
    public async Task The_same_command_continues_after_an_interruption_and_stores_each_file_once()
    {
        await using var fixture = await Fixture.Start();
        for (var i = 0; i < 10; i++) fixture.Write($"f{i:00}", $"content {i}");
        fixture.Store.Interfere = async http =>
        {
            if (http.Request.Method != "PUT" || !http.Request.Path.Value!.EndsWith("f07", StringComparison.Ordinal)) return false;
            await StandInStore.Refuse(http, ErrorCatalogue.StorageFull.With("no room"));
            return true;
        };
        var first = await fixture.Push("--jobs", "1");
        Assert.Equal(ExitCode.Failed, first.ExitCode);
        Assert.Contains("to continue: run the same command again, or: artifactstore push --resume", first.Error);
        var uploaded = fixture.Store.OnlyPackage.Sorted().Count();
        Assert.InRange(uploaded, 1, 9);

        fixture.Store.Interfere = _ => Task.FromResult(false);
        var second = await fixture.Push("--json");

        Assert.Equal(ExitCode.Ok, second.ExitCode);
        Assert.Contains("continuing package", second.Error);
        Assert.Equal(uploaded, (int)JsonNode.Parse(second.Out)!["resumed_files"]!);
        Assert.Equal(10, fixture.Store.OnlyPackage.Sorted().Count());

        // The note is gone: a third push makes another package.
        await fixture.Push();
        Assert.Equal(2, fixture.Store.PackageCount);
    }

    [Fact]
    public async Task A_lost_answer_to_the_creation_does_not_make_a_second_package()
    {
        await using var fixture = await Fixture.Start();
        fixture.Write("f", "x");
        var creations = 0;
        fixture.Store.Interfere = http =>
        {
            if (http.Request.Method == "POST" && http.Request.Path == "/packages" && Interlocked.Increment(ref creations) == 1)
                http.Response.OnStarting(() => { http.Abort(); return Task.CompletedTask; });
            return Task.FromResult(false);
        };

        var ran = await fixture.Push();

        Assert.Equal(ExitCode.Ok, ran.ExitCode);
        Assert.Equal(2, creations);
        Assert.Equal(1, fixture.Store.PackageCount);
    }

    [Fact]
    public async Task Resuming_refuses_a_file_that_is_other_than_in_the_package_and_names_it()
    {
        await using var fixture = await Fixture.Start();
        fixture.Write("a", "one");
        fixture.Write("b", "two");
        using var client = fixture.Client();
        var package = await client.CreatePackageAsync(new("n", "ci", "s", "transient"));
        fixture.Store.Package(package.Id.ToString()).Add("b", Address("other"), "other"u8.ToArray(), "text/plain");

        var ran = await fixture.Run("push", "--resume", package.Id.ToString(), fixture.In("tree"));

        Assert.Equal(ExitCode.Failed, ran.ExitCode);
        Assert.Contains("error: b has other bytes on disk than in package", ran.Error);
    }

    [Fact]
    public async Task Resuming_refuses_when_the_package_has_a_file_that_the_directory_has_not()
    {
        await using var fixture = await Fixture.Start();
        fixture.Write("a", "one");
        using var client = fixture.Client();
        var package = await client.CreatePackageAsync(new("n", "ci", "s", "transient"));
        fixture.Store.Package(package.Id.ToString()).Add("z/gone", Address("x"), "x"u8.ToArray(), "text/plain");

        var ran = await fixture.Run("push", fixture.In("tree"), "--resume", package.Id.ToString());

        Assert.Equal(ExitCode.Failed, ran.ExitCode);
        Assert.Contains("z/gone is in package", ran.Error);
        Assert.Null(fixture.Store.OnlyPackage.Manifest);
    }

    [Fact]
    public async Task A_symbolic_link_is_refused_before_anything_is_created_and_left_out_on_request()
    {
        await using var fixture = await Fixture.Start();
        fixture.Write("a", "one");
        File.CreateSymbolicLink(fixture.In("tree/link"), "/etc/passwd");
        Directory.CreateSymbolicLink(fixture.In("tree/linked-directory"), "/etc");

        var refused = await fixture.Push();
        Assert.Equal(ExitCode.Failed, refused.ExitCode);
        Assert.Contains("linked-directory is a symbolic link", refused.Error);
        Assert.Equal(0, fixture.Store.PackageCount);

        var skipped = await fixture.Push("--skip-links");
        Assert.Equal(ExitCode.Ok, skipped.ExitCode);
        Assert.Contains("warning: skipped: ", skipped.Error);
        Assert.Equal(["a"], fixture.Store.OnlyPackage.Sorted().Select(file => file.Key));
    }

    [Fact]
    public async Task A_name_that_no_package_can_hold_is_refused_before_anything_is_created()
    {
        await using var fixture = await Fixture.Start();
        fixture.Write("back\\slash", "x");

        var ran = await fixture.Push();

        Assert.Equal(ExitCode.Failed, ran.ExitCode);
        Assert.Contains("contains a backslash", ran.Error);
        Assert.Equal(0, fixture.Store.PackageCount);
    }

    [Fact]
    public async Task Names_with_every_awkward_character_arrive_as_they_are()
    {
        await using var fixture = await Fixture.Start();
        string[] names = ["a b", "a%2Fb", "a+b", "a#b?c=d&e", "[markup]", "ünïcödé", "日本/語", "e\u0301", "~tilde", "..hidden", "a:b;c,d", "\U0001F600", "\uFF21", "a-b", "a/b"];
        foreach (var name in names.Where(name => name != "a/b")) fixture.Write(name, name);
        fixture.Write("sub/b", "sub");

        var ran = await fixture.Push("--json");

        Assert.Equal((ExitCode.Ok, ""), (ran.ExitCode, ran.Error));
        Assert.All(names.Where(name => name != "a/b"), name => Assert.Equal(name, Text(fixture.Store.OnlyPackage, name)));
    }

    [Fact]
    public async Task A_dry_run_says_what_would_be_uploaded_and_changes_nothing()
    {
        await using var fixture = await Fixture.Start();
        fixture.Write("a", "one");

        var ran = await fixture.Push("--dry-run");

        Assert.Equal(ExitCode.Ok, ran.ExitCode);
        Assert.Contains("would upload 1", ran.Out);
        Assert.Equal(0, fixture.Store.PackageCount);
        Assert.Empty(fixture.Store.Contents);
    }

    [Fact]
    public async Task Interrupting_stops_cleanly_and_says_how_to_continue()
    {
        await using var fixture = await Fixture.Start();
        for (var i = 0; i < 5; i++) fixture.Write($"f{i}", $"{i}");
        using var interrupt = new CancellationTokenSource();
        fixture.Store.Interfere = async http =>
        {
            if (http.Request.Method != "PUT") return false;
            await interrupt.CancelAsync();
            // No answer comes; the client leaves.
            await Task.Delay(Timeout.Infinite, http.RequestAborted).ContinueWith(_ => { });
            return true;
        };

        var ran = await fixture.Run(
            interrupt.Token, "push", fixture.In("tree"), "--producer", "ci", "--subject", "s", "--retention-class", "transient");

        Assert.Equal(ExitCode.Interrupted, ran.ExitCode);
        Assert.Contains("artifactstore push --resume", ran.Error);
        Assert.EndsWith("error: interrupted\n", ran.Error);
    }

    [Fact]
    public async Task A_file_that_changes_after_it_was_hashed_is_hashed_again()
    {
        await using var fixture = await Fixture.Start();
        var file = fixture.Write("log", "first");
        var asked = 0;
        fixture.Store.Interfere = http =>
        {
            // Between hashing and uploading stands the question what is missing.
            if (http.Request.Path == "/contents/missing" && Interlocked.Increment(ref asked) == 1) File.WriteAllText(file, "second, and longer");
            return Task.FromResult(false);
        };

        var ran = await fixture.Push();

        Assert.Equal(ExitCode.Ok, ran.ExitCode);
        Assert.Equal("second, and longer", Text(fixture.Store.OnlyPackage, "log"));
    }

    internal static string Address(string text) =>
        $"blake3:{Convert.ToHexStringLower(Interfaces.Hashing.Blake3.Hash(System.Text.Encoding.UTF8.GetBytes(text)))}";

    private static string Text(StandInPackage package, string path) =>
        System.Text.Encoding.UTF8.GetString(package.Sorted().Single(file => file.Key == path).Value);
}
