using System.Text.Json.Nodes;
using ArtifactStore.Cli;
using Microsoft.AspNetCore.Http;

namespace ArtifactStore.Client.Tests;

public sealed class PullTests
{
    [Fact]
    public async Task What_was_pushed_comes_back_byte_for_byte()
    {
        await using var fixture = await Fixture.Start();
        fixture.Write("a.txt", "alpha");
        fixture.Write("deep/er/b", new string('b', 300_000));
        fixture.Write("empty", "");
        await fixture.Push();

        var ran = await fixture.Run("pull", fixture.Store.OnlyPackage.Id, fixture.In("back"), "--json");

        Assert.Equal((ExitCode.Ok, ""), (ran.ExitCode, ran.Error));
        Assert.Equal(3, (int)JsonNode.Parse(ran.Out)!["written_files"]!);
        AssertSame(fixture.In("tree"), fixture.In("back"));
    }

    [Fact]
    public async Task Pulling_again_keeps_what_is_right_and_refuses_what_is_other()
    {
        await using var fixture = await Fixture.Start();
        fixture.Write("a", "alpha");
        fixture.Write("b", "beta");
        await fixture.Push();
        var id = fixture.Store.OnlyPackage.Id;
        fixture.Write("a", "alpha", "back");
        fixture.Write("b", "BETA", "back");

        var refused = await fixture.Run("pull", id, fixture.In("back"));
        Assert.Equal(ExitCode.Failed, refused.ExitCode);
        Assert.Contains("b exists and has other content", refused.Error);
        Assert.Equal("BETA", File.ReadAllText(fixture.In("back/b")));

        var overwritten = await fixture.Run("pull", id, fixture.In("back"), "--overwrite");
        Assert.Equal(ExitCode.Ok, overwritten.ExitCode);
        Assert.Contains("1 written, 1 already there", overwritten.Out);
        AssertSame(fixture.In("tree"), fixture.In("back"));
    }

    [Fact]
    public async Task A_content_with_a_flipped_bit_never_gets_its_name()
    {
        await using var fixture = await Fixture.Start();
        fixture.Write("a", "alpha");
        await fixture.Push();
        fixture.Store.Contents[PushTests.Address("alpha")] = "alphb"u8.ToArray();

        var ran = await fixture.Run("pull", fixture.Store.OnlyPackage.Id, fixture.In("back"));

        Assert.Equal(ExitCode.VerificationFailed, ran.ExitCode);
        Assert.Contains("error: a: the bytes received are", ran.Error);
        Assert.Empty(Directory.GetFileSystemEntries(fixture.In("back")));
    }

    [Fact]
    public async Task A_manifest_other_than_the_pinned_one_is_refused()
    {
        await using var fixture = await Fixture.Start();
        fixture.Write("a", "alpha");
        await fixture.Push();

        var ran = await fixture.Run("pull", fixture.Store.OnlyPackage.Id, fixture.In("back"), "--digest", PushTests.Address("another"));

        Assert.Equal(ExitCode.VerificationFailed, ran.ExitCode);
        Assert.False(Directory.Exists(fixture.In("back")));
    }

    [Fact]
    public async Task A_manifest_that_is_not_what_its_digest_promises_is_refused()
    {
        await using var fixture = await Fixture.Start();
        fixture.Write("a", "alpha");
        await fixture.Push();
        fixture.Store.Interfere = async http =>
        {
            if (!http.Request.Path.Value!.EndsWith("/manifest", StringComparison.Ordinal)) return false;
            await http.Response.Body.WriteAsync(new byte[] { 0xa0 });
            return true;
        };

        var ran = await fixture.Run("pull", fixture.Store.OnlyPackage.Id, fixture.In("back"));

        Assert.Equal(ExitCode.VerificationFailed, ran.ExitCode);
    }

    [Theory]
    [InlineData("../outside")]
    [InlineData("/etc/outside")]
    [InlineData("a/../../outside")]
    [InlineData("a//b")]
    [InlineData("")]
    public async Task A_manifest_with_a_path_that_leads_out_changes_nothing(string path)
    {
        await using var fixture = await Fixture.Start();
        fixture.Store.Contents[PushTests.Address("x")] = "x"u8.ToArray();
        var package = await Closed(fixture, ("0-good", PushTests.Address("x"), 1), (path.Length == 0 ? "1" : path, PushTests.Address("x"), 1));
        if (path.Length == 0) fixture.Store.Package(package).Close(("", PushTests.Address("x"), 1));

        var ran = await fixture.Run("pull", package, fixture.In("deep/back"));

        Assert.Equal(ExitCode.VerificationFailed, ran.ExitCode);
        Assert.False(Directory.Exists(fixture.In("deep")));
    }

    [Fact]
    public async Task A_manifest_that_names_a_path_twice_is_refused()
    {
        await using var fixture = await Fixture.Start();
        var package = await Closed(fixture, ("a", PushTests.Address("x"), 1), ("a", PushTests.Address("y"), 1));

        var ran = await fixture.Run("pull", package, fixture.In("back"));

        Assert.Equal(ExitCode.VerificationFailed, ran.ExitCode);
        Assert.Contains("out of order", ran.Error);
    }

    [Fact]
    public async Task Pull_does_not_write_through_a_link_that_lies_in_the_target()
    {
        await using var fixture = await Fixture.Start();
        fixture.Write("dir/a", "alpha");
        fixture.Write("b", "beta");
        await fixture.Push();
        Directory.CreateDirectory(fixture.In("elsewhere"));
        Directory.CreateDirectory(fixture.In("back"));
        Directory.CreateSymbolicLink(fixture.In("back/dir"), fixture.In("elsewhere"));

        var directory = await fixture.Run("pull", fixture.Store.OnlyPackage.Id, fixture.In("back"));
        Assert.Equal(ExitCode.Failed, directory.ExitCode);
        Assert.Contains("pull does not write through links", directory.Error);
        Assert.Empty(Directory.GetFileSystemEntries(fixture.In("elsewhere")));

        Directory.Delete(fixture.In("back/dir"));
        File.Delete(fixture.In("back/b"));
        File.CreateSymbolicLink(fixture.In("back/b"), fixture.In("elsewhere/b"));
        var file = await fixture.Run("pull", fixture.Store.OnlyPackage.Id, fixture.In("back"), "--overwrite");
        Assert.Equal(ExitCode.Failed, file.ExitCode);
        Assert.Empty(Directory.GetFileSystemEntries(fixture.In("elsewhere")));
    }

    [Fact]
    public async Task An_interrupted_pull_continues_inside_a_file()
    {
        await using var fixture = await Fixture.Start();
        var text = string.Concat(Enumerable.Range(0, 200_000).Select(i => $"{i},"));
        fixture.Write("big", text);
        await fixture.Push();
        var id = fixture.Store.OnlyPackage.Id;
        using var interrupt = new CancellationTokenSource();
        fixture.Store.Interfere = async http =>
        {
            if (!http.Request.Path.StartsWithSegments("/contents")) return false;
            http.Response.ContentLength = text.Length;
            await http.Response.Body.WriteAsync(System.Text.Encoding.UTF8.GetBytes(text).AsMemory(0, 500_000));
            await http.Response.Body.FlushAsync();
            await Received(fixture.In("back"), 500_000);
            await interrupt.CancelAsync();
            // No answer comes; the client leaves.
            await Task.Delay(Timeout.Infinite, http.RequestAborted).ContinueWith(_ => { });
            return true;
        };
        var first = await fixture.Run(interrupt.Token, "pull", id, fixture.In("back"));
        Assert.Equal(ExitCode.Interrupted, first.ExitCode);
        Assert.Contains("run the same command again to continue", first.Error);

        string? range = null;
        fixture.Store.Interfere = http =>
        {
            if (http.Request.Path.StartsWithSegments("/contents")) range = http.Request.Headers.Range;
            return Task.FromResult(false);
        };
        var second = await fixture.Run("pull", id, fixture.In("back"));

        Assert.Equal(ExitCode.Ok, second.ExitCode);
        Assert.Equal("bytes=500000-", range);
        AssertSame(fixture.In("tree"), fixture.In("back"));
    }

    [Fact]
    public async Task A_wrong_beginning_from_an_earlier_run_is_thrown_away()
    {
        await using var fixture = await Fixture.Start();
        fixture.Write("a", "alpha");
        await fixture.Push();
        var id = fixture.Store.OnlyPackage.Id;
        fixture.Store.Interfere = http =>
        {
            if (!http.Request.Path.StartsWithSegments("/contents")) return Task.FromResult(false);
            http.Abort();
            return Task.FromResult(true);
        };
        Assert.Equal(ExitCode.Unreachable, (await fixture.Run("pull", id, fixture.In("back"))).ExitCode);
        var partial = Directory.GetFiles(fixture.In("back")).Single();
        File.WriteAllText(partial, "zzz");

        fixture.Store.Interfere = _ => Task.FromResult(false);
        var ran = await fixture.Run("pull", id, fixture.In("back"));

        Assert.Equal(ExitCode.Ok, ran.ExitCode);
        AssertSame(fixture.In("tree"), fixture.In("back"));
    }

    [Fact]
    public async Task A_package_that_is_not_finalized_has_no_manifest_to_verify_against()
    {
        await using var fixture = await Fixture.Start();
        using var client = fixture.Client();
        var package = await client.CreatePackageAsync(new("n", "ci", "s", "transient"));

        var ran = await fixture.Run("pull", package.Id.ToString(), fixture.In("back"));

        Assert.Equal(ExitCode.Failed, ran.ExitCode);
        Assert.Contains("is not finalized", ran.Error);
    }

    private static async Task<string> Closed(Fixture fixture, params (string Path, string Address, long Size)[] files)
    {
        using var client = fixture.Client();
        var package = await client.CreatePackageAsync(new("n", "ci", "s", "transient"));
        fixture.Store.Package(package.Id.ToString()).Close(files);
        return package.Id.ToString();
    }

    private static async Task Received(string directory, long bytes)
    {
        using var deadline = new CancellationTokenSource(TimeSpan.FromSeconds(30));
        while (!Directory.Exists(directory) || Directory.GetFiles(directory).Sum(file => new FileInfo(file).Length) < bytes)
            // How often the files are looked at; what is waited for is that they have so many bytes.
            await Task.Delay(5, deadline.Token);
    }

    private static void AssertSame(string expected, string actual)
    {
        var names = Directory.GetFiles(expected, "*", SearchOption.AllDirectories).Select(file => Path.GetRelativePath(expected, file)).Order().ToList();
        Assert.Equal(names, Directory.GetFiles(actual, "*", SearchOption.AllDirectories).Select(file => Path.GetRelativePath(actual, file)).Order());
        Assert.All(names, name => Assert.Equal(File.ReadAllBytes(Path.Combine(expected, name)), File.ReadAllBytes(Path.Combine(actual, name))));
    }
}
