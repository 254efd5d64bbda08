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
    public void K15_a_store_with_local_bytes_loads_no_s3_library()
    {
        var locks = Directory.GetFiles(Checkout.Path("src"), "packages*.lock.json", SearchOption.AllDirectories);
        Assert.NotEmpty(locks);
        foreach (var file in locks)
        {
            Assert.DoesNotContain("AWSSDK", File.ReadAllText(file), StringComparison.OrdinalIgnoreCase);
        }
    }

    [GeneratedRegex(@"build/[\w.-]+\.sh", RegexOptions.None, 1000)]
    private static partial Regex Script();
}
