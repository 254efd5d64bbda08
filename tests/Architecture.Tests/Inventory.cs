using System.Text.RegularExpressions;

namespace ArtifactStore.Architecture.Tests;

/// <summary>Rows of the inventory that are properties of the checkout.</summary>
[System.Runtime.Versioning.SupportedOSPlatform("linux")]
public partial class Inventory
{
    [Theory]
    [InlineData("run")]
    [InlineData("dev")]
    [InlineData("build")]
    [InlineData("test")]
    [InlineData("test-long")]
    [InlineData("bench")]
    [InlineData("deps")]
    [InlineData("migrate")]
    [InlineData("migrate-fresh")]
    [InlineData("format")]
    public void K12_the_verbs_that_people_expect_are_there_and_what_they_call_exists(string verb)
    {
        var makefile = File.ReadAllText(Checkout.Path("Makefile"));
        var rule = makefile.IndexOf($"\n{verb}:", StringComparison.Ordinal);
        Assert.True(rule >= 0, $"make {verb} is gone");
        var end = makefile.IndexOf("\n\n", rule, StringComparison.Ordinal);
        foreach (var script in Script().Matches(end < 0 ? makefile[rule..] : makefile[rule..end]).Select(match => match.Value))
        {
            Assert.True(File.Exists(Checkout.Path(script)), $"make {verb} calls {script}, which is gone");
            Assert.True(File.GetUnixFileMode(Checkout.Path(script)).HasFlag(UnixFileMode.UserExecute), $"{script} cannot be executed");
        }
    }

    [Fact]
    public void K15_the_s3_client_is_named_in_one_folder_only()
    {
        foreach (var file in Checkout.Sources("src").Where(file => !file.Contains("/src/Storage/Blobs/S3/", StringComparison.Ordinal)))
        {
            Assert.False(File.ReadAllText(file).Contains("Amazon.", StringComparison.Ordinal), $"{Checkout.Relative(file)} names the S3 client");
        }
    }

    /// <summary>An endpoint is asked what it can do; it is never told apart by its maker.</summary>
    [Fact]
    public void The_s3_backend_has_no_branches_for_vendors()
    {
        foreach (var file in Checkout.Sources("src/Storage/Blobs/S3"))
        {
            foreach (var line in File.ReadLines(file).Where(line => !line.TrimStart().StartsWith("//", StringComparison.Ordinal)))
            {
                foreach (var vendor in new[] { "\"Server\"", "ceph", "radosgw", "garage", "rustfs", "seaweed" })
                    Assert.False(line.Contains(vendor, StringComparison.OrdinalIgnoreCase), $"{Checkout.Relative(file)}: {line.Trim()}");
            }
        }
    }

    [GeneratedRegex(@"build/[\w.-]+\.sh", RegexOptions.None, 1000)]
    private static partial Regex Script();
}
